import { whereOf } from '../domain/addresses.ts';
import type { HandOver } from '../domain/handOver.ts';
import type { HandOvers } from '../domain/ports.ts';
import type { Farewell } from '../domain/registrations.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row, type Table } from './table.ts';
import { tokenHash } from './tokenHash.ts';

/** Later than any time: PostgreSQL has no infinite number. */
const EVER = Number.MAX_SAFE_INTEGER;

/** Hand-overs, and the farewells of devices that have left an AOR. */
export function handOversIn(sealer: Sealer) {
  const handOvers = table<HandOver>(
    'hand_overs',
    {
      id: 'text',
      mac: 'text',
      slot: 'number',
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
      amongOthers: 'boolean',
      aor: 'text',
      tenantId: 'text',
      whole: 'boolean',
      contact: 'text',
      notify: 'text',
      family: 'text',
      told: 'boolean',
      createdAt: 'number',
      nextAttemptAt: 'number',
    },
    sealer,
  );

  return (query: Query): HandOvers => {
    async function due<T>(of: Table<T>, now: number, where: Row, latest = EVER): Promise<readonly T[]> {
      const rows = (await query
        .database(of.name)
        .where(where)
        .andWhere((come) => {
          void come.where('next_attempt_at', '<=', Math.min(now, EVER)).orWhere('next_attempt_at', '>', latest);
        })
        .orderBy('next_attempt_at')) as Row[];
      return rows.map(of.fromRow);
    }

    return {
      handOver: (mac, slot) => query.find(handOvers, { mac, slot }),
      handOversOf: (mac) => query.list(handOvers, { mac }, 'slot'),
      async unfinishedHandOvers() {
        const rows = (await query
          .database('hand_overs')
          .whereIn('state', ['open', 'failed'])
          .groupBy('state')
          .select('state')
          .count({ many: '*' })) as Row[];
        const many = (state: string): number => Number(rows.find((row) => row['state'] === state)?.['many'] ?? 0);
        return { open: many('open'), failed: many('failed') };
      },
      dueHandOvers: (now, latest) => due(handOvers, now, { state: 'open' }, latest),
      async putHandOver(handOver) {
        const { previousToken } = handOver;
        const row = {
          ...handOvers.toRow(handOver),
          previous_token_hash: previousToken === null ? null : tokenHash(previousToken),
          ...contactAt(handOver),
        };
        await query.put(handOvers, row, ['mac', 'slot']);
      },
      removeHandOver: (mac, slot) => query.remove(handOvers, { mac, slot }),
      async handOversAt(where) {
        const rows = (await query
          .database('hand_overs')
          .where({ contact_at: where })
          .whereNot({ state: 'done' })) as Row[];
        return rows.map(handOvers.fromRow);
      },
      farewells: (aor) => query.list(farewells, { aor }, 'key'),
      dueFarewells: (now) => due(farewells, now, {}),
      addFarewell: (farewell) => query.insert(farewells, farewell, contactAt(farewell)),
      farewellsAt: (where) => query.list(farewells, { contact_at: where }, 'key'),
      updateFarewell: (key, change) => query.update(farewells, { key }, change, contactAt(change)),
      removeFarewell: (key) => query.remove(farewells, { key }),
    };
  };
}

/** A column that is only there to be searched by. */
function contactAt({ contact }: { readonly contact?: string | null | undefined }): Row {
  if (contact === undefined) return {};
  return { contact_at: contact === null ? null : whereOf(contact) };
}
