import { z } from 'zod';

/** Settings as they are given, by name. */
export type Given = Readonly<Record<string, string | undefined>>;

/** Several, with commas between. */
export const words = z.string().transform((text) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
);

/** What is missing of two that are nothing by themselves. */
export function missingHalf(set: Given, ...pair: readonly [string, string]): string[] {
  const missing = pair.filter((name) => set[name] === undefined);
  return missing.length === 1
    ? missing.map((name) => `${name}: needed beside ${pair.find((one) => one !== name)}`)
    : [];
}

export function oneTooMany(set: Given, one: string, other: string, why: string): string[] {
  return set[one] === undefined || set[other] === undefined ? [] : [`${one}: not beside ${other}, ${why}`];
}

export function withoutOther(set: Given, name: string, other: string): string[] {
  return set[name] === undefined || set[other] !== undefined ? [] : [`${name}: of no use without ${other}`];
}
