import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { childrenOf, hostAndPort, textOf } from './pValues.ts';

/** Grandstream GRP phones: `<item name="account.1.enable">Yes</item>` in `<config version="2">`. */
export const grandstreamGrpReader: Reader = { parse, read };

const TRANSPORTS: Readonly<Record<string, LineReading['transport']>> = { UDP: 'udp', TCP: 'tcp', TlsOrTcp: 'tls' };
const SRTP: Readonly<Record<string, LineReading['srtp']>> = {
  Disabled: 'off',
  EnabledButNotForced: 'offered',
  EnabledAndForced: 'required',
};
const KINDS: Readonly<Record<string, string>> = {
  Default: 'line',
  Line: 'line',
  SpeedDial: 'speed dial',
  BLF: 'blf',
  CallPark: 'park',
  Transfer: 'transfer',
  VoiceMail: 'voicemail',
};

function parse(file: string): Settings {
  const document = childrenOf(file, 'gs_provision');
  const config = document['config'] as Readonly<Record<string, unknown>> | undefined;
  if (config?.['@version'] !== '2') throw new Error('not version 2');
  const settings = new Map<string, string>();
  if (document['mac'] !== undefined) settings.set('mac', textOf(document['mac']));
  for (const item of Array.isArray(config['item']) ? (config['item'] as readonly unknown[]) : []) {
    const name: unknown = (item as Readonly<Record<string, unknown>>)['@name'];
    if (typeof name !== 'string' || settings.has(name))
      throw new Error(`an item without a name of its own: ${String(name)}`);
    settings.set(name, textOf(item));
  }
  return settings;
}

function read(settings: Settings): PhoneReading {
  const path = settings.get('provisioning.config.serverPath') ?? '';
  const scheme = (settings.get('provisioning.config.protocol') ?? 'HTTPS').toLowerCase();
  return {
    lines: numbers(settings, /^account\.(\d+)\.enable$/).flatMap((line) => readLine(settings, line)),
    keys: numbers(settings, /^pks\.vpk\.(\d+)\.keyMode$/).flatMap((key) => readKey(settings, key)),
    ...(path === '' ? {} : { deliveryUrl: `${scheme}://${path}` }),
  };
}

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (name: string): string => settings.get(`account.${line}.${name}`) ?? '';
  if (get('enable') !== 'Yes') return [];
  const [transport, srtp] = [TRANSPORTS[get('sip.transport')], SRTP[get('audio.srtpMode')]];
  if (transport === undefined || srtp === undefined) throw new Error(`account ${line} has no transport or SRTP mode`);
  const [proxy, voicemail] = [get('sip.outboundProxy.1.address'), get('sip.voicemail.number')];
  return [
    {
      line,
      label: get('name'),
      displayName: get('sip.subscriber.name'),
      user: get('sip.userid'),
      authUser: get('sip.subscriber.userid'),
      password: get('sip.subscriber.password'),
      ...hostAndPort(get('sip.server.1.address')),
      transport,
      expires: Number(get('sip.registerExpiration')) * 60,
      srtp,
      ...(proxy === '' ? {} : { outboundProxy: proxy }),
      ...(voicemail === '' ? {} : { voicemail }),
    },
  ];
}

function readKey(settings: Settings, position: number): readonly KeyReading[] {
  const get = (name: string): string => settings.get(`pks.vpk.${position}.${name}`) ?? '';
  const mode = get('keyMode');
  if (mode === 'None') return [];
  const kind = KINDS[mode];
  if (kind === undefined) throw new Error(`key ${position} has no such mode: ${mode}`);
  return [{ position, kind, value: get('value'), label: get('description') }];
}

function numbers(settings: Settings, pattern: RegExp): readonly number[] {
  return [...settings.keys()]
    .flatMap((name) => pattern.exec(name)?.slice(1).map(Number) ?? [])
    .toSorted((one, other) => one - other);
}
