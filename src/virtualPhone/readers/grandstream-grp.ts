import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { hostAndPort } from './pValues.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { attribute, children, onlyChild, rootOf, textOf } from './xml.ts';

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
  const document = rootOf(file, 'gs_provision');
  const config = onlyChild(document, 'config');
  if (attribute(config, 'version') !== '2') throw new Error('not version 2');
  const settings = new Map<string, string>();
  for (const mac of children(document, 'mac')) settings.set('mac', textOf(mac));
  for (const item of children(config, 'item')) {
    const name = attribute(item, 'name');
    if (name === '' || settings.has(name)) throw new Error(`an item without a name of its own: ${name}`);
    settings.set(name, textOf(item));
  }
  return settings;
}

function read(settings: Settings): PhoneReading {
  const path = settings.get('provisioning.config.serverPath') ?? '';
  const scheme = (settings.get('provisioning.config.protocol') ?? 'HTTPS').toLowerCase();
  return {
    lines: numbersIn(settings, /^account\.(\d+)\.enable$/).flatMap((line) => readLine(settings, line)),
    keys: numbersIn(settings, /^pks\.vpk\.(\d+)\.keyMode$/).flatMap((key) => readKey(settings, key)),
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
      ...unlessEmpty({ outboundProxy: proxy, voicemail }),
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
