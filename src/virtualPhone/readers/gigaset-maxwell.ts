import { readAttributePairs } from './attributePairs.ts';
import type { KeyReading, LineReading, Reader, Settings } from './reading.ts';
import { numbersIn } from './settings.ts';

/** Maxwell's `<provisioning>` document; accounts and keys are counted from 0. */
export const gigasetMaxwellReader: Reader = {
  parse: (file) => readAttributePairs(file, { path: ['provisioning', 'nvm', 'param'], name: 'name' }),
  read: (settings) => ({
    lines: numbersIn(settings, /^SIP\.Account\.(\d+)\.Active$/).flatMap((account) => readLine(settings, account)),
    keys: numbersIn(settings, /^PhoneUI\.Keys\.FunctionKeys\.(\d+)\.Type$/).flatMap((key) => readKey(settings, key)),
    deliveryUrl: settings.get('System.Provision.ProvisioningServer') ?? '',
  }),
};

const transports = new Map([
  ['1', 'udp'],
  ['2', 'tls'],
] as const);

function readLine(settings: Settings, index: number): readonly LineReading[] {
  const get = (name: string): string => settings.get(`SIP.Account.${index}.${name}`) ?? '';
  if (get('Active') !== '1') return [];
  const transport = transports.get(settings.get('SIP.TransportProtocol') as '1' | '2');
  if (transport === undefined) throw new Error('no transport');
  const accepts = settings.get('SIP.Security.AcceptNonSRTPCalls') === '1';
  const proxy = get('OutboundProxy.Mode') === '0';
  return [
    {
      line: index + 1,
      label: get('AccountName'),
      displayName: get('DisplayName'),
      user: get('Username'),
      authUser: get('AuthName'),
      password: get('AuthPassword'),
      host: get('RegistrationServer.Address'),
      port: Number(get('RegistrationServer.Port')),
      transport,
      expires: 0,
      srtp: settings.get('SIP.Security.SRTP') !== '1' ? 'off' : accepts ? 'offered' : 'required',
      ...(proxy ? { outboundProxy: `${get('OutboundProxy.Address')}:${get('OutboundProxy.Port')}` } : {}),
      ...(get('VoiceMail.Active') === '1' ? { voicemail: get('VoiceMail.Mailbox') } : {}),
    },
  ];
}

const keyKinds = new Map([
  ['0', 'line'],
  ['3', 'speed dial'],
  ['4', 'blf'],
  ['10', 'voicemail'],
]);

function readKey(settings: Settings, index: number): readonly KeyReading[] {
  const get = (name: string): string => settings.get(`PhoneUI.Keys.FunctionKeys.${index}.${name}`) ?? '';
  const type = get('Type');
  if (type === '-1') return [];
  const value = type === '10' ? get('EnableCode') : get('PhoneNumber');
  return [{ position: index + 1, kind: keyKinds.get(type) ?? type, value, label: get('DisplayName') }];
}
