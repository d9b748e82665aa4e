import { setTimeout as pause } from 'node:timers/promises';
import { past } from '../../test/support/connectTo.ts';
import type { Bench, Part } from './bench.ts';
import { asking } from './cores.ts';
import { during, type Keep } from './during.ts';
import { rounded, type Figure } from './figure.ts';
import { requestsOf } from './files.ts';
import { openLoop } from './openLoop.ts';
import { serve } from './server.ts';

const RATE = 200;

/** The longest that a known phone waits while another process keeps SQLite from writing. */
export const locked: Part = (bench) => during((keep) => lockedFor(bench, keep, bench.isQuick ? 1 : 5));

async function lockedFor(bench: Bench, keep: Keep, seconds: number): Promise<readonly Figure[]> {
  const database = keep(await bench.database('SQLite', bench.many));
  const server = keep(await serve(database.environment));
  const asked = Object.values(requestsOf(database.phones)).flat();
  const longest = async (): Promise<number> => {
    const next = (at: number) => asked[(at * 7919) % asked.length] ?? { path: '/', userAgent: '' };
    return rounded(Math.max(...(await openLoop(server.port, { rate: RATE, seconds }, next))));
  };
  const [free, held] = await asking(async () => {
    const free = await longest();
    // What is still to be written of these fetches is waiting when the lock comes.
    await pause(50);
    const held = await past(database.place, async (other) => {
      await other.raw('BEGIN IMMEDIATE');
      const found = await longest();
      await other.raw('ROLLBACK');
      return found;
    });
    return [free, held];
  });
  return [
    {
      ...{ what: `longest of ${RATE * seconds} fetches while SQLite is locked for ${seconds} s`, unit: 'ms' },
      value: held,
      beside: { what: 'while it is not', value: free },
      aim: { of: 'value', atMost: 50 },
    },
  ];
}
