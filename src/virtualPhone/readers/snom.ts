import type { KeyReading, LineReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { allChildren, attribute, children, descend, parseXml, rootOf, textOf } from './xml.ts';

/** Snom's `<settings>` and `<setting-files>` documents. */
export const snomReader: Reader = { parse, read };

/** The files that a `<setting-files>` list points to; `undefined` when the document is not such a list. */
export function settingFiles(file: string): readonly string[] | undefined {
  const list = children(parseXml(file), 'setting-files')[0];
  return list && children(list, 'file').map((entry) => attribute(entry, 'url'));
}

/** Settings are named `user_name/1` (with the index, where there is one), a key's label `fkey/0/label`. */
function parse(file: string): Settings {
  const root = rootOf(file, 'settings');
  const settings = new Map<string, string>();
  for (const section of ['phone-settings', 'functionKeys', 'functionkeys'].flatMap((name) => children(root, name))) {
    for (const [name, entry] of allChildren(section)) {
      const index = attribute(entry, 'idx');
      const key = index === '' ? name : `${name}/${index}`;
      settings.set(key, textOf(entry));
      settings.set(`${key}/label`, attribute(entry, 'label'));
      settings.set(`${key}/context`, attribute(entry, 'context'));
    }
  }
  const [certificate] = descend(root, 'certificates', 'certificate');
  if (certificate !== undefined) settings.set('certificate', attribute(certificate, 'url'));
  return settings;
}

function read(settings: Settings): ReturnType<Reader['read']> {
  const url = settings.get('setting_server') ?? '';
  return {
    lines: numbersIn(settings, /^user_name\/(\d+)$/).flatMap((line) => readLine(settings, line)),
    keys: numbersIn(settings, /^fkey\/(\d+)$/).flatMap((index) => readKey(settings, index)),
    ...unlessEmpty({ deliveryUrl: url, authorityUrl: settings.get('certificate') ?? '' }),
  };
}

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (key: string): string => settings.get(`${key}/${line}`) ?? '';
  if (get('user_active') === 'off' || get('user_name') === '') return [];
  const registrar = address(get('user_host'));
  const proxy = address(get('user_outbound'));
  // The outbound setting is also the only place for the registrar's own port.
  const isRegistrar = proxy.host === registrar.host;
  const user = get('user_name');
  const voicemail = get('user_mailbox');
  return [
    {
      line,
      label: get('user_idle_text'),
      displayName: get('user_realname'),
      user,
      authUser: get('user_pname') || user,
      password: get('user_pass'),
      host: registrar.host,
      port: isRegistrar ? proxy.port : registrar.port,
      transport: proxy.transport ?? registrar.transport ?? 'udp',
      expires: Number(get('user_expiry') || 3600),
      srtp: get('user_srtp') !== 'on' ? 'off' : get('user_savp') === 'mandatory' ? 'required' : 'offered',
      ...(proxy.host === '' || isRegistrar ? {} : { outboundProxy: `${proxy.host}:${proxy.port}` }),
      ...unlessEmpty({ voicemail }),
    },
  ];
}

/** `host`, `host:port`, `host:port;transport=tcp`, with or without `sip:`. */
function address(text: string): { host: string; port: number; transport: LineReading['transport'] | undefined } {
  const found = /^(?:sip:)?([^:;]*)(?::(\d+))?(?:;transport=(udp|tcp|tls))?$/.exec(text.trim());
  if (found === null) throw new Error(`not a SIP server: ${text}`);
  const [, host = '', port = '5060', transport] = found;
  return { host, port: Number(port), transport: transport as LineReading['transport'] | undefined };
}

const keyKinds = new Map([
  ['speed', 'speed dial'],
  ['orbit', 'park'],
]);

/** `fkey` values are `<kind> <value>`, numbers as they are or as `<sip:…>`; Snom counts keys from 0. A free key is for any line. */
function readKey(settings: Settings, index: number): readonly KeyReading[] {
  const [kind = '', ...words] = (settings.get(`fkey/${index}`) ?? '').split(' ');
  const isFree = kind === 'line' && settings.get(`fkey/${index}/context`) === 'active';
  if (kind === '' || kind === 'none' || isFree) return [];
  const value = words.join(' ');
  return [
    {
      position: index + 1,
      kind: keyKinds.get(kind) ?? kind,
      value: /^<sip:([^@>]*)@[^>]*>$/.exec(value)?.[1] ?? value,
      label: settings.get(`fkey/${index}/label`) ?? '',
    },
  ];
}
