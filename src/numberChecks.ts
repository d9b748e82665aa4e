import type { Core } from './administration/core.ts';
import { checkNumbersAt, type NumberCheck } from './administration/users.ts';
import type { Config } from './config.ts';
import type { AskRunning } from './core.ts';

/** What the running Asterisk has to say of numbers that new users are to have; empty where it is selfprov's own, and is not running. */
export async function numberChecks(
  { asteriskFiles }: Pick<Config, 'asteriskFiles'>,
  ask: AskRunning,
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
