import type { Core } from './administration/core.ts';
import { checkNumbersAt, type NumberCheck } from './administration/users.ts';
import type { Config } from './config.ts';
import { askAsterisk, type AsteriskAsked } from './core.ts';

/** What the running Asterisk has to say of numbers that new users are to have; empty where it is selfprov's own, and is not running. */
export async function numberChecks(
  config: Config,
  core: Pick<Core, 'store'>,
  tenantId: string,
  extensions: readonly string[],
): Promise<ReadonlyMap<string, NumberCheck>> {
  const within = Math.max(2000, extensions.length * 50);
  const asked = (asterisk: AsteriskAsked) => checkNumbersAt(asterisk, core, tenantId, extensions);
  const checks = await askAsterisk(config, asked, { within });
  if (checks !== undefined || config.asteriskFiles === undefined) return checks ?? new Map<string, never>();
  const warning = 'Asterisk does not answer: nobody has looked whether it has something else of this number';
  return new Map(extensions.map((extension) => [extension, { warning }]));
}
