import type { LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { allChildren, attribute, rootOf, textOf } from './xml.ts';

/** The settings of Snom's DECT bases: one flat list under `<settings>`, whatever section they stand in. */
export const snomDectReader: Reader = { parse, read };

/** Settings are named `user_name/1`, with the index where there is one. */
function parse(file: string): Settings {
  const settings = new Map<string, string>();
  for (const [name, entry] of allChildren(rootOf(file, 'settings')).flatMap(([, section]) => allChildren(section))) {
    const index = attribute(entry, 'idx');
    settings.set(index === '' ? name : `${name}/${index}`, textOf(entry));
  }
  return settings;
}

function read(settings: Settings): PhoneReading {
  const url = settings.get('setting_server') ?? '';
  return {
    lines: numbersIn(settings, /^user_name\/(\d+)$/).flatMap((line) => readLine(settings, line)),
    keys: [],
    ...unlessEmpty({ deliveryUrl: url }),
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
      ...unlessEmpty({ outboundProxy: proxy, voicemail }),
    },
  ];
}
