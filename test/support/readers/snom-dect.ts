import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { LineReading, PhoneReading, Reader, Settings } from './reading.ts';

/** The settings of Snom's DECT bases: one flat list under `<settings>`, whatever section they stand in. */
export const snomDectReader: Reader = { parse, read };

interface Element {
  readonly '#text'?: string;
  readonly '@idx'?: string;
  readonly [name: string]: unknown;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  alwaysCreateTextNode: true,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

/** Settings are named `user_name/1`, with the index where there is one. */
function parse(file: string): Settings {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not a Snom file: ${valid.err.msg} in line ${valid.err.line}`);
  const [root] = elements((parser.parse(file) as Element)['settings']);
  if (root === undefined) throw new Error('not a Snom file: no <settings>');
  const settings = new Map<string, string>();
  for (const section of Object.values(root).flatMap(elements)) {
    for (const [name, found] of Object.entries(section)) {
      for (const entry of elements(found)) {
        const index = entry['@idx'];
        settings.set(index === undefined ? name : `${name}/${index}`, entry['#text'] ?? '');
      }
    }
  }
  return settings;
}

function elements(found: unknown): readonly Element[] {
  return Array.isArray(found) ? (found as readonly Element[]) : [];
}

function read(settings: Settings): PhoneReading {
  const url = settings.get('setting_server') ?? '';
  const lines = [...settings.keys()].flatMap((key) => /^user_name\/(\d+)$/.exec(key)?.slice(1, 2).map(Number) ?? []);
  return {
    lines: lines.toSorted((a, b) => a - b).flatMap((line) => readLine(settings, line)),
    keys: [],
    ...(url === '' ? {} : { deliveryUrl: url }),
  };
}

/** An extension, and the SIP server that it says it uses. */
function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (key: string): string => settings.get(`${key}/${line}`) ?? '';
  const server = get('subscr_sip_ua_data_server_id');
  const getServer = (key: string): string => settings.get(`${key}/${server}`) ?? '';
  if (get('user_active') !== 'on' || get('user_name') === '') return [];
  const [host = '', port = '5060'] = getServer('user_host').split(':');
  const transport = getServer('srv_sip_transport');
  if (transport !== 'udp' && transport !== 'tcp' && transport !== 'tls') throw new Error(`no transport: ${transport}`);
  const proxy = getServer('user_outbound');
  const voicemail = get('user_mailbox');
  return [
    {
      line,
      label: get('subscr_sip_line_name'),
      displayName: get('user_realname'),
      user: get('user_name'),
      authUser: get('user_pname') || get('user_name'),
      password: get('user_pass'),
      host,
      port: Number(port),
      transport,
      expires: Number(getServer('user_expiry') || 3600),
      srtp: getServer('user_srtp') === 'disabled' ? 'off' : 'offered',
      ...(proxy === '' ? {} : { outboundProxy: proxy }),
      ...(voicemail === '' ? {} : { voicemail }),
    },
  ];
}
