import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { answerPort, notifyOf, okTo } from './answers.ts';
import { requestsOver } from './requests.ts';
import { openSockets } from './sockets.ts';
import { parseSubscription, type PnpPhone, type Subscription } from './subscription.ts';

export interface PnpListener {
  /** Where phones ask. */
  readonly port: number;
  close(): Promise<void>;
}

export interface PnpSettings {
  /** What the phone shall take for its provisioning server; `undefined` leaves it without an answer. */
  readonly urlFor: (phone: PnpPhone) => Promise<string | undefined>;
  /** Our own IPv4 address on the network of the phones: there the group is joined, and from there answers come. */
  readonly address: string;
  readonly log: Log;
  /** Hears what has come of each exchange: the word in the log, or `failed`. */
  readonly onOutcome?: (outcome: string) => void;
  readonly port?: number;
  /** Where phones ask; may be our own address, for phones that can be told it. */
  readonly group?: string;
  /** T1 of RFC 3261, in milliseconds. */
  readonly t1?: number;
}

/** Exchanges at once; a phone that asks beyond gets no answer. An exchange takes 64 T1, which is 32 seconds. */
const MOST = 5000;
const MOST_PER_ADDRESS = 16;

/**
 * SIP plug and play: a phone that starts asks a multicast group for its profile (SUBSCRIBE to `ua-profile`, RFC 6080)
 * and is told the URL of its provisioning server by NOTIFY. Everything else sent to the group stays unanswered. Rejects
 * with `unavailable` when the port cannot be opened.
 */
export async function listenPnp(settings: PnpSettings): Promise<PnpListener> {
  const { urlFor, address, log, port = 5060, group = '224.0.1.75', t1 = 500 } = settings;
  const closing = new AbortController();
  const { signal } = closing;
  setMaxListeners(0, signal);
  const [multicast, unicast] = await openSockets(group, port, address);
  const request = requestsOver(unicast, t1, signal);
  /** By the transaction of the SUBSCRIBE, with the 200 once there is one: for a phone that repeats itself. */
  const exchanges = new Map<string, { readonly address: string; ok: Buffer | undefined }>();
  const running = new Set<Promise<void>>();

  async function answer(asked: Subscription, exchange: { ok: Buffer | undefined }): Promise<string> {
    const url = await urlFor(asked.phone);
    if (url === undefined || signal.aborted) return 'ignored';
    const ours = { address, port: unicast.address().port, tag: random(), branch: `z9hG4bK${random()}` };
    exchange.ok = okTo(asked, ours);
    say(exchange.ok, asked);
    const to = { address: asked.source.address, port: asked.target.port };
    const status = await request(notifyOf(asked, ours, url), ours.branch, to);
    if (status === undefined) return 'silent';
    return status < 300 ? 'accepted' : 'refused';
  }

  const say = (ok: Buffer, asked: Subscription): void => unicast.send(ok, answerPort(asked), asked.source.address);

  async function exchange(asked: Subscription, id: string): Promise<void> {
    const own = { address: asked.source.address, ok: undefined };
    exchanges.set(id, own);
    const over = pause(64 * t1, undefined, { signal }).catch(() => undefined);
    try {
      const outcome = await answer(asked, own);
      const { mac, ...phone } = asked.phone;
      log.info({ device: mac, ...phone, outcome }, `plug and play: ${outcome}`);
      settings.onOutcome?.(outcome);
    } catch (error) {
      log.error({ err: error, device: asked.phone.mac }, 'plug and play failed');
      settings.onOutcome?.('failed');
    }
    await over;
    exchanges.delete(id);
  }

  multicast.on('message', (bytes, source) => {
    const asked = source.port === 0 ? undefined : parseSubscription(bytes, source);
    if (asked === undefined) return;
    const id = [source.address, source.port, asked.callId, asked.cseq, asked.vias[0]].join(' ');
    const known = exchanges.get(id);
    if (known?.ok !== undefined) say(known.ok, asked);
    if (known !== undefined || exchanges.size >= MOST) return;
    if ([...exchanges.values()].filter((other) => other.address === source.address).length >= MOST_PER_ADDRESS) return;
    const done: Promise<void> = exchange(asked, id).finally(() => running.delete(done));
    running.add(done);
  });
  for (const socket of [multicast, unicast])
    socket.on('error', (error) => log.warn({ err: error }, 'plug and play socket'));

  return {
    port: multicast.address().port,
    async close() {
      closing.abort();
      await Promise.all([
        ...running,
        ...[multicast, unicast].map((socket) => new Promise<void>((done) => socket.close(done))),
      ]);
    },
  };
}

function random(): string {
  return randomBytes(12).toString('hex');
}
