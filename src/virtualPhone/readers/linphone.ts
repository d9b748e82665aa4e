import type { LineReading, Reader, Settings } from './reading.ts';
import { unlessEmpty } from './settings.ts';
import { attribute, children, rootOf, textOf } from './xml.ts';

/** Linphone's remote provisioning: `<config>` of `<section>`s of `<entry>`s. Settings are named `section/entry`. */
export const linphoneReader: Reader = { parse, read };

/** What an entry without `overwrite="true"` says is dropped where there is something already; ours have it all. */
function parse(file: string): Settings {
  const config = rootOf(file, 'config');
  if (attribute(config, 'xmlns') !== 'http://www.linphone.org/xsds/lpconfig.xsd')
    throw new Error('not a Linphone file');
  const settings = new Map<string, string>();
  for (const section of children(config, 'section')) {
    for (const entry of children(section, 'entry')) {
      const name = attribute(entry, 'name');
      if (attribute(entry, 'overwrite') !== 'true') throw new Error(`${name} would not replace what is there`);
      settings.set(`${attribute(section, 'name')}/${name}`, textOf(entry));
    }
  }
  return settings;
}

function read(settings: Settings): ReturnType<Reader['read']> {
  const url = settings.get('misc/config-uri') ?? '';
  return { lines: readAccount(settings), keys: [], ...unlessEmpty({ deliveryUrl: url }) };
}

function readAccount(settings: Settings): readonly LineReading[] {
  const get = (key: string): string => settings.get(key) ?? '';
  const identity = get('proxy_0/reg_identity');
  if (identity === '' || get('proxy_0/reg_sendregister') !== '1') return [];
  if (get('sip/default_proxy') !== '0') throw new Error('the account is not the one that calls go out by');
  // RFC 3261, section 25.1: name-addr with a quoted string.
  const [, quoted, user, host] = /^"((?:[^"\\]|\\.)*)" <sip:([^@>]+)@([^@>:;]+)>$/su.exec(identity) ?? [];
  if (quoted === undefined || user === undefined || host === undefined) throw new Error(`not an address: ${identity}`);
  if (get('auth_info_0/username') !== user) throw new Error('the password is of another user');
  const server = /^<sip:([^:;>]+):(\d+);transport=(udp|tcp|tls)>$/.exec(get('proxy_0/reg_proxy'));
  if (server === null || server[1] !== host) throw new Error(`not a server: ${get('proxy_0/reg_proxy')}`);
  const route = get('proxy_0/reg_route');
  const proxy = /^<sip:([^;>]+);transport=(udp|tcp|tls);lr>$/.exec(route);
  if (route !== '' && proxy?.[2] !== server[3]) throw new Error(`not a route: ${route}`);
  const encrypted = get('sip/media_encryption') === 'srtp';
  return [
    {
      line: 1,
      label: '',
      displayName: quoted.replace(/\\(.)/gsu, '$1'),
      user,
      authUser: get('auth_info_0/userid') || user,
      password: get('auth_info_0/passwd'),
      host,
      port: Number(server[2]),
      transport: server[3] as LineReading['transport'],
      expires: Number(get('proxy_0/reg_expires') || 3600),
      srtp: !encrypted ? 'off' : get('sip/media_encryption_mandatory') === '1' ? 'required' : 'offered',
      ...(proxy?.[1] === undefined ? {} : { outboundProxy: proxy[1] }),
    },
  ];
}
