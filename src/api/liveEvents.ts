import type { Event } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';

/** Of several processes one may commit what another one has numbered before: so many are looked at again. */
const AGAIN = 100;
const AT_ONCE = 500;

/** Reads what has happened in a tenant, piece by piece. */
export interface Follower {
  /** What is new since the last time, oldest first; none twice. */
  next(): Promise<readonly Event[]>;
}

/** Follows from behind the event with this id, or from now on. */
export async function followEvents(
  { events }: Pick<Store, 'events'>,
  tenantId: string,
  after: string | undefined,
): Promise<Follower> {
  const [latest] = await events({ limit: 1 });
  let cursor = Number(after ?? latest?.id ?? 0);
  /** Those that are behind the place where looking begins. Before the first look nobody has had any. */
  const had = new Set<string>();
  let from = cursor;
  return {
    async next() {
      const found = await events({ tenantId, afterId: String(from), limit: AT_ONCE + AGAIN });
      const fresh = found.filter(({ id }) => !had.has(id));
      for (const { id } of fresh) had.add(id);
      cursor = Math.max(cursor, ...fresh.map(({ id }) => Number(id)));
      from = Math.max(from, cursor - AGAIN);
      for (const id of had) if (Number(id) <= from) had.delete(id);
      return fresh;
    },
  };
}
