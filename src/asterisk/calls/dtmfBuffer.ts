import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Question } from '../../ivr/call.ts';

type Wanted = Pick<Question, 'maxDigits' | 'endKey'>;

/** Milliseconds. */
export interface DigitTimes {
  /** From the end of the prompts to the first key. */
  readonly firstDigitMs: number;
  /** Between keys; a longer silence ends the answer as the end key does. */
  readonly interDigitMs: number;
}

/** The keys of one call, in the order they were pressed, from its first moment on. */
export interface DtmfBuffer {
  press(key: string): void;
  /** Whether an answer was begun before it was asked for. Keys that mean nothing to the question are dropped. */
  isAhead(question: Wanted): boolean;
  /** Resolves with the next key that is pressed, or at once when there is one that nobody has taken; takes nothing. */
  pressed(): Promise<void>;
  /** Takes the keys of one answer. Rejects with an `AbortError` when `signal` fires. */
  collect(question: Wanted, times: DigitTimes, signal: AbortSignal): Promise<Answer>;
}

export function dtmfBuffer(): DtmfBuffer {
  const keys: string[] = [];
  let waiting: (() => void)[] = [];
  let dropped: string | null = null;

  function press(key: string): void {
    const drop = key === dropped;
    dropped = null;
    if (drop) return;
    keys.push(key);
    for (const wake of waiting) wake();
    waiting = [];
  }

  function isAhead(question: Wanted): boolean {
    while (keys[0] !== undefined && !means(keys[0], question)) keys.shift();
    return keys.length > 0;
  }

  async function pressed(): Promise<void> {
    if (keys.length === 0) await new Promise<void>((wake) => waiting.push(wake));
  }

  /** `undefined` when none came in time. */
  async function next(limitMs: number, signal: AbortSignal): Promise<string | undefined> {
    const enough = new AbortController();
    const late = pause(limitMs, undefined, { signal: AbortSignal.any([signal, enough.signal]) });
    try {
      await Promise.race([pressed(), late]);
    } finally {
      enough.abort();
      late.catch(() => {});
    }
    return keys.shift();
  }

  async function collect(question: Wanted, times: DigitTimes, signal: AbortSignal): Promise<Answer> {
    const { maxDigits, endKey } = question;
    let digits = '';
    while (digits.length < maxDigits) {
      const key = await next(digits === '' ? times.firstDigitMs : times.interDigitMs, signal);
      if (key === undefined) return digits === '' ? { kind: 'noInput' } : { kind: 'digits', digits };
      if (key === '*') return { kind: 'star' };
      if (key === endKey) return { kind: 'digits', digits };
      if (means(key, question)) digits += key;
    }
    // Many press the end key also after an answer that was complete without it: it does not answer the next question.
    if (keys[0] === endKey) keys.shift();
    else if (keys.length === 0) dropped = endKey;
    return { kind: 'digits', digits };
  }

  return { press, isAhead, pressed, collect };
}

function means(key: string, { endKey }: Wanted): boolean {
  return key === '*' || key === endKey || /^[0-9]$/.test(key);
}
