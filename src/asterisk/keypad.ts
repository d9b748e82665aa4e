import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Question } from '../ivr/call.ts';

/** The keys of one call, in the order they were pressed, from its first moment on. */
export interface Keypad {
  press(key: string): void;
  /** Resolves at once when there are keys that nobody has taken yet, else with the next one; takes nothing. */
  pressed(): Promise<void>;
  isEmpty(): boolean;
  /** Waits for the keys of one answer, which are then taken. Never rejects. */
  collect(question: Pick<Question, 'maxDigits' | 'endKey'>, times: KeyTimes): Promise<Answer>;
}

/** Milliseconds. */
export interface KeyTimes {
  /** From the end of the prompts to the first key. */
  readonly firstKeyMs: number;
  /** Between keys; a longer silence ends the answer as the end key does. */
  readonly nextKeyMs: number;
}

export function keypad(): Keypad {
  const keys: string[] = [];
  let waiting: (() => void)[] = [];
  let unwantedKey: string | null = null;

  function press(key: string): void {
    const unwanted = key === unwantedKey;
    unwantedKey = null;
    if (unwanted) return;
    keys.push(key);
    for (const wake of waiting) wake();
    waiting = [];
  }

  async function pressed(): Promise<void> {
    if (keys.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** `undefined` when none came in time. */
  async function next(limitMs: number): Promise<string | undefined> {
    if (keys.length === 0) {
      const enough = new AbortController();
      const late = pause(limitMs, undefined, { signal: enough.signal }).catch(() => {});
      await Promise.race([pressed(), late]);
      enough.abort();
    }
    return keys.shift();
  }

  /** Many end an answer that was complete already: their `#` is not the answer to the next question. */
  function dropNext(key: string): void {
    if (keys[0] === key) keys.shift();
    else if (keys.length === 0) unwantedKey = key;
  }

  async function collect({ maxDigits, endKey }: Pick<Question, 'maxDigits' | 'endKey'>, times: KeyTimes): Promise<Answer> {
    let digits = '';
    while (digits.length < maxDigits) {
      const key = await next(digits === '' ? times.firstKeyMs : times.nextKeyMs);
      if (key === undefined) return digits === '' ? { kind: 'silence' } : { kind: 'digits', digits };
      if (key === '*') return { kind: 'star' };
      if (key === endKey) return { kind: 'digits', digits };
      if (/^[0-9]$/.test(key)) digits += key;
    }
    if (endKey !== null) dropNext(endKey);
    return { kind: 'digits', digits };
  }

  return { press, pressed, isEmpty: () => keys.length === 0, collect };
}
