import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { allAttributes, allChildren, parseXml } from './xml.ts';
import type { Element } from './xml.ts';

/** UC Software's files: XML in which every setting is an attribute, whatever element it stands on. */
export const polyReader: Reader = { parse, read };

const transports = new Map<string, LineReading['transport']>([
  ['UDPOnly', 'udp'],
  ['TCPOnly', 'tcp'],
  ['TLS', 'tls'],
  ['DNSnaptr', 'dns'],
]);

function parse(file: string): Settings {
  return new Map(attributesIn(parseXml(file)));
}

function attributesIn(element: Element): readonly (readonly [name: string, value: string])[] {
  return [...allAttributes(element), ...allChildren(element).flatMap(([, child]) => attributesIn(child))];
}

/** A `device.` setting counts only with its own `.set` and `device.set`. */
function deviceSetting(settings: Settings, name: string): string | undefined {
  if (settings.get('device.set') !== '1' || settings.get(`${name}.set`) !== '1') return undefined;
  return settings.get(name);
}

function read(settings: Settings): PhoneReading {
  const server = deviceSetting(settings, 'device.prov.serverName');
  const scheme = deviceSetting(settings, 'device.prov.serverType')?.toLowerCase() ?? 'ftp';
  return {
    lines: numbersIn(settings, /^reg\.(\d+)\./).flatMap((line) => readLine(settings, line)),
    keys: numbersIn(settings, /^(?:softkey|attendant\.resourceList)\.(\d+)\./).flatMap((key) => readKey(settings, key)),
    ...unlessEmpty({ authority: authorityIn(settings) }),
    ...(server === undefined ? {} : { deliveryUrl: `${scheme}://${server}` }),
  };
}

/** The certificate counts for SIP where the profile of SIP has it. */
function authorityIn(settings: Settings): string {
  const profile = /^PlatformProfile(\d)$/.exec(settings.get('sec.TLS.profileSelection.SIP') ?? '')?.[1];
  const which = /^Platform(\d)$/.exec(
    deviceSetting(settings, `device.sec.TLS.profile.caCertList${profile}`) ?? '',
  )?.[1];
  return deviceSetting(settings, `device.sec.TLS.customCaCert${which}`) ?? '';
}

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (key: string): string => settings.get(`reg.${line}.${key}`) ?? '';
  if (get('address') === '' || get('server.1.address') === '' || get('server.1.register') === '0') return [];
  const isContact = settings.get(`msg.mwi.${line}.callBackMode`) === 'contact';
  const proxy = get('outboundProxy.address');
  const srtp = get('srtp.require') === '1' ? 'required' : 'offered';
  return [
    {
      line,
      label: get('label'),
      displayName: get('displayName'),
      user: get('address'),
      authUser: get('auth.userId') || get('address'),
      password: get('auth.password'),
      host: get('server.1.address'),
      port: Number(get('server.1.port') || 5060),
      transport: transports.get(get('server.1.transport')) ?? 'dns',
      expires: Number(get('server.1.expires') || 3600),
      srtp: get('srtp.enable') === '1' && get('srtp.offer') === '1' ? srtp : 'off',
      ...(proxy === '' ? {} : { outboundProxy: `${proxy}:${get('outboundProxy.port') || '5060'}` }),
      ...(isContact ? { voicemail: settings.get(`msg.mwi.${line}.callBack`) ?? '' } : {}),
    },
  ];
}

/** Monitored extensions and soft keys of our own; `$Tinvite$` dials, `$Trefer$` transfers the call to the number. */
function readKey(settings: Settings, position: number): readonly KeyReading[] {
  const resource = (key: string): string => settings.get(`attendant.resourceList.${position}.${key}`) ?? '';
  const softKey = (key: string): string => settings.get(`softkey.${position}.${key}`) ?? '';
  const [monitored = ''] = resource('address').split('@');
  const blf = { position, kind: 'blf', value: monitored, label: resource('label') };
  const [, value = '', action] = /^(.*)\$T(invite|refer)\$$/.exec(softKey('action')) ?? [];
  const isEnabled = settings.get('feature.enhancedFeatureKeys.enabled') === '1' && softKey('enable') === '1';
  const kind = action === 'refer' ? 'park' : 'speed dial';
  return [
    ...(monitored === '' ? [] : [blf]),
    ...(isEnabled && action !== undefined ? [{ position, kind, value, label: softKey('label') }] : []),
  ];
}
