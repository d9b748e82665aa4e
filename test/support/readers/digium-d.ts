import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';

/** Digium D and Sangoma P phones: three documents, one for accounts, one for contacts, one that puts contacts on keys. */
export const digiumDReader: Reader = { parse, read };

type Element = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});
const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

/** Settings are named `setting/id`, `account/0/username`, `contact/id/dial` and `key/0` (the contact on the key). */
function parse(file: string): Settings {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not XML: ${valid.err.msg} in line ${valid.err.line}`);
  const document = parser.parse(file) as Element;
  const [config] = children(document, 'config');
  const [phonebooks] = children(document, 'phonebooks');
  if (config === undefined && phonebooks === undefined) throw new Error('neither <config> nor <phonebooks>');
  const settings = new Map<string, string>();
  if (config !== undefined) {
    for (const setting of children(config, 'setting'))
      settings.set(`setting/${attribute(setting, 'id')}`, attribute(setting, 'value'));
    for (const accounts of children(config, 'accounts')) parseAccounts(accounts, settings);
    for (const sheet of children(config, 'smart_blf').flatMap((blf) => children(blf, 'blf_items'))) {
      for (const item of children(sheet, 'blf_item'))
        settings.set(`key/${attribute(item, 'index')}`, attribute(item, 'contact_id'));
    }
  }
  for (const contact of children(phonebooks ?? {}, 'contacts').flatMap((group) => children(group, 'contact'))) {
    const id = attribute(contact, 'id');
    const [action] = children(contact, 'actions').flatMap((actions) => children(actions, 'action'));
    settings.set(`contact/${id}/label`, attribute(contact, 'first_name'));
    settings.set(`contact/${id}/watched`, attribute(contact, 'subscribe_to'));
    settings.set(`contact/${id}/dial`, attribute(action ?? {}, 'dial'));
  }
  return settings;
}

function parseAccounts(accounts: Element, settings: Map<string, string>): void {
  for (const account of children(accounts, 'account')) {
    const index = attribute(account, 'index');
    const [primary = {}] = children(account, 'host_primary');
    const [proxy] = children(primary, 'outbound_proxy');
    for (const [name, value] of [...Object.entries(account), ...Object.entries(primary)]) {
      if (name.startsWith('@') && typeof value === 'string') settings.set(`account/${index}/${name.slice(1)}`, value);
    }
    if (proxy !== undefined) {
      settings.set(`account/${index}/proxy`, `${attribute(proxy, 'server')}:${attribute(proxy, 'port')}`);
    }
  }
}

function read(settings: Settings): PhoneReading {
  const url = settings.get('setting/config_server_url') ?? '';
  return {
    lines: indices(settings, /^account\/(\d+)\/status$/).flatMap((index) => readLine(settings, index)),
    keys: [
      ...indices(settings, /^account\/(\d+)\/status$/).flatMap((index) => readLineKey(settings, index)),
      ...indices(settings, /^key\/(\d+)$/).flatMap((index) => readKey(settings, index)),
    ],
    ...(url === '' ? {} : { deliveryUrl: url }),
  };
}

function readLine(settings: Settings, index: number): readonly LineReading[] {
  const get = (name: string): string => settings.get(`account/${index}/${name}`) ?? '';
  if (get('status') !== '1') return [];
  const transport = TRANSPORTS.find((name) => name === get('transport'));
  const caller = /^(.*) <([^<>]*)>$/.exec(get('caller_id'));
  if (transport === undefined || caller === null) throw new Error(`account ${index} has no transport or no caller id`);
  const [proxy, voicemail] = [get('proxy'), get('voicemail')];
  return [
    {
      line: index + 1,
      label: get('line_label'),
      displayName: caller[1] ?? '',
      user: get('username'),
      authUser: get('authname'),
      password: get('password'),
      host: get('server'),
      port: Number(get('port')),
      transport,
      expires: Number(get('reregister')),
      srtp: get('media_encryption') === 'sdes' ? 'required' : 'off',
      ...(proxy === '' ? {} : { outboundProxy: proxy }),
      ...(voicemail === '' ? {} : { voicemail }),
    },
  ];
}

/** An account is on the key of its own number. */
function readLineKey(settings: Settings, index: number): readonly KeyReading[] {
  if (settings.get(`account/${index}/status`) !== '1') return [];
  const label = settings.get(`account/${index}/line_label`) ?? '';
  return [{ position: index + 1, kind: 'line', value: '', label }];
}

/** A contact that the phone subscribes to is a lamp. */
function readKey(settings: Settings, index: number): readonly KeyReading[] {
  const id = settings.get(`key/${index}`) ?? '';
  const get = (name: string): string => settings.get(`contact/${id}/${name}`) ?? '';
  const [dial, watched] = [get('dial'), get('watched')];
  if (dial === '') throw new Error(`key ${index + 1} has no contact: ${id}`);
  if (watched !== '' && !watched.startsWith(`sip:${dial}@`))
    throw new Error(`contact ${id} watches another than it calls`);
  return [{ position: index + 1, kind: watched === '' ? 'speed dial' : 'blf', value: dial, label: get('label') }];
}

function indices(settings: Settings, pattern: RegExp): readonly number[] {
  return [...settings.keys()]
    .flatMap((name) => pattern.exec(name)?.slice(1).map(Number) ?? [])
    .toSorted((one, other) => one - other);
}

function children(element: Element, name: string): readonly Element[] {
  const found = element[name];
  return Array.isArray(found)
    ? (found as readonly unknown[]).map((child) =>
        typeof child === 'object' && child !== null ? (child as Element) : {},
      )
    : [];
}

function attribute(element: Element, name: string): string {
  const found = element[`@${name}`];
  return typeof found === 'string' ? found : '';
}
