import type { Knex } from 'knex';
import type { Event } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { devicesIn } from './devices.ts';
import { handOversIn } from './handOvers.ts';
import { journalIn, type OnEvent } from './journal.ts';
import { patiently } from './patiently.ts';
import { queryOf } from './query.ts';
import { tenantsIn, type TenantTables } from './tenants.ts';
import { triesIn } from './tries.ts';
import { usersIn } from './users.ts';

type Aggregates = Omit<Store, 'transaction'>;

/** The store over one database. */
export function createStore(database: Knex, tenantTables: TenantTables, sealer: Sealer, onEvent: OnEvent): Store {
  const [tenants, users, devices] = [tenantsIn(tenantTables), usersIn(sealer), devicesIn(sealer)];
  const [handOvers, tries, journal] = [handOversIn(sealer), triesIn(sealer), journalIn(sealer)];

  function aggregates(on: Knex, tell: OnEvent): Aggregates {
    const query = queryOf(on);
    return {
      ...tenants(query),
      ...users(query),
      ...devices(query),
      ...handOvers(query),
      ...tries(query),
      ...journal(query, tell),
    };
  }

  async function once<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const events: Omit<Event, 'id'>[] = [];
    const result = await database.transaction(async (transaction) => {
      // A transaction that reads first and writes later fails when another process wrote in between; one that begins with
      // a write has the database for itself (SQLite: BEGIN IMMEDIATE, which knex cannot say).
      await transaction('tenants').whereRaw('1 = 0').update({ name: '' });
      const inside: Store = {
        ...aggregates(transaction, (event) => events.push(event)),
        transaction: (more) => more(inside),
      };
      return work(inside);
    });
    events.forEach(onEvent);
    return result;
  }

  return {
    ...patient(aggregates(database, onEvent)),
    transaction: (work) => patiently(() => once(work)),
  };
}

/** The same, each method `patiently`. */
function patient(all: Aggregates): Aggregates {
  const methods = Object.entries(all) as [string, (...given: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...given: unknown[]) => patiently(() => method(...given))]),
  ) as unknown as Aggregates;
}
