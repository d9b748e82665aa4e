import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { AsteriskName } from '../domain/addresses.ts';
import type { Event } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { accountsIn, noting, remembering } from './accounts.ts';
import { claimsIn } from './claims.ts';
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
import { noteStale, staleAccountsIn } from './staleAccounts.ts';
import { syncsIn } from './syncs.ts';
import { tenantsIn } from './tenants.ts';
import { triesIn } from './tries.ts';
import { usersIn } from './users.ts';

type Aggregates = Omit<Store, 'transaction'>;

/** The store over one database; `caching`: the Asterisks that keep accounts for times without it. */
export function createStore(
  engine: Engine,
  sealer: Sealer,
  onEvent: OnEvent,
  caching: readonly AsteriskName[] = [],
): Store {
  const [tenants, users, devices] = [tenantsIn(sealer), usersIn(sealer), devicesIn(sealer)];
  const [handOvers, tries, journal] = [handOversIn(sealer), triesIn(sealer), journalIn(sealer)];
  const [codes, hotDesks, redirects, syncs] = [
    codesIn(sealer),
    hotDesksIn(sealer),
    redirectsIn(sealer),
    syncsIn(sealer),
  ];
  const writeAccount = accountsIn(sealer);
  const holder = randomUUID();

  function aggregates(on: Knex, tell: OnEvent): Aggregates {
    const query = queryOf(on, engine.clock);
    // Not spread into a literal, where V8 takes fifteen times as long: this is done in each transaction.
    const { assign } = Object;
    const people = assign(tenants(query), users(query), codes(query), tries(query));
    const phones = assign(devices(query), handOvers(query), hotDesks(query), redirects(query));
    const due = assign(syncs(query), claimsIn(query, holder), staleAccountsIn(query));
    return assign(people, phones, due, assign(siteIn(query), journal(query, tell)));
  }

  async function once<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const events: Omit<Event, 'id'>[] = [];
    const result = await engine.transaction(async (transaction) => {
      const all = aggregates(transaction, (event) => events.push(event));
      const touched = new Set<string>();
      let isDue = false;
      const notice = (): void => void (isDue = true);
      const inside: Store = Object.assign(all, noting(all, touched), noticing(all, notice), {
        transaction: <T>(more: (store: Store) => Promise<T>) => more(inside),
      });
      const done = await work(inside);
      const source = remembering(inside);
      const query = queryOf(transaction, engine.clock);
      for (const endpoint of touched) {
        const gone = await writeAccount(query, source, endpoint);
        if (gone.length === 0 || caching.length === 0) continue;
        await noteStale(query, caching, gone);
        isDue = true;
      }
      if (isDue) await engine.tell(transaction, DUE);
      return done;
    });
    events.forEach(onEvent);
    return result;
  }

  const transaction: Store['transaction'] = (work) => patiently(engine, () => once(work));
  const all = aggregates(engine.database, onEvent);
  return { ...patient(engine, all), ...inTransactions(all, transaction), transaction };
}

/** Told to all processes: they look at once at what is due. */
export const DUE = 'due';

type Noticed = Pick<Aggregates, 'addFarewell' | 'putHandOver' | 'addSync'>;

/** What makes something due that no process waits for yet. */
function noticing({ addFarewell, putHandOver, addSync }: Noticed, notice: () => void): Noticed {
  return {
    addFarewell(farewell) {
      notice();
      return addFarewell(farewell);
    },
    putHandOver(handOver) {
      if (handOver.state === 'open' && handOver.attempts === 0) notice();
      return putHandOver(handOver);
    },
    addSync(...given) {
      notice();
      return addSync(...given);
    },
  };
}

/** What writes, when it is called by itself: nobody's transaction may find something changed in its midst. */
function inTransactions(all: Aggregates, transaction: Store['transaction']): Partial<Aggregates> {
  const names = Object.keys(all).filter((name) => WRITES.test(name)) as (keyof Aggregates)[];
  const alone = names.map((name) => [
    name,
    (...given: unknown[]) => transaction((store) => (store[name] as (...all: unknown[]) => Promise<unknown>)(...given)),
  ]);
  return Object.fromEntries(alone) as Partial<Aggregates>;
}

/** How the names begin of all that writes, but for claims: those are for outside. */
const WRITES = /^(?:add|update|remove|put|use|forgive)(?=[A-Z])/;

/** The same, each method `patiently`. */
function patient(engine: Engine, all: Aggregates): Aggregates {
  const methods = Object.entries(all) as [string, (...given: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...given: unknown[]) => patiently(engine, () => method(...given))]),
  ) as unknown as Aggregates;
}
