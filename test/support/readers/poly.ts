import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';

/** UC Software's files: XML in which every setting is an attribute, whatever element it stands on. */
export const polyReader: Reader = { parse, read };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  attributesGroupName: '@@',
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
});

const transports = new Map<string, LineReading['transport']>([
  ['UDPOnly', 'udp'],
  ['TCPOnly', 'tcp'],
  ['TLS', 'tls'],
  ['DNSnaptr', 'dns'],
]);

function parse(file: string): Settings {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not a Poly file: ${valid.err.msg} in line ${valid.err.line}`);
  const settings = new Map<string, string>();
  collect(parser.parse(file), settings);
  return settings;
}

function collect(element: unknown, settings: Map<string, string>): void {
  if (typeof element !== 'object' || element === null) return;
  for (const [name, value] of Object.entries(element as Record<string, unknown>)) {
    if (name === '@@') {
      for (const [key, text] of Object.entries(value as Record<string, string>)) settings.set(key.slice(1), text);
      continue;
    }
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) collect(child, settings);
  }
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
    lines: numbers(settings, /^reg\.(\d+)\./).flatMap((line) => readLine(settings, line)),
    keys: numbers(settings, /^(?:softkey|attendant\.resourceList)\.(\d+)\./).flatMap((key) => readKey(settings, key)),
    ...(server === undefined ? {} : { deliveryUrl: `${scheme}://${server}` }),
  };
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

function numbers(settings: Settings, pattern: RegExp): readonly number[] {
  const found = [...settings.keys()].map((key) => Number(pattern.exec(key)?.[1] ?? 0));
  return [...new Set(found)].filter((number) => number > 0).toSorted((a, b) => a - b);
}
