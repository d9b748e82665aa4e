import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { parsePValues, readAccount } from './pValues.ts';
import type { AccountNumbers } from './pValues.ts';
import { unlessEmpty } from './settings.ts';

/** Htek phones and Sangoma's S series: P values in `<hl_provision>`; what stands in `para` only explains. */
export const htekReader: Reader = { parse: (file) => parsePValues(file, 'hl_provision'), read };

/** In the order of `NAMES`, for each of the accounts. */
const ACCOUNTS = [
  [271, 47, 48, 130, 183, 20000, 35, 36, 34, 3, 32, 33],
  [401, 747, 748, 830, 443, 20001, 735, 736, 734, 703, 732, 426],
  [501, 502, 503, 930, 543, 20002, 504, 505, 506, 507, 512, 526],
  [601, 602, 603, 1030, 643, 20003, 604, 605, 606, 607, 612, 626],
  [20360, 20362, 20370, 20374, 20432, 20378, 1704, 1705, 1706, 1707, 20388, 1726],
  [20361, 20363, 20371, 20375, 20433, 20379, 1804, 1805, 1806, 1807, 20389, 1826],
] as const;
const NAMES = [
  'active',
  'server',
  'proxy',
  'transport',
  'srtp',
  'label',
  'user',
  'auth',
  'password',
  'display',
  'expiry',
  'voicemail',
] as const;
/** The profile that an account uses, counted from 0; missing where there are no profiles. */
const FIRST_PROFILE = 24082;
const KINDS = new Map([
  ['1', 'line'],
  ['2', 'speed dial'],
  ['3', 'blf'],
  ['5', 'voicemail'],
  ['8', 'park'],
  ['19', 'transfer'],
]);
const MOST_KEYS = 45;

function read(settings: Settings): PhoneReading {
  const url = settings.get('P237') ?? '';
  return {
    lines: ACCOUNTS.flatMap((_, at) => readLine(settings, at)),
    keys: Array.from({ length: MOST_KEYS }, (_, at) => at + 1).flatMap((key) => readKey(settings, key)),
    ...unlessEmpty({ deliveryUrl: url }),
  };
}

function readLine(settings: Settings, at: number): readonly LineReading[] {
  const numbers = Object.fromEntries(NAMES.map((name, part) => [name, ACCOUNTS[at]?.[part]])) as AccountNumbers;
  const lines = readAccount(settings, at + 1, numbers);
  const profile = settings.get(`P${FIRST_PROFILE + at}`) ?? String(at);
  if (lines.length > 0 && profile !== String(at)) throw new Error(`account ${at + 1} uses the profile of another`);
  return lines;
}

function readKey(settings: Settings, position: number): readonly KeyReading[] {
  const numbers = keyNumbers(position);
  const type = settings.get(`P${numbers.type}`) ?? '0';
  if (type === '0') return [];
  const kind = KINDS.get(type);
  if (kind === undefined) throw new Error(`key ${position} has no such type: ${type}`);
  const get = (number: number): string => settings.get(`P${number}`) ?? '';
  return [{ position, kind, value: get(numbers.value), label: get(numbers.label) }];
}

function keyNumbers(position: number): Readonly<Record<'type' | 'value' | 'label', number>> {
  if (position <= 4) return { type: 41199 + position, value: 41299 + position, label: 41399 + position };
  const type = position <= 36 ? 20175 + 5 * position : 22778 + 6 * position;
  const value = position <= 36 ? type + 1 : type + 2;
  return { type, value, label: value + 1 };
}
