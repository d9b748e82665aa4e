import type { Event } from '../domain/journal.ts';
import type { Journal } from '../domain/ports.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row } from './table.ts';

/** Hears of every event once it is committed: what is in the log is in the database. */
export type OnEvent = (event: Omit<Event, 'id'>) => void;

export function journalIn(sealer: Sealer) {
  const all = table<Event>(
    'events',
    {
      id: 'text',
      at: 'number',
      step: 'text',
      tenantId: 'text',
      mac: 'text',
      userId: 'text',
      actor: 'text',
      address: 'text',
      detail: 'json',
    },
    sealer,
  );
  return (query: Query, onEvent: OnEvent): Journal => ({
    async addEvent(event) {
      const whole = { mac: null, userId: null, actor: 'selfprov', address: null, detail: {}, at: Date.now(), ...event };
      await query.insert(all, whole as Event);
      onEvent(whole);
    },
    async events({ tenantId, mac, userId, step, actor, from, until, beforeId, afterId, limit }) {
      const order = afterId === undefined ? 'desc' : 'asc';
      const wanted = query.database('events').orderBy('id', order).limit(limit);
      // What a user does on another tenant's device is told to both.
      if (tenantId !== undefined)
        void wanted.where((either) => {
          void either
            .where({ tenant_id: tenantId })
            .orWhereIn('user_id', query.database('users').where({ tenant_id: tenantId }).select('id'));
        });
      if (mac !== undefined) void wanted.where({ mac });
      if (userId !== undefined) void wanted.where({ user_id: userId });
      if (step !== undefined) void wanted.where({ step });
      // Neither LIKE nor an order of texts is the same everywhere.
      if (actor !== undefined) void wanted.whereRaw('substr(actor, 1, ?) = ?', [[...actor].length, actor]);
      if (from !== undefined) void wanted.where('at', '>=', from);
      if (until !== undefined) void wanted.where('at', '<', until);
      if (beforeId !== undefined) void wanted.where('id', '<', Number(beforeId));
      if (afterId !== undefined) void wanted.where('id', '>', Number(afterId));
      const found = ((await wanted) as Row[]).map(all.fromRow);
      return afterId === undefined ? found.toReversed() : found;
    },
    async removeEvents(before) {
      await query.database('events').where('at', '<', before).delete();
    },
  });
}
