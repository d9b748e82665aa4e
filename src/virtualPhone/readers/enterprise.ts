import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { allChildren, attribute, descend, rootOf, textOf } from './xml.ts';
import type { Element } from './xml.ts';

/** Cisco's `SEP<MAC>.cnf.xml`. Settings are named by their element, those of a button `button/1/name`. */
export const enterpriseReader: Reader = { parse, read };

const transports: Readonly<Record<string, LineReading['transport']>> = { 1: 'tcp', 2: 'udp', 3: 'tls' };
const kinds: Readonly<Record<string, string>> = { 2: 'speed dial', 9: 'line', 21: 'blf' };

function parse(file: string): Settings {
  const device = rootOf(file, 'device');
  const settings = new Map<string, string>();
  collect(device, settings);
  for (const button of descend(device, 'sipProfile', 'sipLines', 'line')) {
    const number = attribute(button, 'button');
    if (settings.has(`button/${number}/featureID`)) throw new Error(`two of button ${number}`);
    settings.set(`button/${number}/lineIndex`, attribute(button, 'lineIndex'));
    for (const [name, part] of allChildren(button)) settings.set(`button/${number}/${name}`, textOf(part));
  }
  return settings;
}

function collect(element: Element, settings: Map<string, string>): void {
  for (const [name, part] of allChildren(element)) {
    if (name === 'sipLines') continue;
    if (allChildren(part).length === 0) settings.set(name, textOf(part));
    else collect(part, settings);
  }
}

function read(settings: Settings): PhoneReading {
  const buttons = numbersIn(settings, /^button\/(\d+)\/featureID$/);
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
      line: Number(get('lineIndex')),
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
      ...unlessEmpty({ voicemail }),
    },
  ];
}

function readKey(settings: Settings, position: number): KeyReading {
  const get = (name: string): string => settings.get(`button/${position}/${name}`) ?? '';
  const kind = kinds[get('featureID')];
  if (kind === undefined) throw new Error(`button ${position} has no feature that is known`);
  return { position, kind, value: get('speedDialNumber'), label: get('featureLabel') };
}
