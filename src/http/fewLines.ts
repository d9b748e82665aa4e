import type { Log } from '../log.ts';

export interface LineLimits {
  /** Lines of one address within the time; what is beyond is only counted. */
  readonly perAddress: number;
  /** Addresses with lines of their own; all others share those of one. */
  readonly addresses: number;
  /** Milliseconds. */
  readonly within: number;
}

export interface FewLines {
  info(address: string, details: object, message: string): void;
  /** Says how many lines were left out until now. */
  flush(): void;
}

const LIMITS: LineLimits = { perAddress: 10, addresses: 100, within: 60_000 };
const OTHERS = 'other addresses';

/** A log for what anybody on the network can cause at will: it cannot fill the disk, and nothing is left out silently. */
export function fewLines(log: Log, given: Partial<LineLimits> = {}): FewLines {
  const { perAddress, addresses, within } = { ...LIMITS, ...given };
  const counts = new Map<string, number>();
  let turn: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(turn);
    turn = undefined;
    for (const [address, count] of counts) {
      const leftOut = count - perAddress;
      if (leftOut > 0) log.info({ address, leftOut }, 'more of these lines were left out');
    }
    counts.clear();
  }

  return {
    flush,
    info(address, details, message) {
      const key = counts.has(address) || counts.size < addresses ? address : OTHERS;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      turn ??= setTimeout(flush, within).unref();
      if (count <= perAddress) log.info({ address, ...details }, message);
    },
  };
}
