import type { Config } from './config.ts';
import { ASK_OF_ALL_MS, askAsterisk, openCore, type AsteriskAsked } from './core.ts';
import { isAmongOthers, type Line } from './domain/device.ts';

/**
 * Has Asterisk forget every registration of a phone that selfprov has set up; those of other phones stay. Resolves with how many
 * there were; `undefined` when Asterisk cannot be asked.
 */
export async function endRegistrations(config: Config): Promise<number | undefined> {
  const core = await openCore(config);
  try {
    const lines: Line[] = [];
    for (const { id } of await core.store.tenants())
      for (const { mac } of await core.store.devices(id)) lines.push(...(await core.store.lines(mac)));
    return await askAsterisk(config, (asterisk) => endAll(asterisk, lines), { within: ASK_OF_ALL_MS });
  } finally {
    await core.close();
  }
}

async function endAll({ registrar }: AsteriskAsked, lines: readonly Line[]): Promise<number> {
  const [asterisk = null] = registrar.asterisks;
  const contacts = await registrar.allContacts(asterisk);
  const whole = new Set(lines.filter((line) => !isAmongOthers(line)).map(({ endpoint }) => endpoint));
  const known = new Set(lines.filter(isAmongOthers).map(({ endpoint, contact }) => `${endpoint} ${contact}`));
  const ours = contacts.filter(({ aor, uri }) => whole.has(aor) || known.has(`${aor} ${uri}`));
  for (const contact of ours) await registrar.remove(contact);
  return ours.length;
}
