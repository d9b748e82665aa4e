import type { Mac } from '../../domain/mac.ts';
import { isInRange, type NumberRange } from '../../domain/policySettings.ts';
import type { Store } from '../../domain/ports.ts';
import { policyOf, type Tenant } from '../../domain/tenant.ts';

/** A number of the range that no default line of the tenant has, nor is `given` in the same breath; `null` when all are used up. */
export async function freeNumber(
  store: Pick<Store, 'defaultLines'>,
  tenantId: string,
  range: NumberRange,
  given: readonly string[] = [],
): Promise<string | null> {
  const taken = (await store.defaultLines(tenantId)).flatMap(({ number }) => number ?? []);
  return unused(range, new Set([...taken, ...given])).next().value ?? null;
}

/** Gives each default line of a tenant a number of the range that it has from now on; one that has such a number keeps it. */
export async function renumberLines(store: Store, tenant: Tenant): Promise<void> {
  const range = policyOf(tenant).defaultNumbers;
  const lines = await store.defaultLines(tenant.id);
  const stays = (number: string | null): boolean => number !== null && isInRange(number, range);
  const free = range && unused(range, new Set(lines.flatMap(({ number }) => (stays(number) ? (number ?? []) : []))));
  for (const { id, mac, number: before } of lines) {
    if (stays(before)) continue;
    const number = free?.next().value ?? null;
    if (number !== before) await store.updateLine(id, { number });
    if (range !== null && number === null) await noteUsedUp(store, tenant.id, mac, range);
  }
}

export async function noteUsedUp(store: Store, tenantId: string, mac: Mac, { from, to }: NumberRange): Promise<void> {
  await store.addEvent({ step: 'numbers_used_up', tenantId, mac, detail: { from, to } });
}

function* unused({ from, to }: NumberRange, taken: ReadonlySet<string>): Generator<string, undefined> {
  for (let number = Number(from); number <= Number(to); number++) {
    const text = String(number).padStart(from.length, '0');
    if (!taken.has(text)) yield text;
  }
}
