import { Agent } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { ask, type Answered } from './ask.ts';
import type { Asked } from './wrk.ts';

/**
 * Asks so many times a second, however long answers take; milliseconds from when each request was due to its answer, so that
 * one that had to wait for others counts as it would for a phone; so does one that nobody has answered when it gave up. Rejects
 * when one is refused.
 */
export async function openLoop(
  port: number,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  next: (at: number) => Asked,
): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const began = performance.now();
  const total = Math.round(rate * seconds);
  const all: Promise<number>[] = [];
  while (all.length < total) {
    const due = began + (all.length * 1000) / rate;
    // A timer would be late by a millisecond, which is longer than an answer takes.
    if (performance.now() < due) await turn();
    else all.push(took(ask({ port, agent, ...next(all.length) }), due));
  }
  try {
    const found = await Promise.all(all);
    if (found.some(Number.isNaN)) throw new Error('there were refusals');
    return found;
  } finally {
    agent.destroy();
  }
}

/** Of a request that was refused: NaN. */
async function took(asked: Promise<Answered>, due: number): Promise<number> {
  const answered = await asked.catch(() => undefined);
  return answered === undefined || answered.status === 200 ? performance.now() - due : Number.NaN;
}
