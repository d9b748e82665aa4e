import type { Negotiated } from './negotiateOptions.ts';
import type { Packet } from './packet.ts';

/** What is to be sent of one file, and when it is done. Knows neither sockets nor time. */
export interface Blocks {
  /** Everything that may be sent and has not been acknowledged: at the start, and when no answer has come in time. */
  pending(): readonly Packet[];
  /** What an acknowledgement makes to be sent; `undefined` when it tells nothing new. */
  acknowledged(block: number): readonly Packet[] | undefined;
  isDone(): boolean;
}

/**
 * Cuts a file into blocks; the last one is shorter than the others, perhaps empty (RFC 1350). The options to confirm
 * count as block 0, and are sent alone.
 *
 * An acknowledgement that repeats the last one sends nothing, or each block would go out twice from then on (RFC 1123,
 * 4.2.3.1: Sorcerer's Apprentice). With windows it means that the first block of the window was lost (RFC 7440), so
 * there it counts once for each time that a window is sent.
 */
export function blocksOf(body: Buffer, { blockSize, windowSize, confirm }: Negotiated): Blocks {
  const last = Math.floor(body.length / blockSize) + 1;
  let done = confirm === undefined ? 0 : -1;
  let sent = done;
  let mayRepeat = windowSize > 1;

  function block(number: number): Packet {
    if (number === 0 && confirm !== undefined) return { kind: 'options', options: confirm };
    const from = (number - 1) * blockSize;
    return { kind: 'data', block: number & 0xffff, body: body.subarray(from, from + blockSize) };
  }

  function window(): readonly Packet[] {
    sent = done === -1 ? 0 : Math.min(done + windowSize, last);
    return Array.from({ length: sent - done }, (_, at) => block(done + 1 + at));
  }

  return {
    pending() {
      mayRepeat = windowSize > 1;
      return window();
    },
    acknowledged(number) {
      const more = (number - done) & 0xffff;
      if (more > sent - done || (more === 0 && !mayRepeat)) return undefined;
      const whole = more === sent - done;
      done += more;
      mayRepeat = whole && windowSize > 1;
      return window();
    },
    isDone: () => done === last,
  };
}
