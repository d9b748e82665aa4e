import type { Csv } from '../../csv/readCsv.ts';
import { SelfprovError } from '../../domain/errors.ts';
import type { Store } from '../../domain/ports.ts';
import type { Change, Plan, ReadKind } from './kind.ts';
import { countsOf, planTable } from './planTable.ts';

/**
 * Carries out a plan that has no mistakes, all of it or nothing, and writes one event about the whole. Rejects with
 * `conflict` when the same file would come to something else by now.
 */
export async function applyPlan<Draft, Planned extends Change, Thing>(
  readKind: ReadKind<Draft, Planned, Thing>,
  { store, tenantId, actor }: { readonly store: Store; readonly tenantId: string; readonly actor: string },
  csv: Csv,
  plan: Plan<Planned>,
  write: (inside: Store, planned: Planned) => Promise<void>,
): Promise<void> {
  await store.transaction(async (inside) => {
    const kind = await readKind(inside, tenantId);
    const now = planTable(kind, csv);
    const other = differsAt(plan, now);
    if (other !== undefined) {
      const message = `somebody else has changed what line ${other} is about meanwhile: nothing is imported; try again`;
      throw new SelfprovError('conflict', message);
    }
    for (const { change } of now.lines) if (change.what !== 'unchanged') await write(inside, change);
    await inside.addEvent({ step: 'imported', tenantId, actor, detail: { what: kind.what, ...countsOf(now) } });
  });
}

/** The first line that two plans of one file differ in. */
function differsAt(one: Plan<Change>, other: Plan<Change>): number | undefined {
  const wrong = other.mistakes[0];
  if (wrong !== undefined) return wrong.line;
  return one.lines.find((line, at) => JSON.stringify(line) !== JSON.stringify(other.lines[at]))?.line;
}
