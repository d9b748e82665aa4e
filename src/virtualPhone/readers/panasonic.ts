import type { KeyReading, LineReading, Reader, Settings } from './reading.ts';
import { numbersIn, settingPerLine, unlessEmpty } from './settings.ts';

const FIRST_LINE = '# Panasonic SIP Phone Standard Format File #';
const transports = ['udp', 'tcp', 'tls'] as const;

/** Panasonic's standard format: an exact first line, then `NAME="value"` without spaces, each ended by CR LF. */
export const panasonicReader: Reader = { parse, read };

function parse(file: string): Settings {
  if (!file.startsWith(FIRST_LINE)) throw new Error('not a Panasonic file: its first line is another one');
  if (!file.endsWith('\r\n\r\n')) throw new Error('not a Panasonic file: its last line is not empty');
  const lines = file.split('\r\n').filter((line) => line !== '' && !line.startsWith('#'));
  return settingPerLine(lines, /^([A-Z0-9_]{1,32})="([^"\r\n]*)"$/);
}

function read(settings: Settings): ReturnType<Reader['read']> {
  return {
    lines: numbersIn(settings, /^PHONE_NUMBER_(\d+)$/).flatMap((line) => readLine(settings, line)),
    keys: numbersIn(settings, /^FLEX_BUTTON_FACILITY_ACT(\d+)$/).flatMap((key) => readKey(settings, key)),
    deliveryUrl: settings.get('CFG_STANDARD_FILE_PATH') ?? '',
  };
}

function readLine(settings: Settings, line: number): readonly LineReading[] {
  const get = (name: string): string => settings.get(`${name}_${line}`) ?? '';
  if (get('PHONE_NUMBER') === '') return [];
  const transport = transports[Number(get('SIP_TRANSPORT') || 'x')];
  if (transport === undefined) throw new Error(`not a transport: ${get('SIP_TRANSPORT')}`);
  const proxy = get('SIP_OUTPROXY_ADDR');
  const voicemail = get('VM_NUMBER');
  return [
    {
      line,
      label: get('PHONE_NUMBER'),
      displayName: get('DISPLAY_NAME'),
      user: get('SIP_URI'),
      authUser: get('SIP_AUTHID'),
      password: get('SIP_PASS'),
      host: get('SIP_RGSTR_ADDR'),
      port: Number(get('SIP_RGSTR_PORT')),
      transport,
      expires: Number(get('REG_EXPIRE_TIME')),
      srtp: get('SRTP_CONNECT_MODE') === '0' ? 'required' : 'off',
      ...(proxy === '' ? {} : { outboundProxy: `${proxy}:${get('SIP_OUTPROXY_PORT')}` }),
      ...unlessEmpty({ voicemail }),
    },
  ];
}

const keyKinds = new Map([
  ['LINE', 'line'],
  ['DN', 'line'],
  ['BLF', 'blf'],
  ['CONTACT', 'blf'],
  ['ONETOUCH', 'speed dial'],
]);

function readKey(settings: Settings, position: number): readonly KeyReading[] {
  const get = (name: string): string => settings.get(`FLEX_BUTTON_${name}${position}`) ?? '';
  const action = get('FACILITY_ACT');
  if (action === '') return [];
  const kind = keyKinds.get(action.replace('X_PANASONIC_IPTEL_', '')) ?? action;
  const value = kind === 'blf' ? get('FACILITY_ARG') : kind === 'line' ? '' : get('QUICK_DIAL');
  return [{ position, kind, value, label: get('LABEL') }];
}
