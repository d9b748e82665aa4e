import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { allAttributes, attribute, children, descend, parseXml } from './xml.ts';
import type { Element } from './xml.ts';

/** Digium D and Sangoma P phones: three documents, one for accounts, one for contacts, one that puts contacts on keys. */
export const digiumDReader: Reader = { parse, read };

const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

interface Contact {
  readonly id: string;
  readonly label: string;
  readonly dial: string;
  /** Empty unless the phone subscribes to it. */
  readonly watched: string;
}

interface SheetKey {
  readonly index: number;
  readonly contact: string;
}

type Account = Readonly<Record<string, string>>;

/**
 * Settings are named `setting/id`. What a phone replaces as a whole is one setting, in JSON: each account, `account/0`, the
 * `contacts` and the `sheet` of keys.
 */
function parse(file: string): Settings {
  const document = parseXml(file);
  const [config] = children(document, 'config');
  const [phonebooks] = children(document, 'phonebooks');
  if (config === undefined && phonebooks === undefined) throw new Error('neither <config> nor <phonebooks>');
  const settings = new Map<string, string>();
  if (phonebooks !== undefined)
    settings.set('contacts', JSON.stringify(descend(phonebooks, 'contacts', 'contact').map(contactOf)));
  if (config === undefined) return settings;
  for (const setting of children(config, 'setting'))
    settings.set(`setting/${attribute(setting, 'id')}`, attribute(setting, 'value'));
  for (const firmware of descend(config, 'firmwares', 'firmware')) settings.set('firmware', attribute(firmware, 'url'));
  for (const account of descend(config, 'accounts', 'account')) {
    if (attribute(account, 'conflict') !== 'replace') throw new Error('an account that is laid over the one before');
    settings.set(`account/${attribute(account, 'index')}`, JSON.stringify(accountOf(account)));
  }
  for (const sheet of descend(config, 'smart_blf', 'blf_items')) {
    // The phone's own file only says where the sheet is.
    if (attribute(sheet, 'url') === '')
      settings.set('sheet', JSON.stringify(children(sheet, 'blf_item').map(sheetKeyOf)));
  }
  return settings;
}

function contactOf(contact: Element): Contact {
  const [action = {}] = descend(contact, 'actions', 'action');
  return {
    id: attribute(contact, 'id'),
    label: attribute(contact, 'first_name'),
    dial: attribute(action, 'dial'),
    watched: attribute(contact, 'subscribe_to'),
  };
}

function sheetKeyOf(item: Element): SheetKey {
  return { index: Number(attribute(item, 'index')), contact: attribute(item, 'contact_id') };
}

/** The proxy is named `proxy`, as `host:port`. */
function accountOf(account: Element): Account {
  const [primary = {}] = children(account, 'host_primary');
  const [proxy] = children(primary, 'outbound_proxy');
  return {
    ...Object.fromEntries([...allAttributes(account), ...allAttributes(primary)]),
    ...(proxy === undefined ? {} : { proxy: `${attribute(proxy, 'server')}:${attribute(proxy, 'port')}` }),
  };
}

function read(settings: Settings): PhoneReading {
  const contacts = JSON.parse(settings.get('contacts') ?? '[]') as readonly Contact[];
  const sheet = JSON.parse(settings.get('sheet') ?? '[]') as readonly SheetKey[];
  const accounts = numbersIn(settings, /^account\/(\d+)$/).map(
    (index) => [index, JSON.parse(settings.get(`account/${index}`) ?? '{}') as Account] as const,
  );
  const used = accounts.filter(([, account]) => account['status'] === '1');
  return {
    lines: used.map(([index, account]) => readLine(index, account)),
    keys: [
      // An account is on the key of its own number.
      ...used.map(([index, { line_label: label = '' }]) => ({ position: index + 1, kind: 'line', value: '', label })),
      ...sheet.map((key) => readKey(key, contacts)),
    ],
    ...unlessEmpty({ deliveryUrl: settings.get('setting/config_server_url') ?? '' }),
  };
}

function readLine(index: number, account: Account): LineReading {
  const get = (name: string): string => account[name] ?? '';
  const transport = TRANSPORTS.find((name) => name === get('transport'));
  const caller = /^(.*) <([^<>]*)>$/.exec(get('caller_id'));
  if (transport === undefined || caller === null) throw new Error(`account ${index} has no transport or no caller id`);
  return {
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
    ...unlessEmpty({ outboundProxy: get('proxy'), voicemail: get('voicemail') }),
  };
}

/** A contact that the phone subscribes to is a lamp. */
function readKey({ index, contact: id }: SheetKey, contacts: readonly Contact[]): KeyReading {
  const contact = contacts.find((found) => found.id === id);
  if (contact === undefined) throw new Error(`key ${index + 1} has no contact: ${id}`);
  const { dial, watched, label } = contact;
  if (watched !== '' && !watched.startsWith(`sip:${dial}@`))
    throw new Error(`contact ${id} watches another than it calls`);
  return { position: index + 1, kind: watched === '' ? 'speed dial' : 'blf', value: dial, label };
}
