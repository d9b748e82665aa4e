import { InvalidArgumentError } from 'commander';
import { parseMac, type Mac } from '../domain/mac.ts';

/** A MAC in any spelling; commander prints why it is refused. */
export function macArgument(text: string): Mac {
  const mac = parseMac(text);
  if (mac === undefined) throw new InvalidArgumentError('Write a MAC address as 00:15:65:aa:bb:cc.');
  return mac;
}

export function wholeArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

export function countArgument(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return number;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `12h`, `7d` in milliseconds. */
export function durationArgument(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text.trim()) ?? [];
  const length = UNITS[unit];
  if (length === undefined) throw new InvalidArgumentError('Write a time as 30m, 12h or 7d.');
  return Number(count) * length;
}
