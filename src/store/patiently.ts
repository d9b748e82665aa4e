import { setTimeout as pause } from 'node:timers/promises';
import { SelfprovError } from '../domain/errors.ts';
import type { Engine } from './engine.ts';

/** Milliseconds: how long others may be in the way before one who waits is told. */
export const PATIENCE_MS = 5000;
const LONGEST_PAUSE_MS = 50;

/**
 * Does again a moment later what somebody else was in the way of. Rejects with `unavailable` when that lasts, or when the
 * database cannot be reached, and with `DatabaseError` for what is worse.
 */
export async function patiently<T>({ judge }: Pick<Engine, 'judge'>, work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (cause) {
      const judgement = judge(cause);
      if (judgement === 'later') throw new SelfprovError('unavailable', 'the database cannot be reached', { cause });
      if (judgement !== 'again') throw judgement;
      if (performance.now() > giveUpAt) {
        throw new SelfprovError('unavailable', 'another program keeps the database locked: try again', { cause });
      }
      await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, tries * 10));
    }
  }
}
