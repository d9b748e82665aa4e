import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { allChildren, attribute, rootOf, textOf } from './xml.ts';
import type { Element } from './xml.ts';

/** Fanvil's `<sysConf>`: settings are named by their way from the top, `sip/line.1/PhoneNumber`. */
export const fanvilReader: Reader = { parse, read };

const transports = new Map<string, LineReading['transport']>([
  ['0', 'udp'],
  ['1', 'tcp'],
  ['3', 'tls'],
]);
const srtp = ['off', 'offered', 'required'] as const;
/** A memory key's number is followed by its line and what it does; `ba` watches and calls. */
const memoryKinds = new Map([
  ['f', 'speed dial'],
  ['ba', 'blf'],
  ['c', 'park'],
]);
const functions = new Map([
  ['F_B_TRANSFER', 'transfer'],
  ['F_MWI', 'voicemail'],
]);

function parse(file: string): Settings {
  const settings = new Map<string, string>();
  collect(rootOf(file, 'sysConf'), '', settings);
  return settings;
}

function collect(element: Element, way: string, settings: Map<string, string>): void {
  for (const [name, child] of allChildren(element)) {
    const index = attribute(child, 'index');
    const path = `${way}${name}${index === '' ? '' : `.${index}`}`;
    settings.set(path, textOf(child));
    collect(child, `${path}/`, settings);
  }
}

function read(settings: Settings): PhoneReading {
  const [server, name] = ['ap/FlashServerIP', 'ap/FlashFileName'].map((key) => settings.get(key) ?? '');
  return {
    lines: numbersIn(settings, /^sip\/line\.(\d+)\/PhoneNumber$/).flatMap((line) => readLine(settings, line)),
    keys: ['dssSide', 'internal'].flatMap((bank) =>
      numbersIn(settings, new RegExp(`^dsskey/${bank}\\.(\\d+)$`)).flatMap((page) =>
        readKeys(settings, `dsskey/${bank}.${page}`),
      ),
    ),
    ...(server ? { deliveryUrl: `${server}${name ?? ''}` } : {}),
  };
}

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (key: string): string => settings.get(`sip/line.${line}/${key}`) ?? '';
  if (get('EnableReg') !== '1' || get('RegisterAddr') === '') return [];
  const transport = transports.get(get('Transport'));
  if (transport === undefined) throw new Error(`no transport: ${get('Transport')}`);
  return [
    {
      line,
      label: settings.get('phone/display/LCDTitle') ?? '',
      displayName: get('DisplayName'),
      user: get('SipName') || get('PhoneNumber'),
      authUser: get('RegisterUser'),
      password: get('RegisterPswd'),
      host: get('RegisterAddr'),
      port: Number(get('RegisterPort') || 5060),
      transport,
      expires: Number(get('RegisterTTL') || 3600),
      srtp: srtp[Number(get('MediaCrypto') || 0)] ?? 'off',
      ...(get('ProxyAddr') === '' ? {} : { outboundProxy: `${get('ProxyAddr')}:${get('ProxyPort') || '5060'}` }),
      ...unlessEmpty({ voicemail: get('MWINum') }),
    },
  ];
}

function readKeys(settings: Settings, page: string): readonly KeyReading[] {
  return numbersIn(settings, new RegExp(`^${page}/Fkey\\.(\\d+)/Type$`)).flatMap((position) => {
    const get = (key: string): string => settings.get(`${page}/Fkey.${position}/${key}`) ?? '';
    const key = readKey(get('Type'), get('Value'));
    return key === undefined ? [] : [{ position, ...key, label: get('Title') }];
  });
}

/** Type 0 is none, 1 a memory key, 2 a line, 3 a function of the phone. */
function readKey(type: string, value: string): Pick<KeyReading, 'kind' | 'value'> | undefined {
  if (type === '0' || type === '') return undefined;
  if (type === '2' && /^SIP\d+$/.test(value)) return { kind: 'line', value: '' };
  if (type === '3') return { kind: functions.get(value) ?? value, value: '' };
  const [, number = '', action = ''] = /^([^@]*)@\d+\/([a-z]+)$/.exec(value) ?? [];
  return { kind: memoryKinds.get(action) ?? `${type} ${value}`, value: number };
}
