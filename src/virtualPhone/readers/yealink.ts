import type { KeyReading, LineReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';

const FIRST_LINE = '#!version:1.0.0.1';
const transports = ['udp', 'tcp', 'tls', 'dns'] as const;
const srtp = ['off', 'offered', 'required'] as const;
const keyKinds = new Map([
  ['3', 'transfer'],
  ['10', 'park'],
  ['11', 'record'],
  ['12', 'voicemail'],
  ['13', 'speed dial'],
  ['15', 'line'],
  ['16', 'blf'],
]);

/** Yealink's text files: `key = value` after an exact first line, `#` comments, values raw to the end of the line. */
export const yealinkReader: Reader = { parse, read };

function parse(file: string): Settings {
  const [first, ...lines] = file.split(/\r?\n/);
  if (first !== FIRST_LINE) throw new Error(`not a Yealink file, its first line is ${JSON.stringify(first)}`);
  const settings = new Map<string, string>();
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    if (equals < 0) throw new Error(`not a Yealink setting: ${JSON.stringify(line)}`);
    const value = line.slice(equals + 1).trim();
    settings.set(line.slice(0, equals).trim(), value === '%NULL%' ? '' : value);
  }
  return settings;
}

function read(settings: Settings): ReturnType<Reader['read']> {
  const url = settings.get('static.auto_provision.server.url') ?? '';
  return {
    lines: numbersIn(settings, /^account\.(\d+)\./).flatMap((line) => readLine(settings, line)),
    keys: [
      ...numbersIn(settings, /^linekey\.(\d+)\./).flatMap((place) => readKey(settings, 'linekey', place)),
      ...numbersIn(settings, /^expansion_module\.1\.key\.(\d+)\./).flatMap((place) =>
        readKey(settings, 'expansion_module.1.key', place),
      ),
    ],
    ...unlessEmpty({ deliveryUrl: url, authorityUrl: settings.get('static.trusted_certificates.url') ?? '' }),
  };
}

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (key: string): string => settings.get(`account.${line}.${key}`) ?? '';
  if (get('enable') !== '1') return [];
  const voicemail = settings.get(`voice_mail.number.${line}`) ?? '';
  const proxy = `${get('outbound_proxy.1.address')}:${get('outbound_proxy.1.port') || '5060'}`;
  return [
    {
      line,
      label: get('label'),
      displayName: get('display_name'),
      user: get('user_name'),
      authUser: get('auth_name') || get('user_name'),
      password: get('password'),
      host: get('sip_server.1.address'),
      port: Number(get('sip_server.1.port') || 5060),
      transport: transports[Number(get('sip_server.1.transport_type') || 0)] ?? 'udp',
      expires: Number(get('sip_server.1.expires') || 3600),
      srtp: srtp[Number(get('srtp_encryption') || 0)] ?? 'off',
      ...(get('outbound_proxy_enable') === '1' ? { outboundProxy: proxy } : {}),
      ...unlessEmpty({ voicemail }),
    },
  ];
}

function readKey(settings: Settings, bank: string, position: number): readonly KeyReading[] {
  const get = (key: string): string => settings.get(`${bank}.${position}.${key}`) ?? '';
  const type = get('type');
  if (type === '' || type === '0') return [];
  return [{ position, kind: keyKinds.get(type) ?? type, value: get('value'), label: get('label') }];
}
