/** How a file is sent: what a client asked for, as far as we go. */
export interface Negotiated {
  /** Bytes in a block; RFC 2348. */
  readonly blockSize: number;
  /** Blocks sent before one is acknowledged; RFC 7440. */
  readonly windowSize: number;
  /** Milliseconds until something is sent again, the first time. */
  readonly repeatAfter: number;
  /** The options to confirm before the first block; `undefined` when there are none. */
  readonly confirm: ReadonlyMap<string, string> | undefined;
}

const DEFAULT_BLOCK = 512;
const LARGEST_BLOCK = 65_464;
const LARGEST_WINDOW = 64;
/** More at once only overflows the receiver's socket. */
const LARGEST_BURST = 128 * 1024;
const REPEAT_AFTER = 500;
/** Seconds. RFC 2349 has 255, but silent clients would hold their place for half an hour. */
const LONGEST_TIMEOUT = 30;

/**
 * Answers the options of a request: RFC 2348 (blksize), 2349 (timeout, tsize), 7440 (windowsize). What is unknown or
 * out of range is passed over, as RFC 2347 demands.
 */
export function negotiateOptions(options: ReadonlyMap<string, string>, size: number): Negotiated {
  const confirm = new Map<string, string>();
  const asked = (name: string, least: number, most: number): number | undefined => {
    const value = options.get(name) ?? '';
    const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
    return number >= least && number <= most ? number : undefined;
  };

  const blockSize = asked('blksize', 8, LARGEST_BLOCK);
  if (blockSize !== undefined) confirm.set('blksize', String(blockSize));
  const seconds = asked('timeout', 1, LONGEST_TIMEOUT);
  if (seconds !== undefined) confirm.set('timeout', String(seconds));
  // A size of 0 is taken for a mistake by curl, which then gives up.
  if (size > 0 && asked('tsize', 0, Infinity) !== undefined) confirm.set('tsize', String(size));
  const bytes = blockSize ?? DEFAULT_BLOCK;
  const window = asked('windowsize', 1, 65_535);
  const windowSize = Math.max(1, Math.min(window ?? 1, LARGEST_WINDOW, Math.floor(LARGEST_BURST / bytes)));
  if (window !== undefined) confirm.set('windowsize', String(windowSize));

  return {
    blockSize: bytes,
    windowSize,
    repeatAfter: seconds === undefined ? REPEAT_AFTER : seconds * 1000,
    confirm: confirm.size === 0 ? undefined : confirm,
  };
}
