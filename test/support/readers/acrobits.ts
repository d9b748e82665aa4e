import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { LineReading, Reader, Settings } from './reading.ts';

/** Acrobits' Account XML: one `<account>` of plain elements. */
export const acrobitsReader: Reader = { parse, read };

const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true });
const transports: Readonly<Record<string, LineReading['transport']>> = { udp: 'udp', tcp: 'tcp', 'tls+sip:': 'tls' };

function parse(file: string): Settings {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not XML: ${valid.err.msg} in line ${valid.err.line}`);
  const { account } = parser.parse(file) as { account?: Readonly<Record<string, unknown>> };
  if (account === undefined) throw new Error('not an Account XML: no <account>');
  const settings = new Map<string, string>();
  for (const [name, value] of Object.entries(account)) {
    if (name === '#text') continue;
    if (typeof value !== 'string') throw new Error(`<${name}> is not a single text`);
    settings.set(name, value);
  }
  if ((settings.get('title') ?? '') === '') throw new Error('an account needs a title');
  return settings;
}

function read(settings: Settings): ReturnType<Reader['read']> {
  const get = (name: string): string => settings.get(name) ?? '';
  const transport = transports[get('transport')];
  if (transport === undefined) throw new Error(`not a transport: ${get('transport')}`);
  const [host = '', port = transport === 'tls' ? '5061' : '5060'] = get('host').split(':');
  const secured = get('sdesIncoming') === 'enabled' && get('sdesOutgoing') === 'enabled';
  const line: LineReading = {
    line: 1,
    label: get('title'),
    displayName: get('userDisplayName'),
    user: get('username'),
    authUser: get('authUsername') || get('username'),
    password: get('password'),
    host,
    port: Number(port),
    transport,
    expires: Number(get('expires')),
    srtp: secured ? 'offered' : 'off',
    ...(get('proxy') === '' ? {} : { outboundProxy: get('proxy') }),
    ...(get('voiceMailNumber') === '' ? {} : { voicemail: get('voiceMailNumber') }),
  };
  return { lines: [line], keys: [], ...(get('extProvUrl') === '' ? {} : { deliveryUrl: get('extProvUrl') }) };
}
