import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { hostAndPort, parsePValues, SRTP, TRANSPORTS } from './pValues.ts';

/** Grandstream phones: P values, six accounts. Account 1 has numbers from before there were others. */
export const grandstreamReader: Reader = { parse: (file) => parsePValues(file, 'gs_provision'), read };

const FIRST = {
  active: 271,
  name: 270,
  server: 47,
  proxy: 48,
  user: 35,
  auth: 36,
  password: 34,
  display: 3,
  voicemail: 33,
  expiry: 32,
  transport: 130,
  srtp: 183,
};
/** Added to 400, 500, 600, 1700 and 1800. */
const OTHERS: typeof FIRST = {
  active: 1,
  name: 17,
  server: 2,
  proxy: 3,
  user: 4,
  auth: 5,
  password: 6,
  display: 7,
  voicemail: 26,
  expiry: 12,
  transport: 48,
  srtp: 43,
};
const BASES = [0, 400, 500, 600, 1700, 1800];
/** Modes of keys that are not fixed; a fixed key adds 10 and is its account's line when it is 0. */
const KINDS = new Map([
  [0, 'speed dial'],
  [1, 'blf'],
  [6, 'voicemail'],
  [8, 'transfer'],
  [9, 'park'],
]);
const FIXED_KEYS = 6;
const MOST_KEYS = 64;

function read(settings: Settings): PhoneReading {
  const path = settings.get('P237') ?? '';
  const scheme = ['tftp', 'http', 'https'][Number(settings.get('P212') ?? 0)] ?? 'http';
  return {
    lines: BASES.flatMap((base, at) => readLine(settings, base, at + 1)),
    keys: Array.from({ length: MOST_KEYS }, (_, at) => at + 1).flatMap((key) => readKey(settings, key)),
    ...(path === '' ? {} : { deliveryUrl: `${scheme}://${path}` }),
  };
}

function readLine(settings: Settings, base: number, line: number): readonly LineReading[] {
  const get = (name: keyof typeof FIRST): string =>
    settings.get(`P${line === 1 ? FIRST[name] : base + OTHERS[name]}`) ?? '';
  if (get('active') !== '1') return [];
  const [proxy, voicemail] = [get('proxy'), get('voicemail')];
  return [
    {
      line,
      label: get('name'),
      displayName: get('display'),
      user: get('user'),
      authUser: get('auth') || get('user'),
      password: get('password'),
      ...hostAndPort(get('server')),
      transport: TRANSPORTS[Number(get('transport') || 0)] ?? 'udp',
      expires: Number(get('expiry') || 60) * 60,
      srtp: SRTP[Number(get('srtp') || 0)] ?? 'off',
      ...(proxy === '' ? {} : { outboundProxy: proxy }),
      ...(voicemail === '' ? {} : { voicemail }),
    },
  ];
}

function readKey(settings: Settings, position: number): readonly KeyReading[] {
  const isFixed = position <= FIXED_KEYS;
  const numbers = isFixed
    ? { mode: 1361 + 2 * position, label: 1463 + 2 * position, value: 1464 + 2 * position }
    : { mode: 23772 + 4 * position, label: 23774 + 4 * position, value: 23775 + 4 * position };
  const mode = settings.get(`P${numbers.mode}`);
  if (mode === undefined || mode === '-1') return [];
  const kind = isFixed && mode === '0' ? 'line' : KINDS.get(Number(mode) - (isFixed ? 10 : 0));
  if (kind === undefined) throw new Error(`P${numbers.mode} is no mode of key ${position}: ${mode}`);
  const get = (number: number): string => settings.get(`P${number}`) ?? '';
  return [{ position, kind, value: get(numbers.value), label: get(numbers.label) }];
}
