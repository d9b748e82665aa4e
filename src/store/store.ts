import type { Knex } from 'knex';
import type { AsteriskName } from '../domain/addresses.ts';
import type { Event } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import type { Change } from '../domain/snapshot.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { accountsIn, noting, remembering, rememberingUntil } from './accounts.ts';
import { changesMessage, telling, WRITES, type Changes, type Teller } from './changes.ts';
import { accessIn } from './access.ts';
import { claimsIn } from './claims.ts';
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
import { noteStale, staleAccountsIn } from './staleAccounts.ts';
import { syncsIn } from './syncs.ts';
import { tenantsIn } from './tenants.ts';
import { triesIn } from './tries.ts';
import { usersIn } from './users.ts';
import { webhooksIn } from './webhooks.ts';

type Aggregates = Omit<Store, 'transaction'>;

/** What one work has done that others have to hear of. */
interface Heard {
  readonly events: Omit<Event, 'id'>[];
  readonly changes: Change[];
  /** Endpoints whose account may have changed. */
  readonly touched: Set<string>;
  /** Something is due that no process waits for yet. */
  isDue: boolean;
}

const nothing = (): Heard => ({ events: [], changes: [], touched: new Set(), isDue: false });

/** The store inside of a transaction. */
interface Inside {
  readonly store: Store;
  readonly query: Query;
  /** Of the work that is under way. */
  heard: Heard;
  forget(): void;
}

/** Told to all processes: they look at once at what is due. */
export const DUE = 'due';

/** The store over one database; `holder` names this process, `caching` the Asterisks that keep accounts for times without it. */
export function createStore(
  engine: Engine,
  sealer: Sealer,
  {
    onEvent,
    onChange,
    teller,
  }: { readonly onEvent: OnEvent; readonly onChange: Changes['tell']; readonly teller: Teller },
  { holder, caching }: { readonly holder: string; readonly caching: readonly AsteriskName[] },
): Store {
  const [tenants, users, devices] = [tenantsIn(sealer), usersIn(sealer), devicesIn(sealer)];
  const [handOvers, tries, journal] = [handOversIn(sealer), triesIn(sealer), journalIn(sealer)];
  const [codes, hotDesks, redirects, syncs] = [
    codesIn(sealer),
    hotDesksIn(sealer),
    redirectsIn(sealer),
    syncsIn(sealer),
  ];
  const [access, webhooks] = [accessIn(sealer), webhooksIn(sealer)];
  const writeAccount = accountsIn(sealer);

  function aggregates(on: Knex, tell: OnEvent, tellChange: Changes['tell']): Aggregates {
    const query = queryOf(engine, on);
    // Not spread into a literal, where V8 takes fifteen times as long: this is done in each transaction.
    const { assign } = Object;
    const people = assign(tenants(query), users(query), codes(query), tries(query));
    const phones = assign(devices(query), handOvers(query), hotDesks(query), redirects(query));
    const due = assign(syncs(query), claimsIn(query, holder), staleAccountsIn(query));
    return telling(
      assign(people, phones, due, assign(siteIn(query), access(query), webhooks(query), journal(query, tell))),
      tellChange,
    );
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
    const noted = noting(all, (endpoint) => made.heard.touched.add(endpoint));
    const noticed = noticing(all, () => (made.heard.isDue = true));
    const store: Store = Object.assign({}, all, common, noted, noticed, {
      transaction: <T>(more: (store: Store) => Promise<T>) => more(store),
    });
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
          await writeAccounts(inside, mine);
          if (mine.isDue) await engine.tell(transaction, DUE);
          if (mine.changes.length > 0) await engine.tell(transaction, changesMessage(teller.name(), mine.changes));
          return done;
        } catch (error) {
          // What it has read last may be what it has written, and is undone now.
          inside.forget();
          throw error;
        }
      });
      mine.events.forEach(onEvent);
      return result;
    } catch (error) {
      // It may be committed after all, later than this: then it has to be heard of.
      if (engine.judge(error) === 'later') teller.rename();
      throw error;
    } finally {
      // An error does not always tell that nothing was written.
      mine.changes.forEach(onChange);
    }
  }

  async function writeAccounts({ store, query }: Inside, mine: Heard): Promise<void> {
    const source = remembering(store);
    for (const endpoint of mine.touched) {
      const gone = await writeAccount(query, source, endpoint);
      if (gone.length === 0 || caching.length === 0) continue;
      await noteStale(query, caching, gone);
      mine.isDue = true;
    }
  }

  const transaction: Store['transaction'] = (work) => patiently(engine, () => once(work));
  const all = aggregates(engine.database, onEvent, onChange);
  return { ...patient(engine, all), ...inTransactions(all, transaction), transaction };
}

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

/** The same, each method `patiently`. */
function patient(engine: Engine, all: Aggregates): Aggregates {
  const methods = Object.entries(all) as [string, (...given: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...given: unknown[]) => patiently(engine, () => method(...given))]),
  ) as unknown as Aggregates;
}
