import type { Core } from './administration/core.ts';
import { checkNumbersAt, type NumberCheck, type NumbersAsked } from './administration/users.ts';
import type { Config } from './config.ts';

/** Asks a running Asterisk, for so many milliseconds at most; gives `undefined` where it cannot be asked. */
export type AskNumbers = <T>(
  question: (asterisk: NumbersAsked) => Promise<T>,
  within: number,
) => Promise<T | undefined>;

/** What the running Asterisk has to say of numbers that new users are to have; empty where it is selfprov's own, and is not running. */
export async function numberChecks(
  { asteriskFiles }: Pick<Config, 'asteriskFiles'>,
  ask: AskNumbers,
  core: Pick<Core, 'store'>,
  tenantId: string,
  extensions: readonly string[],
): Promise<ReadonlyMap<string, NumberCheck>> {
  const within = Math.max(2000, extensions.length * 50);
  const checks = await ask((asterisk) => checkNumbersAt(asterisk, core, tenantId, extensions), within);
  if (checks !== undefined || asteriskFiles === undefined) return checks ?? new Map<string, never>();
  const warning = 'Asterisk does not answer: nobody has looked whether it has something else of this number';
  return new Map(extensions.map((extension) => [extension, { warning }]));
}
