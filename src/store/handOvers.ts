import type { HandOver } from '../domain/handOver.ts';
import type { HandOvers } from '../domain/ports.ts';
import type { Farewell } from '../domain/registrations.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row, type Table } from './table.ts';
import { tokenHash } from './tokenHash.ts';

/** Hand-overs, and the farewells of devices that have left an AOR. */
export function handOversIn(sealer: Sealer) {
  const handOvers = table<HandOver>(
    'hand_overs',
    {
      id: 'text',
      mac: 'text',
      kind: 'text',
      state: 'text',
      failure: 'text',
      lineId: 'text',
      aor: 'text',
      leaves: 'text',
      contact: 'text',
      contactsBefore: 'json',
      address: 'text',
      windowEndsAt: 'number',
      previousToken: 'secret',
      acceptedAt: 'number',
      notifiedAt: 'number',
      fetchedAt: 'number',
      registeredAt: 'number',
      attempts: 'number',
      nextAttemptAt: 'number',
    },
    sealer,
  );
  const farewells = table<Farewell>(
    'farewells',
    {
      key: 'text',
      mac: 'text',
      seenAs: 'json',
      fetchedFrom: 'text',
      notIts: 'json',
      aor: 'text',
      tenantId: 'text',
      whole: 'boolean',
      notify: 'text',
      family: 'text',
      told: 'boolean',
      createdAt: 'number',
      nextAttemptAt: 'number',
    },
    sealer,
  );

  return (query: Query): HandOvers => {
    async function due<T>(of: Table<T>, now: number, where: Row): Promise<readonly T[]> {
      const rows = (await query
        .database(of.name)
        .where(where)
        .andWhere('next_attempt_at', '<=', now)
        .orderBy('next_attempt_at')) as Row[];
      return rows.map(of.fromRow);
    }

    return {
      handOver: (mac) => query.find(handOvers, { mac }),
      dueHandOvers: (now) => due(handOvers, now, { state: 'open' }),
      async putHandOver(handOver) {
        const { previousToken } = handOver;
        const row = {
          ...handOvers.toRow(handOver),
          previous_token_hash: previousToken === null ? null : tokenHash(previousToken),
        };
        await query.database('hand_overs').insert(row).onConflict('mac').merge();
      },
      farewells: (aor) => query.list(farewells, { aor }, 'key'),
      dueFarewells: (now) => due(farewells, now, {}),
      addFarewell: (farewell) => query.insert(farewells, farewell),
      updateFarewell: (key, change) => query.update(farewells, { key }, change),
      removeFarewell: (key) => query.remove(farewells, { key }),
    };
  };
}
