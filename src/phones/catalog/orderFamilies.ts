import type { Family } from '../family/family.ts';
import type { Mistakes } from './mistakes.ts';

/** Puts each family in front of those it names in `before`, otherwise by id. */
export function orderFamilies(families: readonly Family[], mistakes: Mistakes): readonly Family[] {
  const ids = new Set(families.map((family) => family.id));
  for (const family of families) {
    for (const id of family.data.before) {
      if (!ids.has(id)) mistakes.add(`${family.id}/family.yaml`, undefined, `before: there is no family ${id}`);
    }
  }

  const ordered: Family[] = [];
  let waiting = families.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  while (waiting.length > 0) {
    const next = waiting.find((family) => !waiting.some((other) => other.data.before.includes(family.id)));
    if (next === undefined) {
      mistakes.add(
        waiting.map((family) => family.id).join(', '),
        undefined,
        'before: these families wait for each other',
      );
      return [...ordered, ...waiting];
    }
    ordered.push(next);
    waiting = waiting.filter((family) => family !== next);
  }
  return ordered;
}
