import type { Bench, Part } from './bench.ts';
import { asking } from './cores.ts';
import { ENGINES, type EngineName } from './databases.ts';
import { during, type Keep } from './during.ts';
import { quantile, rounded, type Aim, type Figure } from './figure.ts';
import { ownFile, requestsOf } from './files.ts';
import { openLoop } from './openLoop.ts';
import { serve } from './server.ts';
import type { Asked } from './wrk.ts';
import { bareNode } from './yardsticks.ts';

const RATE = 500;
const FEW = 100;
const AIM: Aim = { of: 'ratio', atMost: 1.2 };

/** How long phones wait at a fixed rate, with few devices and with many. */
export const growth: Part = async (bench) => {
  const figures: Figure[] = [];
  for (const engine of ENGINES) figures.push(...(await during((keep) => growthOn(bench, keep, engine))));
  return figures;
};

async function growthOn(bench: Bench, keep: Keep, engine: EngineName): Promise<readonly Figure[]> {
  const seconds = bench.isQuick ? 1 : 5;
  const [small, large] = [keep(await bench.database(engine, FEW)), keep(await bench.database(engine, bench.many))];
  const servers = [keep(await serve(small.environment)), keep(await serve(large.environment))] as const;
  const [few, many] = [small, large].map(({ phones }) => Object.values(requestsOf(phones)).flat());
  if (few === undefined || many === undefined) throw new Error('nobody to ask');
  const bare = keep(await bareNode(await ownFile(servers[0].port, few)));
  const p99 = async (port: number, asked: readonly Asked[]): Promise<number> => {
    // Asked for a third time they are in the cache, where there is room.
    const warm = asked.slice(0, FEW);
    await openLoop(port, { rate: RATE, seconds: 1 }, (at) => any(warm, at));
    const rounds = [];
    for (let round = 0; round < 3; round++)
      rounds.push(quantile(await openLoop(port, { rate: RATE, seconds }, (at) => any(asked, at + round * 7919)), 0.99));
    return rounded(quantile(rounds, 0.5));
  };
  const [alone, before, same, all] = await asking(async () => [
    await p99(bare.port, few),
    await p99(servers[0].port, few),
    await p99(servers[1].port, many.slice(0, FEW)),
    await p99(servers[1].port, many),
  ]);
  const what = (which: string): string => `p99 at ${RATE} a second, ${which}; ${engine}`;
  const beside = { what: `${FEW} devices`, value: before };
  return [
    {
      ...{ what: what(`${FEW} devices, all of them ask`), value: before, unit: 'ms' },
      beside: { what: 'bare node:http', value: alone },
    },
    { what: what(`${bench.many} devices, ${FEW} of them ask`), value: same, unit: 'ms', beside, aim: AIM },
    { what: what(`${bench.many} devices, all of them ask`), value: all, unit: 'ms', beside },
  ];
}

function any(asked: readonly Asked[], at: number): Asked {
  return asked[at % asked.length] ?? { path: '/', userAgent: '' };
}
