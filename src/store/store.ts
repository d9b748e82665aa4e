import type { Knex } from 'knex';
import type { Event } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import type { Change } from '../domain/snapshot.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { ACCOUNT_WRITES, accountsIn, noting, remembering, rememberingUntil } from './accounts.ts';
import { telling, type Changes } from './changes.ts';
import { codesIn } from './codes.ts';
import { devicesIn } from './devices.ts';
import type { Engine } from './engine.ts';
import { handOversIn } from './handOvers.ts';
import { hotDesksIn } from './hotDesks.ts';
import { journalIn, type OnEvent } from './journal.ts';
import { patiently } from './patiently.ts';
import { queryOf, type Query } from './query.ts';
import { redirectsIn } from './redirects.ts';
import { siteIn } from './site.ts';
import { syncsIn } from './syncs.ts';
import { tenantsIn } from './tenants.ts';
import { triesIn } from './tries.ts';
import { usersIn } from './users.ts';

type Aggregates = Omit<Store, 'transaction'>;

/** What one work has done that others have to hear of. */
interface Heard {
  readonly events: Omit<Event, 'id'>[];
  readonly changes: Change[];
  /** Endpoints whose account may have changed. */
  readonly touched: Set<string>;
}

const nothing = (): Heard => ({ events: [], changes: [], touched: new Set() });

/** The store inside of a transaction. */
interface Inside {
  readonly store: Store;
  readonly query: Query;
  /** Of the work that is under way. */
  heard: Heard;
  forget(): void;
}

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

  /** Works of one group have the same transaction, one after the other. */
  const opened = new WeakMap<Knex, Inside>();

  function insideOf(transaction: Knex): Inside {
    const known = opened.get(transaction);
    if (known !== undefined) return known;
    const all = aggregates(
      transaction,
      (event) => made.heard.events.push(event),
      (change) => {
        made.heard.changes.push(change);
        if (change === 'all') forget();
      },
    );
    // Nobody else changes these while the transaction lasts.
    const { forget, ...common } = rememberingUntil(all);
    const store: Store = {
      ...all,
      ...common,
      ...noting(all, (endpoint) => made.heard.touched.add(endpoint)),
      transaction: (more) => more(store),
    };
    const made: Inside = { store, query: queryOf(engine, transaction), heard: nothing(), forget };
    opened.set(transaction, made);
    return made;
  }

  async function once<T>(work: (store: Store) => Promise<T>): Promise<T> {
    let mine = nothing();
    try {
      const result = await engine.transaction(async (transaction) => {
        const inside = insideOf(transaction);
        mine = inside.heard = nothing();
        try {
          const done = await work(inside.store);
          const source = remembering(inside.store);
          for (const endpoint of mine.touched) await writeAccount(inside.query, source, endpoint);
          return done;
        } catch (error) {
          // What it has read last may be what it has written, and is undone now.
          inside.forget();
          throw error;
        }
      });
      mine.events.forEach(onEvent);
      return result;
    } finally {
      // An error does not always tell that nothing was written.
      mine.changes.forEach(onChange);
    }
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
