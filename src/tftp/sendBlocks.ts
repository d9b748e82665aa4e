import { createSocket, type RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Negotiated } from './negotiateOptions.ts';
import { blocksOf } from './blocks.ts';
import { encodePacket, ERRORS, parsePacket, type Packet } from './packet.ts';

/**
 * How a transfer ended: `sent` whole and acknowledged, `refused` by the client, `silent` after many repeats,
 * `too_long` for the limit, `failed` with its socket, `closed` by us.
 */
export type Outcome = 'sent' | 'refused' | 'silent' | 'too_long' | 'failed' | 'closed';

export interface Delivery {
  /** Where to send from: the address that the server listens on. */
  readonly host: string;
  readonly client: Pick<RemoteInfo, 'address' | 'port'>;
  readonly body: Buffer;
  readonly negotiated: Negotiated;
  /** Milliseconds for the whole file. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Called when the client shows that it is there, by acknowledging something. */
  onAnswer(): void;
  /** Called when nothing more is sent before that. */
  onWait(): void;
}

export interface Delivered {
  readonly outcome: Outcome;
  /** How often nothing had come in time. */
  readonly repeats: number;
}

const LONGEST_PAUSE = 8000;
/** In a row. */
const MOST_SILENCES = 6;
/** The same before anything was acknowledged: who did not ask must not get much of what another asked for in its name. */
const MOST_UNANSWERED = 1;

/**
 * Sends one file from a port of its own: that port names the transfer (RFC 1350, TID). Packets from any other sender
 * are refused and change nothing. Without an answer it repeats, after doubling pauses; the first packet once only, and
 * then it waits. Never rejects.
 */
export function sendBlocks(delivery: Delivery): Promise<Delivered> {
  const { host, client, body, negotiated, limit, signal, onAnswer, onWait } = delivery;
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
    const blocks = blocksOf(body, negotiated);
    const tooLong = setTimeout(() => end('too_long'), limit);
    let waiting: NodeJS.Timeout | undefined;
    let silences = 0;
    let repeats = 0;
    let hasAnswered = false;
    let ended = false;

    const abort = (): void => end('closed');
    function end(outcome: Outcome): void {
      if (ended) return;
      ended = true;
      clearTimeout(tooLong);
      clearTimeout(waiting);
      signal.removeEventListener('abort', abort);
      socket.close(() => resolve({ outcome, repeats }));
    }

    function send(packets: readonly Packet[], to = client): void {
      for (const packet of packets) socket.send(encodePacket(packet), to.port, to.address);
    }

    function sendAndWait(packets: readonly Packet[]): void {
      send(packets);
      clearTimeout(waiting);
      const { repeatAfter } = negotiated;
      const isLast = !hasAnswered && silences === MOST_UNANSWERED;
      const pause = isLast ? LONGEST_PAUSE : Math.min(repeatAfter * 2 ** silences, LONGEST_PAUSE);
      waiting = setTimeout(repeat, Math.max(repeatAfter, pause));
      if (isLast) onWait();
    }

    function repeat(): void {
      if (silences === (hasAnswered ? MOST_SILENCES : MOST_UNANSWERED)) return end('silent');
      silences += 1;
      repeats += 1;
      sendAndWait(blocks.pending());
    }

    socket.on('message', (bytes, from) => {
      const packet = parsePacket(bytes);
      if (packet === undefined) return;
      if (from.address !== client.address || from.port !== client.port) {
        if (packet.kind !== 'error' && from.port !== 0) send([ERRORS.unknownTransfer], from);
        return;
      }
      if (packet.kind === 'error') return end('refused');
      const next = packet.kind === 'ack' ? blocks.acknowledged(packet.block) : undefined;
      if (next !== undefined && !hasAnswered) {
        hasAnswered = true;
        onAnswer();
      }
      if (blocks.isDone()) return end('sent');
      if (next === undefined) return;
      silences = 0;
      sendAndWait(next);
    });
    socket.on('error', () => end('failed'));
    signal.addEventListener('abort', abort);
    socket.bind({ address: host, port: 0 }, () => sendAndWait(blocks.pending()));
    if (signal.aborted) end('closed');
  });
}
