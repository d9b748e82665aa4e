import { fetched } from './ask.ts';
import type { Bench, Part } from './bench.ts';
import { ENGINES, type EngineName } from './databases.ts';
import { during, type Keep } from './during.ts';
import { middle, quantile, rounded, type Aim, type Figure } from './figure.ts';
import { HOME, type KnownPhone } from './fill.ts';
import { serve } from './server.ts';
import { rateOf, type Asked } from './wrk.ts';
import { bareNode, nginx } from './yardsticks.ts';

/** So many phones ask again and again: their files are in the cache. */
const FEW = 100;
/** More than the cache has room for: asked one after the other, each is rendered anew. */
const TOO_MANY_TO_KEEP = 3000;
const MODES = { keep: 'kept alive', close: 'a connection each' } as const;
type Mode = keyof typeof MODES;
/** Beside a bare node:http. */
const AIMS = {
  'from the cache': { keep: { of: 'ratio', atLeast: 0.7 }, close: { of: 'ratio', atLeast: 0.75 } },
  'rendered anew': { keep: { of: 'ratio', atLeast: 0.2 }, close: { of: 'ratio', atLeast: 0.4 } },
} as const satisfies Record<string, Record<Mode, Aim>>;

/** A request for a phone's own file, and what must stand in that. */
export type OwnFile = Asked & Pick<KnownPhone, 'shows'>;

/** Of the phones here whose file is one that they ask for by their MAC. */
export function requestsOf(phones: readonly KnownPhone[]): Readonly<Record<string, readonly OwnFile[]>> {
  const ours = phones.filter(({ maker, address }) => maker === 'yealink' && address === HOME);
  const [owned, free] = [ours.filter(({ isOwned }) => isOwned), ours.filter(({ isOwned }) => !isOwned)];
  const withToken = ({ mac, token, userAgent, shows }: KnownPhone): OwnFile => {
    return { path: `/p/${token}/${mac}.cfg`, userAgent, shows };
  };
  return {
    'bootstrap, no token': free.map(({ mac, userAgent, shows }) => ({ path: `/${mac}.cfg`, userAgent, shows })),
    'bootstrap, token': free.map(withToken),
    '4 lines, 40 keys': owned.map(withToken),
  };
}

/** Requests a second beside a bare node:http and nginx with the same bytes. */
export const files: Part = async (bench) => {
  const figures: Figure[] = [];
  for (const engine of ENGINES)
    for (const devices of [100, bench.many])
      figures.push(...(await during((keep) => filesOf(bench, keep, engine, devices))));
  return figures;
};

async function filesOf(bench: Bench, keep: Keep, engine: EngineName, devices: number): Promise<readonly Figure[]> {
  const database = keep(await bench.database(engine, devices));
  const server = keep(await serve(database.environment));
  const figures: Figure[] = [];
  for (const [name, all] of Object.entries(requestsOf(database.phones))) {
    if (all.length === 0) continue;
    for (const mode of ['keep', 'close'] as const) {
      const rates = await besideOthers(server.port, all, mode, bench.isQuick ? 1 : 3);
      for (const how of ['from the cache', 'rendered anew'] as const) {
        const { [how]: values = [], ...others } = rates;
        const what = `${name}, ${how}, ${MODES[mode]}; ${engine}, ${devices} devices`;
        if (values.length > 0) figures.push(...compared(what, values, others, AIMS[how][mode]));
      }
    }
  }
  return figures;
}

/** The same figure beside each yardstick. */
function compared(what: string, values: readonly number[], rates: Rates, aim: Aim): readonly Figure[] {
  return Object.entries(rates).flatMap(([other, theirs]) => {
    if (other !== 'bare node:http' && other !== 'nginx') return [];
    const beside = { what: other, value: rounded(quantile(theirs, 0.5)) };
    return { what, ...middle(values), unit: 'a second', beside, ...(other === 'nginx' ? {} : { aim }) };
  });
}

type Rates = Readonly<Record<string, readonly number[]>>;

/** Rates of selfprov and of the yardsticks, in turns of a second. */
export async function besideOthers(
  port: number,
  all: readonly OwnFile[],
  mode: Mode,
  rounds: number,
  yardsticks: Readonly<Record<string, typeof bareNode>> = { 'bare node:http': bareNode, nginx },
): Promise<Rates> {
  const few = all.slice(0, FEW);
  const body = await ownFile(port, few);
  const rates: Record<string, number[]> = {};
  const note = async (name: string, at: number, asked: readonly Asked[]): Promise<void> => {
    (rates[name] ??= []).push(await rateOf(at, asked, mode, 1));
  };
  return during(async (keep) => {
    const others = [];
    for (const [name, start] of Object.entries(yardsticks)) others.push({ name, port: keep(await start(body)).port });
    await rateOf(port, few, mode, 1);
    for (let round = 0; round < rounds; round++) {
      for (const other of others) await note(other.name, other.port, few);
      await note('from the cache', port, few);
      // Where the last round has ended nothing is kept of the beginning.
      const from = Math.floor((all.length * round) / rounds);
      if (all.length >= TOO_MANY_TO_KEEP)
        await note('rendered anew', port, [...all.slice(from), ...all.slice(0, from)]);
    }
    return rates;
  });
}

/** The file of the first of these. */
export async function ownFile(port: number, [first]: readonly OwnFile[]): Promise<Buffer> {
  if (first === undefined) throw new Error('nobody to ask');
  const body = await fetched({ port, ...first });
  if (!body.includes(first.shows)) throw new Error(`${first.path} gives a file without ${first.shows}`);
  return body;
}
