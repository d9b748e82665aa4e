import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';

/** Cisco's `SEP<MAC>.cnf.xml`. Settings are named by their element, those of a button `button/1/name`. */
export const enterpriseReader: Reader = { parse, read };

type Element = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (_name, path) => path === 'device.sipProfile.sipLines.line',
});
const transports: Readonly<Record<string, LineReading['transport']>> = { 1: 'tcp', 2: 'udp', 3: 'tls' };
const kinds: Readonly<Record<string, string>> = { 2: 'speed dial', 9: 'line', 21: 'blf' };

function parse(file: string): Settings {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not a configuration: ${valid.err.msg} in line ${valid.err.line}`);
  const { device } = parser.parse(file) as Element;
  if (!isElement(device)) throw new Error('not a configuration: no <device>');
  const settings = new Map<string, string>();
  collect(device, settings);
  const { sipLines } = isElement(device['sipProfile']) ? device['sipProfile'] : {};
  const buttons =
    isElement(sipLines) && Array.isArray(sipLines['line']) ? (sipLines['line'] as readonly Element[]) : [];
  for (const button of buttons) {
    const number = String(button['@button']);
    if (settings.has(`button/${number}/featureID`)) throw new Error(`two of button ${number}`);
    for (const [name, value] of Object.entries(button)) {
      if (typeof value === 'string') settings.set(`button/${number}/${name}`, value);
    }
  }
  return settings;
}

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function collect(element: Element, settings: Map<string, string>): void {
  for (const [name, value] of Object.entries(element)) {
    if (name.startsWith('@') || name === '#text' || name === 'sipLines') continue;
    if (typeof value === 'string') settings.set(name, value);
    else if (isElement(value)) collect(value, settings);
  }
}

function read(settings: Settings): PhoneReading {
  const buttons = [...settings.keys()]
    .flatMap((name) => /^button\/(\d+)\/featureID$/.exec(name)?.slice(1, 2).map(Number) ?? [])
    .toSorted((a, b) => a - b);
  return {
    lines: buttons.flatMap((button) => readLine(settings, button)),
    keys: buttons.map((button) => readKey(settings, button)),
  };
}

function readLine(settings: Settings, button: number): readonly LineReading[] {
  const get = (name: string): string => settings.get(`button/${button}/${name}`) ?? '';
  if (get('featureID') !== '9') return [];
  const transport = transports[settings.get('transportLayerProtocol') ?? ''];
  if (transport === undefined) throw new Error('no transport');
  if (get('contact') !== get('name')) throw new Error('a line registers under another name than it has');
  const outboundProxy = settings.get('outboundProxy') ?? '';
  const voicemail = get('messagesNumber');
  return [
    {
      line: Number(get('@lineIndex')),
      label: get('featureLabel'),
      displayName: get('displayName'),
      user: get('name'),
      authUser: get('authName'),
      password: get('authPassword'),
      host: get('proxy') === 'USECALLMANAGER' ? (settings.get('processNodeName') ?? '') : get('proxy'),
      port: Number(get('port')),
      transport,
      expires: Number(settings.get('timerRegisterExpires')),
      srtp: 'off',
      ...(outboundProxy === '' ? {} : { outboundProxy: `${outboundProxy}:${settings.get('outboundProxyPort')}` }),
      ...(voicemail === '' ? {} : { voicemail }),
    },
  ];
}

function readKey(settings: Settings, position: number): KeyReading {
  const get = (name: string): string => settings.get(`button/${position}/${name}`) ?? '';
  const kind = kinds[get('featureID')];
  if (kind === undefined) throw new Error(`button ${position} has no feature that is known`);
  return { position, kind, value: get('speedDialNumber'), label: get('featureLabel') };
}
