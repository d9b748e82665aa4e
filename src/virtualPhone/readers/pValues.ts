import type { LineReading, Settings } from './reading.ts';
import { unlessEmpty } from './settings.ts';
import { allChildren, attribute, children, onlyChild, rootOf, textOf } from './xml.ts';

/**
 * Settings that are elements with a number for a name, `<P47>…</P47>`, in `<config version="1">`. A phone takes each once, so a
 * file that says one twice is not what was meant.
 */
export function parsePValues(file: string, root: string): Settings {
  const document = rootOf(file, root);
  const config = onlyChild(document, 'config');
  if (attribute(config, 'version') !== '1') throw new Error('not version 1');
  const settings = new Map<string, string>();
  for (const mac of children(document, 'mac')) settings.set('mac', textOf(mac));
  for (const [name, element] of allChildren(config)) {
    if (!/^P\d+$/.test(name)) throw new Error(`not a P value: ${name}`);
    if (settings.has(name)) throw new Error(`${name} is there twice`);
    settings.set(name, textOf(element));
  }
  return settings;
}

/** `host` or `host:port`. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const [host = '', port = '5060'] = text.split(':');
  return { host, port: Number(port) };
}

export const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

/** 0 never, 1 offered, 2 demanded. */
export const SRTP: readonly LineReading['srtp'][] = ['off', 'offered', 'required'];

type AccountPart =
  | 'active'
  | 'label'
  | 'server'
  | 'proxy'
  | 'user'
  | 'auth'
  | 'password'
  | 'display'
  | 'voicemail'
  | 'expiry'
  | 'transport'
  | 'srtp';

/** The numbers of the P values that say what an account is. */
export type AccountNumbers = Readonly<Record<AccountPart, number>>;

/** A phone's account, none while it is not active. */
export function readAccount(settings: Settings, line: number, numbers: AccountNumbers): readonly LineReading[] {
  const get = (part: AccountPart): string => settings.get(`P${numbers[part]}`) ?? '';
  if (get('active') !== '1') return [];
  return [
    {
      line,
      label: get('label'),
      displayName: get('display'),
      user: get('user'),
      authUser: get('auth') || get('user'),
      password: get('password'),
      ...hostAndPort(get('server')),
      transport: TRANSPORTS[Number(get('transport') || 0)] ?? 'udp',
      expires: Number(get('expiry') || 60) * 60,
      srtp: SRTP[Number(get('srtp') || 0)] ?? 'off',
      ...unlessEmpty({ outboundProxy: get('proxy'), voicemail: get('voicemail') }),
    },
  ];
}

/** Where a phone fetches from: P237, by the protocol that P212 counts. */
export function deliveryUrl(settings: Settings, protocolUnlessSaid: 0 | 2): { readonly deliveryUrl?: string } {
  const path = settings.get('P237') ?? '';
  const scheme = ['tftp', 'http', 'https'][Number(settings.get('P212') ?? protocolUnlessSaid)] ?? 'https';
  return path === '' ? {} : { deliveryUrl: `${scheme}://${path}` };
}
