import { isIP } from 'node:net';
import { SelfprovError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';

/** What a value must look like to mean in a file of Asterisk exactly what it says. */
export interface Rule {
  readonly pattern: RegExp;
  /** Ends the sentence "it must be …". */
  readonly words: string;
}

export const word: Rule = {
  pattern: /^[\w.-]{1,64}$/,
  words: 'up to 64 letters, digits, dots, dashes and underscores',
};
export const userName: Rule = {
  pattern: /^(?!general$)[\w-]{1,64}$/i,
  words: 'up to 64 letters, digits, dashes and underscores, and not "general"',
};
export const dialable: Rule = { pattern: /^[0-9*#]{1,32}$/, words: 'up to 32 digits, stars and pounds' };
export const foreignContext: Rule = {
  pattern: /^(?!selfprov-)[\w-]{1,79}$/,
  words: 'the name of a context that is not one of selfprov, in letters, digits, dashes and underscores',
};
export const path: Rule = {
  pattern: /^\/[^\p{Cc};,="\\<>@]*(?<! )$/u,
  words: 'an absolute path without any of ; , = " \\ < > @ and without a space at its end',
};

/** The value itself, or an `invalid` that names the setting and the rule. */
export function checked(setting: string, value: string, rule: Rule): string {
  if (rule.pattern.test(value)) return value;
  throw new SelfprovError('invalid', `${JSON.stringify(value)} cannot be ${setting}: it must be ${rule.words}.`);
}

/** An IP address of either version. */
export function checkedAddress(setting: string, value: string): string {
  if (isIP(value) !== 0) return value;
  throw new SelfprovError('invalid', `${JSON.stringify(value)} cannot be ${setting}: it must be an IP address.`);
}

/** A port, as text. */
export function checkedPort(setting: string, value: number): string {
  if (Number.isInteger(value) && value > 0 && value < 65536) return String(value);
  throw new SelfprovError('invalid', `${value} cannot be ${setting}: it must be a number from 1 to 65535.`);
}

/** A number of things of which there is at least one, as text. */
export function checkedCount(setting: string, value: number): string {
  if (Number.isInteger(value) && value > 0) return String(value);
  throw new SelfprovError('invalid', `${value} cannot be ${setting}: it must be a whole number from 1.`);
}

/** The text of a password; the refusal does not show it. */
export function checkedPassword(setting: string, value: Secret): string {
  if (/^[A-Za-z0-9]{12,128}$/.test(value.reveal())) return value.reveal();
  throw new SelfprovError('invalid', `This cannot be ${setting}: it must be 12 to 128 letters and digits.`);
}
