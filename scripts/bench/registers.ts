import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';
import { waitFor } from '../../test/support/wait.ts';
import type { Part } from './bench.ts';
import { middle, rounded, type Figure } from './figure.ts';
import { registrarsOf, type Account, type Registrars } from './registrars.ts';
import { rssOf } from './server.ts';
import { registeringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { closePostgres } from '../../test/support/testDatabase.ts';

const ARRANGEMENTS = [
  { engine: 'PostgreSQL', asterisks: 1 },
  { engine: 'PostgreSQL', asterisks: 2 },
  { engine: 'SQLite', asterisks: 1 },
] as const;
const AT_ONCE = 20;
const PARTS = 4;
const EXPIRY = 3600;

/**
 * How many REGISTERs a second an Asterisk answers that reads its accounts from our views, and what memory it takes, beside the
 * same Asterisk on plain tables of the same content; then with selfprov running, which notes each registration.
 */
export const registers: Part = async ({ isQuick }) => {
  const figures: Figure[] = [];
  try {
    for (const arrangement of ARRANGEMENTS) {
      const registrars = await registrarsOf({ ...arrangement, phones: isQuick ? 1000 : 20_000 });
      try {
        figures.push(...(await measure(registrars)));
      } finally {
        await registrars.close();
      }
    }
  } finally {
    await closePostgres();
  }
  return figures;
};

async function measure(registrars: Registrars): Promise<readonly Figure[]> {
  const { name, accounts } = registrars;
  await registrars.usePlainTables();
  const plain = await once(registrars);
  await registrars.useViews();
  const views = await once(registrars, async () => {
    const rates = await inTurns(registrars);
    const from = performance.now();
    await registrars.selfprov.start();
    const known = async (): Promise<boolean> => (await registrars.known()) === accounts.length;
    await waitFor(known, { what: 'all registrations being noted', limit: 900_000, every: 500 });
    const noting = (performance.now() - from) / 1000;
    const before = cpuSeconds(registrars.selfprov.pid());
    const some = accounts.filter((_, at) => at % PARTS === 0);
    const withSelfprov = await registerAll(registrars, some);
    const cpu = (await cpuAtRest(registrars.selfprov.pid())) - before;
    const rss = rssOf({ pid: registrars.selfprov.pid() });
    await registrars.selfprov.stop('SIGTERM');
    return { ...rates, withSelfprov, noting, cpuEach: (1000 * cpu) / some.length, rss };
  });
  const { beside } = views;
  const figure = (what: string, unit: string, its: Omit<Figure, 'what' | 'unit'>): Figure => ({
    what: `${name}: ${what}`,
    unit,
    ...its,
  });
  const one = (value: number): Pick<Figure, 'value'> => ({ value: rounded(value) });
  const tables = (value: number): Pick<Figure, 'beside'> => ({
    beside: { what: 'plain tables', value: rounded(value) },
  });
  return [
    figure('REGISTERs', 'a second', { ...middle(beside.views), ...tables(middle(beside.plain).value) }),
    figure('memory of an Asterisk', 'MB', { ...one(views.rss), ...tables(plain.rss) }),
    figure('start of all Asterisks', 's', { ...one(views.start), ...tables(plain.start) }),
    figure('REGISTERs with selfprov', 'a second', middle(beside.withSelfprov)),
    figure('selfprov, for each REGISTER', 'ms of a processor', one(beside.cpuEach)),
    figure('selfprov, memory', 'MB', one(beside.rss)),
    figure('selfprov, from its start until all are noted', 's', one(beside.noting)),
  ];
}

/** By turns, so that both have what else there is to do on the machine. */
async function inTurns(registrars: Registrars): Promise<{ readonly views: number[]; readonly plain: number[] }> {
  const [views, plain]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < PARTS; turn++) {
    const some = registrars.accounts.filter((_, at) => at % (2 * PARTS) === turn);
    views.push(...(await registerAll(registrars, some, 1)));
    await registrars.usePlainTables();
    plain.push(...(await registerAll(registrars, some, 1)));
    await registrars.useViews();
  }
  return { views, plain };
}

const nothing = async (): Promise<undefined> => undefined;

/** New Asterisks, all phones registered; what `then` measures is `beside`. */
async function once<T = undefined>(registrars: Registrars, then: () => Promise<T> = nothing as () => Promise<T>) {
  const from = performance.now();
  const asterisks: PrivateAsterisk[] = [];
  for (const each of registrars.asterisks) asterisks.push(await each.start());
  const start = (performance.now() - from) / 1000;
  try {
    await registerAll(registrars, registrars.accounts);
    const rss = Math.max(...asterisks.map(rssOf));
    return { start, rss, beside: await then() };
  } finally {
    await Promise.all(asterisks.map((each) => each.close()));
    for (const { directory } of registrars.asterisks) await rm(directory, { recursive: true, force: true });
  }
}

/** REGISTERs a second, in each part of them. */
async function registerAll(
  { asterisks }: Registrars,
  accounts: readonly Account[],
  parts = PARTS,
): Promise<readonly number[]> {
  const rates: number[] = [];
  for (let part = 0; part < parts; part++) {
    const rest = accounts.filter((_, at) => at % parts === part);
    const from = performance.now();
    const count = rest.length;
    const worker = async (): Promise<void> => {
      for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
        await register(next, asterisks[next.at % asterisks.length]?.sipPort ?? 0);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    rates.push((1000 * count) / (performance.now() - from));
  }
  return rates;
}

/** Each phone has an address of its own, and its registration stays the same one. */
async function register({ at, ...account }: Account, sipPort: number): Promise<void> {
  const address = `127.${100 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
  const phone = await registeringPhone({
    ...account,
    sipPort,
    address,
    port: 5062,
    callId: `${account.authName}-first`,
  });
  try {
    // An Asterisk that has just started answers nobody while it walks over all that it has found.
    const registered = (): Promise<number> => phone.register(EXPIRY);
    const status = await waitFor(registered, { what: `${account.aor} being registered`, limit: 120_000 });
    if (status !== 200) throw new Error(`${account.aor} got ${status}`);
  } finally {
    phone.close();
  }
}

function cpuSeconds(pid: number): number {
  const [, fields = ''] = readFileSync(join('/proc', String(pid), 'stat'), 'utf8').split(') ');
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) / 100;
}

/** It notes a registration a moment later. */
async function cpuAtRest(pid: number): Promise<number> {
  let last = 0;
  const rests = (): boolean => cpuSeconds(pid) - last < 0.03 || ((last = cpuSeconds(pid)), false);
  await waitFor(rests, { what: 'selfprov at rest', limit: 300_000, every: 500 });
  return cpuSeconds(pid);
}
