import type { Knex } from 'knex';
import type { Event } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import type { Change } from '../domain/snapshot.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { ACCOUNT_WRITES, accountsIn, noting, remembering } from './accounts.ts';
import { telling, type Changes } from './changes.ts';
import { codesIn } from './codes.ts';
import { devicesIn } from './devices.ts';
import type { Engine } from './engine.ts';
import { handOversIn } from './handOvers.ts';
import { hotDesksIn } from './hotDesks.ts';
import { journalIn, type OnEvent } from './journal.ts';
import { patiently } from './patiently.ts';
import { queryOf } from './query.ts';
import { redirectsIn } from './redirects.ts';
import { siteIn } from './site.ts';
import { syncsIn } from './syncs.ts';
import { tenantsIn } from './tenants.ts';
import { triesIn } from './tries.ts';
import { usersIn } from './users.ts';

type Aggregates = Omit<Store, 'transaction'>;

/** The store over one database. */
export function createStore(engine: Engine, sealer: Sealer, onEvent: OnEvent, onChange: Changes['tell']): Store {
  const [tenants, users, devices] = [tenantsIn(sealer), usersIn(sealer), devicesIn(sealer)];
  const [handOvers, tries, journal] = [handOversIn(sealer), triesIn(sealer), journalIn(sealer)];
  const [codes, hotDesks, redirects, syncs] = [
    codesIn(sealer),
    hotDesksIn(sealer),
    redirectsIn(sealer),
    syncsIn(sealer),
  ];
  const writeAccount = accountsIn(sealer);

  function aggregates(on: Knex, tell: OnEvent, tellChange: Changes['tell']): Aggregates {
    const query = queryOf(engine, on);
    const all: Aggregates = {
      ...tenants(query),
      ...users(query),
      ...devices(query),
      ...handOvers(query),
      ...tries(query),
      ...codes(query),
      ...hotDesks(query),
      ...redirects(query),
      ...syncs(query),
      ...siteIn(query),
      ...journal(query, tell),
    };
    return telling(all, tellChange);
  }

  async function once<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const events: Omit<Event, 'id'>[] = [];
    const changed: Change[] = [];
    const result = await engine
      .transaction(async (transaction) => {
        const all = aggregates(
          transaction,
          (event) => events.push(event),
          (change) => changed.push(change),
        );
        const touched = new Set<string>();
        const inside: Store = { ...all, ...noting(all, touched), transaction: (more) => more(inside) };
        const done = await work(inside);
        const source = remembering(inside);
        for (const endpoint of touched) await writeAccount(queryOf(engine, transaction), source, endpoint);
        return done;
      })
      // An error does not always tell that nothing was written.
      .finally(() => changed.forEach(onChange));
    events.forEach(onEvent);
    return result;
  }

  const transaction: Store['transaction'] = (work) => patiently(engine, () => once(work));
  return {
    ...patient(engine, aggregates(engine.database, onEvent, onChange)),
    ...inTransactions(transaction),
    transaction,
  };
}

/** What changes accounts, when it is called by itself. */
function inTransactions(transaction: Store['transaction']): Partial<Aggregates> {
  const alone = ACCOUNT_WRITES.map((name) => [
    name,
    (...given: unknown[]) => transaction((store) => (store[name] as (...all: unknown[]) => Promise<unknown>)(...given)),
  ]);
  return Object.fromEntries(alone) as Partial<Aggregates>;
}

/** The same, each method `patiently`. */
function patient(engine: Engine, all: Aggregates): Aggregates {
  const methods = Object.entries(all) as [string, (...given: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...given: unknown[]) => patiently(engine, () => method(...given))]),
  ) as unknown as Aggregates;
}
