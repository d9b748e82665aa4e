import { Agent } from 'node:http';
import { addressOf, fetched } from './ask.ts';
import type { Bench, Part } from './bench.ts';
import { asking } from './cores.ts';
import { ENGINES, type EngineName } from './databases.ts';
import { during, type Keep } from './during.ts';
import { quantile, rounded, type Figure } from './figure.ts';
import { kindOf } from './kinds.ts';
import { serve } from './server.ts';
import { bareNode } from './yardsticks.ts';

const FIRST_MAC = 0xe00000;
const WARMING_UP = 0x80000;
const AT_A_TIME = 64;
const SITE = 300;
/** Milliseconds: it is measured how many are answered, not whether somebody gives up. */
const PATIENCE = 120_000;

/** How many phones that were never seen are taken in, and whether it matters that all have one address. */
export const firstContact: Part = async (bench) => {
  const figures: Figure[] = [];
  for (const engine of ENGINES) {
    for (const devices of [0, bench.many / 10, bench.many])
      figures.push(await during((keep) => rate(bench, keep, engine, devices)));
    figures.push(await during((keep) => site(bench, keep, engine)));
  }
  return figures;
};

async function rate(bench: Bench, keep: Keep, engine: EngineName, devices: number): Promise<Figure> {
  const database = keep(await bench.database(engine, devices));
  const server = keep(await serve(database.environment));
  const phones = bench.isQuick ? 500 : 3000;
  // What runs for the first time is compiled meanwhile.
  await firstContacts(server.port, { phones, from: WARMING_UP });
  const { value, beside } = await firstContacts(server.port, { phones });
  return {
    ...{ what: `first requests; ${engine}, ${devices} devices`, value, unit: 'a second' },
    beside: { what: 'bare node:http, the same client', value: beside },
  };
}

/** New phones, numbered from `from` on, of 64 addresses, and as many requests to a bare node:http with the same bytes; of each so many a second. */
export async function firstContacts(
  port: number,
  { phones, from = 0 }: { readonly phones: number; readonly from?: number },
): Promise<{ readonly value: number; readonly beside: number }> {
  const { mac, userAgent } = kindOf('yealink', FIRST_MAC + from);
  const body = await fetched({ port, path: `/${mac}.cfg`, userAgent });
  return during(async (keep) => {
    const bare = keep(await bareNode(body));
    const beside = await asking(() => inASecond(bare.port, FIRST_MAC + from + 1, phones));
    const value = await asking(() => inASecond(port, FIRST_MAC + from + 1, phones));
    return { value: rounded(value), beside: rounded(beside) };
  });
}

async function inASecond(port: number, from: number, phones: number): Promise<number> {
  const began = performance.now();
  let next = 0;
  async function askAll(at: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (next < phones) {
      const { mac, userAgent } = kindOf('yealink', from + next++);
      const how = { localAddress: addressOf(at), patience: PATIENCE };
      await fetched({ port, path: `/${mac}.cfg`, userAgent, agent, ...how });
    }
    agent.destroy();
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, at) => askAll(at)));
  return (phones * 1000) / (performance.now() - began);
}

async function site(bench: Bench, keep: Keep, engine: EngineName): Promise<Figure> {
  const took = { one: [] as number[], many: [] as number[] };
  const database = keep(await bench.database(engine, 0));
  const server = keep(await serve(database.environment));
  await firstContacts(server.port, { phones: 200 });
  for (let round = 0; round < 3; round++) {
    const from = FIRST_MAC + 0x10000 * (round + 1);
    took.many.push(await asking(() => allAtOnce(server.port, from, (at) => addressOf(at))));
    took.one.push(await asking(() => allAtOnce(server.port, from + SITE, () => addressOf(9999))));
  }
  const of = (values: readonly number[]): number => rounded(quantile(values, 0.5));
  return {
    ...{ what: `${SITE} new phones of one address at once, until the last has its file; ${engine}`, unit: 'ms' },
    value: of(took.one),
    beside: { what: `of ${SITE} addresses`, value: of(took.many) },
  };
}

/** Milliseconds until the last of a site's phones has its file; each comes once, in the same moment. */
async function allAtOnce(port: number, from: number, address: (at: number) => string): Promise<number> {
  const began = performance.now();
  await Promise.all(
    Array.from({ length: SITE }, async (_, at) => {
      const { mac, userAgent } = kindOf('yealink', from + at);
      await fetched({ port, path: `/${mac}.cfg`, userAgent, localAddress: address(at), patience: PATIENCE });
    }),
  );
  return performance.now() - began;
}
