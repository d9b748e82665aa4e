import { setImmediate as turn } from 'node:timers/promises';

/** A source of chance that gives the same sequence for the same seed (mulberry32). */
export interface Chance {
  /** From 0 up to and without 1. */
  next(): number;
  below(limit: number): number;
  pick<T>(of: readonly T[]): T;
  shuffled<T>(of: readonly T[]): T[];
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (of) => {
      const found = of[below(of.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
    shuffled: (of) =>
      of
        .map((value) => ({ value, key: next() }))
        .toSorted((one, other) => one.key - other.key)
        .map(({ value }) => value),
  };
}

/** Where work waits until the explorer lets it go on: at each `await` of a port. */
export interface Gates {
  /** What waits, by what it is about to do. */
  readonly waiting: () => readonly string[];
  /** Lets one go on; resolves when everything waits again or has ended. */
  release(index: number): Promise<void>;
  /** Every method of a port of a process waits before it is carried out and, where told, before its outcome is known. */
  guard<T extends object>(port: T, process: number, name: string, alsoAfter: boolean): T;
  /** Nothing rests while one of its methods is carried out; none waits. */
  counted<T extends object>(port: T): T;
  /** Waits like a method that is guarded; not even a crash of the process ends that. */
  wait(label: string): Promise<void>;
  /** Resolves when everything waits or has ended. */
  rest(): Promise<void>;
  /** The process has died, or all have: what waits never goes on, and what it does from now on waits for ever. */
  crash(process?: number): void;
}

type Method = (...given: unknown[]) => unknown;

export function openGates(): Gates {
  /** `process` is `null` for what is none's. */
  let waiting: { readonly label: string; readonly go: () => void; readonly process: number | null }[] = [];
  let active = 0;
  const lives = new Map<number, number>();
  const lifeOf = (process: number): number => lives.get(process) ?? 0;

  const wait = (label: string, process: number, born: number): Promise<void> =>
    new Promise((go) => {
      if (born === lifeOf(process)) waiting.push({ label, go, process });
    });

  /** Its value or its error comes when it is asked for. */
  async function carriedOut(work: () => unknown): Promise<() => unknown> {
    active += 1;
    try {
      const value = await work();
      return () => value;
    } catch (error) {
      return () => {
        throw error;
      };
    } finally {
      active -= 1;
    }
  }

  /** The same port with other methods. */
  function withMethods<T extends object>(port: T, made: (method: string, work: Method) => Method): T {
    const all = Object.entries(port).map(([method, work]: [string, unknown]) =>
      typeof work === 'function'
        ? [method, made(method, (...given) => (work as Method).apply(port, given))]
        : [method, work],
    );
    return Object.fromEntries(all) as typeof port;
  }

  async function rest(): Promise<void> {
    for (let calm = 0; calm < 2;) {
      await turn();
      calm = active === 0 ? calm + 1 : 0;
    }
  }

  return {
    waiting: () => waiting.map(({ label }) => label),
    rest,
    async release(index) {
      const [one] = waiting.splice(index, 1);
      one?.go();
      await rest();
    },
    guard(port, process, name, alsoAfter) {
      const born = lifeOf(process);
      lives.set(process, born);
      return withMethods(port, (method, work) => async (...given) => {
        await wait(`${name}.${method}`, process, born);
        const outcome = await carriedOut(() => work(...given));
        if (alsoAfter || born !== lifeOf(process)) await wait(`${name}.${method} answers`, process, born);
        return outcome();
      });
    },
    counted: (port) =>
      withMethods(
        port,
        (_, work) =>
          async (...given) =>
            (await carriedOut(() => work(...given)))(),
      ),
    wait: (label) => new Promise((go) => waiting.push({ label, go, process: null })),
    crash(process) {
      for (const [one, life] of lives) if (process === undefined || one === process) lives.set(one, life + 1);
      waiting = waiting.filter((each) => each.process === null || (process !== undefined && each.process !== process));
    },
  };
}
