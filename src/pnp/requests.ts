import type { Socket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
import { parameter, parseSip } from './sipMessage.ts';

/** Sends a request until it is answered; the status of the answer, `undefined` when none came. */
export type Request = (
  bytes: Buffer,
  /** Of the request's Via. */
  branch: string,
  to: { readonly address: string; readonly port: number },
) => Promise<number | undefined>;

/**
 * Requests other than INVITE over UDP (RFC 3261, 17.1.2): sent again after T1, then twice that and so on up to 8 T1,
 * given up after 64 T1. Only the address that was asked can answer. Aborting the signal ends all of them.
 */
export function requestsOver(socket: Socket, t1: number, signal: AbortSignal): Request {
  const waiting = new Map<string, { readonly address: string; answered(status: number): void }>();

  socket.on('message', (bytes, { address }) => {
    const message = parseSip(bytes);
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(message?.startLine ?? '')?.[1] ?? 0);
    if (status < 200) return;
    const asked = waiting.get(parameter(message?.all('via')[0] ?? '', 'branch') ?? '');
    if (asked?.address === address) asked.answered(status);
  });

  return async (bytes, branch, to) => {
    const answer = new AbortController();
    const either = AbortSignal.any([signal, answer.signal]);
    let status: number | undefined;
    waiting.set(branch, {
      address: to.address,
      answered(given) {
        status = given;
        answer.abort();
      },
    });
    const giveUpAt = performance.now() + 64 * t1;
    for (let wait = t1; !either.aborted && performance.now() < giveUpAt; wait = Math.min(2 * wait, 8 * t1)) {
      socket.send(bytes, to.port, to.address);
      await pause(wait, undefined, { signal: either }).catch(() => undefined);
    }
    waiting.delete(branch);
    return status;
  };
}
