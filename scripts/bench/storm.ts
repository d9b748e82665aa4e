import { setTimeout as pause } from 'node:timers/promises';
import { addressOf, ask } from './ask.ts';
import type { Bench, Part } from './bench.ts';
import { chainOf, deliveryUrlOf, OPEN_URL, type Chain, type Listening, type Starting } from './chains.ts';
import { asking } from './cores.ts';
import type { EngineName } from './databases.ts';
import { during, type Keep } from './during.ts';
import { quantile, rounded, type Figure } from './figure.ts';
import { HOME, type KnownPhone } from './fill.ts';
import { kindOf, MAKERS, type Maker } from './kinds.ts';
import { openLoop } from './openLoop.ts';
import { serve, type Server } from './server.ts';
import { bareNode } from './yardsticks.ts';

const FIRST_MAC = 0xc00000;
/** Beyond those of known phones. */
const FIRST_ADDRESS = 0x100000;
/** Every tenth is new, every fifth asks by TFTP. */
const [NEW_EVERY, TFTP_EVERY] = [10, 5];

/** All phones of a large site start within a minute, after the power was away. */
export const storm: Part = async (bench) => [
  ...(await during((keep) => stormOf(bench, keep, 'SQLite', 1))),
  ...(await during((keep) => stormOf(bench, keep, 'PostgreSQL', 2))),
];

interface Guest extends Starting {
  /** What must stand in its files. */
  readonly shows: string;
  /** Phones of one sort ask the same, and are answered the same. */
  readonly sort: string;
}

async function stormOf(bench: Bench, keep: Keep, engine: EngineName, processes: number): Promise<readonly Figure[]> {
  const [count, seconds] = bench.isQuick ? [600, 5] : [10_000, 60];
  const database = keep(await bench.database(engine, bench.many));
  const servers: Server[] = [];
  for (let each = 0; each < processes; each++)
    servers.push(keep(await serve({ ...database.environment, SELFPROV_APP: `selfprov-${each}` })));
  const serverOf = (at: number): Listening => servers[at % processes] ?? { port: 0, tftpPort: 0 };
  const guests = await guestsOf(database.phones, count, serverOf(0));
  const usual = await usualChains(guests, serverOf(0));

  const chains = await asking(() =>
    Promise.all(
      guests.map(async (guest, at) => {
        await pause((at * seconds * 1000) / count);
        return { guest, chain: await chainOf(guest, serverOf(at)) };
      }),
    ),
  );
  const failed = chains.filter(({ guest, chain }) => !isWell(guest, chain, usual.get(guest.sort)));
  for (const { guest, chain } of failed.slice(0, 5))
    process.stderr.write(
      `${guest.sort} ${guest.mac}: ${chain.ends.join(' ')}, not ${usual.get(guest.sort)?.join(' ')}\n`,
    );
  const rss = servers.map((server) => server.rss());
  const byHttp = chains.flatMap(({ guest, chain }) => (guest.transport === 'http' ? chain.took : []));
  const byTftp = chains.flatMap(({ guest, chain }) => (guest.transport === 'tftp' ? chain.took : []));
  const alone = await bareAt(byHttp.length / seconds, bench.isQuick ? 1 : 5, serverOf(0));

  const what = (which: string): string =>
    `${which}; ${count} phones in ${seconds} s, ${engine}, ${processes === 1 ? 'one process' : `${processes} processes`}`;
  const ms = (which: string, took: readonly number[], share: number): Figure => {
    return { what: what(which), value: rounded(quantile(took, share)), unit: 'ms' };
  };
  return [
    {
      what: what('phones that did not get what they should'),
      value: failed.length,
      unit: 'phones',
      aim: { of: 'value', atMost: 0 },
    },
    { what: what('requests'), value: rounded((byHttp.length + byTftp.length) / seconds), unit: 'a second' },
    { ...ms('an answer, p50', byHttp, 0.5), beside: { what: 'bare node:http', value: rounded(quantile(alone, 0.5)) } },
    {
      ...ms('an answer, p99', byHttp, 0.99),
      ...{
        beside: { what: 'bare node:http', value: rounded(quantile(alone, 0.99)) },
        aim: { of: 'value', atMost: 100 },
      },
    },
    ms('a file by TFTP, p50', byTftp, 0.5),
    { ...ms('a file by TFTP, p99', byTftp, 0.99), aim: { of: 'value', atMost: 100 } },
    {
      ...{ what: what(`memory of a process afterwards, ${bench.many} devices`), value: rounded(Math.max(...rss)) },
      ...{ unit: 'MB', aim: { of: 'value', atMost: 200 } },
    },
  ];
}

/** As many of each family, half of users and half nobody's, and some that nobody has seen. */
async function guestsOf(phones: readonly KnownPhone[], count: number, server: Listening): Promise<readonly Guest[]> {
  const makers = Object.keys(MAKERS) as Maker[];
  const elsewhere = phones.filter(({ address }) => address !== HOME);
  const known = new Map(makers.map((maker) => [maker, elsewhere.filter((phone) => phone.maker === maker).values()]));
  const urls = new Map<Maker, string>();
  for (const maker of makers) {
    const free = phones.find((phone) => phone.maker === maker && !phone.isOwned);
    urls.set(maker, free === undefined ? OPEN_URL : await deliveryUrlOf(free, server));
  }
  return Array.from({ length: count }, (_, at): Guest => {
    const turn = Math.floor(at / makers.length);
    const maker = makers[at % makers.length] ?? 'yealink';
    const transport = turn % TFTP_EVERY === 0 ? 'tftp' : 'http';
    const found = turn % NEW_EVERY === 1 ? undefined : known.get(maker)?.next().value;
    if (found === undefined) {
      const kind = kindOf(maker, FIRST_MAC + at);
      const shows = `phone-${kind.mac}`;
      const address = addressOf(FIRST_ADDRESS + at);
      return { ...kind, address, transport, deliveryUrl: OPEN_URL, shows, sort: `new ${maker} by ${transport}` };
    }
    const { mac, token, isOwned } = found;
    const deliveryUrl = (urls.get(maker) ?? '').replace('{token}', token).replaceAll('{mac}', mac);
    return { ...found, transport, deliveryUrl, sort: `${isOwned ? 'user’s' : 'known'} ${maker} by ${transport}` };
  });
}

/** What one of each sort, that nobody hurries, is answered; its own file must be among it. */
async function usualChains(
  guests: readonly Guest[],
  server: Listening,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const usual = new Map<string, readonly string[]>();
  for (const guest of guests) {
    if (usual.has(guest.sort)) continue;
    const chain = await chainOf(guest, server);
    if (!chain.files.some((file) => file.includes(guest.shows)))
      throw new Error(`${guest.sort} does not get its file: ${chain.ends.join(' ')}`);
    usual.set(guest.sort, chain.ends);
  }
  return usual;
}

function isWell({ shows }: Guest, { ends, files }: Chain, usual: readonly string[] | undefined): boolean {
  return ends.join() === usual?.join() && files.some((file) => file.includes(shows));
}

/** A bare node:http at the same rate, with the same client. */
async function bareAt(rate: number, seconds: number, { port }: Listening): Promise<readonly number[]> {
  const { mac, userAgent } = kindOf('yealink', FIRST_MAC - 1);
  const { body } = await ask({ port, path: `/${mac}.cfg`, userAgent });
  return during(async (keep) => {
    const bare = keep(await bareNode(body));
    return asking(() => openLoop(bare.port, { rate, seconds }, () => ({ path: '/', userAgent })));
  });
}
