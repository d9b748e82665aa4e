import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';

const transports: Readonly<Record<string, LineReading['transport']>> = { 1: 'udp', 2: 'tcp', 4: 'tls' };
const srtp = ['off', 'offered', 'required'] as const;
const keyKinds: Readonly<Record<string, string>> = { speeddial: 'speed dial', blf: 'blf', xfer: 'transfer' };
const KEY = /^((?:prg|soft|topsoft)key)(\d+) type$/;

/** Mitel's and Aastra's text files: `name: value`, a value in double quotes or plain up to a `#`, which starts a comment. */
export const mitelReader: Reader = { parse, read };

function parse(file: string): Settings {
  const settings = new Map<string, string>();
  for (const line of file.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, quoted, plain] = /^([^:#"]+):[ \t]*(?:"([^"]*)"|([^"#]*?))[ \t]*(?:#.*)?$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a setting: ${JSON.stringify(line)}`);
    settings.set(name.trim(), quoted ?? plain ?? '');
  }
  return settings;
}

function read(settings: Settings): PhoneReading {
  const protocol = (settings.get('download protocol') ?? '').toLowerCase();
  const get = (name: string): string => settings.get(`${protocol} ${name}`) ?? '';
  return {
    lines: numbersIn(settings, /^sip line(\d+) user name$/).flatMap((line) => readLine(settings, line)),
    keys: [...settings.keys()].flatMap((name) => readKey(settings, KEY.exec(name)?.slice(1, 3) ?? [])),
    ...(protocol === '' ? {} : { deliveryUrl: `${protocol}://${get('server')}:${get('port')}/${get('path')}/` }),
  };
}

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (name: string): string => settings.get(`sip line${line} ${name}`) ?? '';
  if (get('user name') === '') return [];
  const transport = transports[settings.get('sip transport protocol') ?? ''];
  if (transport === undefined) throw new Error('no transport');
  if (get('registrar ip') !== get('proxy ip') || get('registrar port') !== get('proxy port')) {
    throw new Error('calls go to another server than registrations');
  }
  const proxy = get('outbound proxy');
  const voicemail = get('vmail');
  return [
    {
      line,
      label: get('screen name'),
      displayName: get('display name'),
      user: get('user name'),
      authUser: get('auth name'),
      password: get('password'),
      host: get('proxy ip'),
      port: Number(get('proxy port')),
      transport,
      expires: Number(get('registration period')),
      srtp: srtp[Number(get('srtp mode'))] ?? 'off',
      ...(proxy === '0.0.0.0' || proxy === '' ? {} : { outboundProxy: `${proxy}:${get('outbound proxy port')}` }),
      ...unlessEmpty({ voicemail }),
    },
  ];
}

function readKey(settings: Settings, [bank, number]: readonly string[]): readonly KeyReading[] {
  const get = (name: string): string => settings.get(`${bank}${number} ${name}`) ?? '';
  if (bank === undefined || get('type') === 'none') return [];
  const kind = keyKinds[get('type')];
  if (kind === undefined) throw new Error(`not a kind of key: ${get('type')}`);
  return [{ position: Number(number), kind, value: get('value'), label: get('label') }];
}
