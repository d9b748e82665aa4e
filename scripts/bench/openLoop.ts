import { Agent } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { fetched } from './ask.ts';
import type { Asked } from './wrk.ts';

/**
 * Asks so many times a second, however long answers take; milliseconds from when each request was due to its answer, so that
 * one that had to wait for others counts as it would for a phone. Rejects when one is refused.
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
    else all.push(fetched({ port, agent, ...next(all.length) }).then(() => performance.now() - due));
  }
  try {
    return await Promise.all(all);
  } finally {
    agent.destroy();
  }
}
