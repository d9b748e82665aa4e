import type { LineReading, Reader, Settings } from './reading.ts';
import { unlessEmpty } from './settings.ts';
import { allChildren, rootOf, textOf } from './xml.ts';

/** Acrobits' Account XML: one `<account>` of plain elements. */
export const acrobitsReader: Reader = { parse, read };

const transports: Readonly<Record<string, LineReading['transport']>> = { udp: 'udp', tcp: 'tcp', 'tls+sip:': 'tls' };

function parse(file: string): Settings {
  const settings = new Map<string, string>();
  for (const [name, element] of allChildren(rootOf(file, 'account'))) {
    if (settings.has(name) || allChildren(element).length > 0) throw new Error(`<${name}> is not a single text`);
    settings.set(name, textOf(element));
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
    ...unlessEmpty({ outboundProxy: get('proxy'), voicemail: get('voiceMailNumber') }),
  };
  return { lines: [line], keys: [], ...unlessEmpty({ deliveryUrl: get('extProvUrl') }) };
}
