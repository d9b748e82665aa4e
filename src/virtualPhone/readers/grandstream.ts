import type { KeyReading, PhoneReading, Reader, Settings } from './reading.ts';
import { deliveryUrl, parsePValues, readAccount } from './pValues.ts';
import type { AccountNumbers } from './pValues.ts';

/** Grandstream phones: P values, six accounts. Account 1 has numbers from before there were others. */
export const grandstreamReader: Reader = { parse: (file) => parsePValues(file, 'gs_provision'), read };

const FIRST: AccountNumbers = {
  active: 271,
  label: 270,
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
/** Added to one of `BASES`. */
const OTHERS: AccountNumbers = {
  active: 1,
  label: 17,
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
const BASES = [400, 500, 600, 1700, 1800];
const ACCOUNTS = [
  FIRST,
  ...BASES.map(
    (base) =>
      Object.fromEntries(Object.entries(OTHERS).map(([part, number]) => [part, base + number])) as AccountNumbers,
  ),
];
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
  return {
    lines: ACCOUNTS.flatMap((numbers, at) => readAccount(settings, at + 1, numbers)),
    keys: Array.from({ length: MOST_KEYS }, (_, at) => at + 1).flatMap((key) => readKey(settings, key)),
    ...deliveryUrl(settings, 0),
  };
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
