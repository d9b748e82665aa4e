import { setTimeout as pause } from 'node:timers/promises';
import { past } from '../../test/support/connectTo.ts';
import type { Part } from './bench.ts';
import { asking } from './cores.ts';
import { rounded } from './figure.ts';
import { requestsOf } from './files.ts';
import { openLoop } from './openLoop.ts';
import { serve } from './server.ts';

const RATE = 200;

/** The longest that a known phone waits while another process keeps SQLite from writing. */
export const locked: Part = async (bench) => {
  const seconds = bench.isQuick ? 1 : 5;
  const database = await bench.database('SQLite', bench.many);
  const server = await serve(database.environment);
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
  await server.close();
  await database.close();
  return [
    {
      ...{ what: `longest of ${RATE * seconds} fetches while SQLite is locked for ${seconds} s`, unit: 'ms' },
      value: held,
      beside: { what: 'while it is not', value: free },
      aim: '< 50 ms',
    },
  ];
};
