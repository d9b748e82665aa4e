import { readAttributePairs } from './attributePairs.ts';
import type { KeyReading, LineReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';

/** Myriad's `<settings><setting id="…" value="…"/></settings>`. */
export const alcatelReader: Reader = {
  parse: (file) => readAttributePairs(file, { path: ['settings', 'setting'], name: 'id' }),
  read: (settings) => ({
    lines: numbersIn(settings, /^Account(\d+)Enable$/).flatMap((line) => readLine(settings, line)),
    keys: numbersIn(settings, /^ProgramKey(\d+)Type$/).flatMap((key) => readKey(settings, key)),
    deliveryUrl: settings.get('DeviceProvisionServerUrl') ?? '',
  }),
};

const transports = ['udp', 'tcp', 'tls'] as const;
const keyKinds = new Map([
  ['1', 'speed dial'],
  ['59', 'blf'],
]);

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (name: string): string => settings.get(`Account${line}${name}`) ?? '';
  if (get('Enable') !== 'true') return [];
  const transport = transports.find((name) => name === get('Server1Transport'));
  if (transport === undefined) throw new Error(`not a transport: ${get('Server1Transport')}`);
  const proxy = get('OutboundProxy1Address');
  const voicemail = get('VmNumber');
  return [
    {
      line,
      label: get('Label'),
      displayName: get('DisplayName'),
      user: get('UserName'),
      authUser: get('RegName'),
      password: get('Password'),
      host: get('Server1Address'),
      port: Number(get('Server1Port')),
      transport,
      expires: Number(get('Server1Expire')),
      srtp: get('SrtpWorkingMode') === '0' ? 'off' : 'offered',
      ...(proxy === '' ? {} : { outboundProxy: `${proxy}:${get('OutboundProxy1Port')}` }),
      ...unlessEmpty({ voicemail }),
    },
  ];
}

function readKey(settings: Settings, position: number): readonly KeyReading[] {
  const get = (name: string): string => settings.get(`ProgramKey${position}${name}`) ?? '';
  const type = get('Type');
  if (type === '') return [];
  return [{ position, kind: keyKinds.get(type) ?? type, value: get('Value'), label: get('Label') }];
}
