import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Baresip } from './baresip.ts';
import type { BaresipEvent } from './baresipControl.ts';
import { latestSamples, level, SAMPLE_RATE, share, type Samples } from './recording.ts';
import { waitFor } from './wait.ts';

/** How a call ended. */
export interface CallEnd {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** False: it never came about. */
  readonly wasEstablished: boolean;
  /** `404 Not Found`, `Connection reset by peer` (the other side hung up) … as baresip says it. */
  readonly reason: string;
}

/** A call as the person at the phone has it. Waits take 5 s at most unless told otherwise. */
export interface Call {
  readonly direction: 'incoming' | 'outgoing';
  /** Of an incoming call, as received. */
  readonly callerId: { readonly number: string; readonly name: string };
  readonly isOver: boolean;
  readonly isConnected: boolean;
  answer(): Promise<void>;
  /** Resolves with the time at which it was established; rejects as soon as the call has failed. */
  established(limit?: number): Promise<number>;
  ended(limit?: number): Promise<CallEnd>;
  hangUp(): Promise<void>;
  /** Presses keys one after the other, as fast as a person does who knows them by heart, until the call is over: `KEY_TIME` for each. */
  press(keys: string): Promise<void>;
  /** Resolves when the last quarter of a second of what was received is this tone. */
  hearsTone(hertz: number, limit?: number): Promise<void>;
  /** Resolves when something is heard: a prompt, speech, a tone. */
  hearsSound(limit?: number): Promise<void>;
  /** Resolves when nothing has been heard for half a second. */
  hearsSilence(limit?: number): Promise<void>;
}

/**
 * Milliseconds that one key takes: by RFC 4733 180 of tone, then the end packet three times, 20 ms apart; by INFO the 250 that
 * baresip says, and what Asterisk leaves between two. Asterisk takes keys that come faster by INFO in another order.
 */
export const KEY_TIME = 320;

/** A call under way, with what the phone must tell it. */
export interface CallUnderWay extends Call {
  readonly id: string | undefined;
  onEvent(event: BaresipEvent): void;
}

export function newCall(baresip: Baresip, direction: Call['direction'], nameOf: () => string): CallUnderWay {
  let id: string | undefined;
  let establishedAt: number | undefined;
  let end: CallEnd | undefined;
  let nextKeyAt = 0;
  let callerId = { number: '', name: '' };
  for (const name of recordings(baresip)) rmSync(join(baresip.recordings, name));

  function onEvent(event: BaresipEvent): void {
    const at = performance.timeOrigin + performance.now();
    id ??= event.id;
    if (event.type === 'CALL_INCOMING') {
      const number = decodeURIComponent(/^sips?:([^@;]*)@/.exec(event.peeruri ?? '')?.[1] ?? '');
      callerId = { number, name: event.peerdisplayname ?? '' };
    }
    if (event.type === 'CALL_ESTABLISHED') establishedAt ??= at;
    if (event.type === 'CALL_CLOSED')
      end ??= { at, wasEstablished: establishedAt !== undefined, reason: event.param ?? '' };
  }

  const say = (what: string) => (): string => `${what}, ${nameOf()}`;

  async function hears(
    what: string,
    fits: (samples: Samples) => boolean,
    seconds: number,
    limit = 5000,
  ): Promise<void> {
    const isThere = async (): Promise<boolean> => {
      const name = recordings(baresip).at(-1);
      if (name === undefined) return false;
      const samples = await latestSamples(join(baresip.recordings, name), seconds);
      return samples.length >= seconds * SAMPLE_RATE && fits(samples);
    };
    await waitFor(isThere, { what: say(`hearing ${what}`), limit, every: 50 });
  }

  return {
    direction,
    onEvent,
    get id() {
      return id;
    },
    get callerId() {
      return callerId;
    },
    get isOver() {
      return end !== undefined;
    },
    get isConnected() {
      return establishedAt !== undefined && end === undefined;
    },
    answer: async () => void (await baresip.command('accept')),
    established: async (limit = 5000) => {
      const found = await waitFor(() => establishedAt ?? end, { what: say('the call being established'), limit });
      if (typeof found === 'number') return found;
      throw new Error(`the call was not established: ${found.reason}, ${nameOf()}`);
    },
    ended: (limit = 5000) => waitFor(() => end, { what: say('the end of the call'), limit }),
    hangUp: async () => {
      if (end === undefined) await baresip.command('hangup');
      await waitFor(() => end, { what: say('hanging up') });
    },
    press: async (keys) => {
      if (!/^[0-9A-D*#]+$/.test(keys)) throw new Error(`not keys of a phone: ${keys}`);
      if (end !== undefined) throw new Error(`keys pressed after the end of the call: ${end.reason}, ${nameOf()}`);
      for (const key of keys) {
        const now = performance.now();
        const turn = Math.max(now, nextKeyAt);
        nextKeyAt = turn + KEY_TIME;
        await pause(turn - now);
        if (end !== undefined) return;
        await baresip.command('sndcode', key);
      }
    },
    hearsTone: (hertz, limit) =>
      hears(`${hertz} Hz`, (samples) => level(samples) > 0.02 && share(samples, hertz) > 0.7, 0.25, limit),
    hearsSound: (limit) => hears('something', (samples) => level(samples) > 0.005, 0.25, limit),
    hearsSilence: (limit) => hears('silence', (samples) => level(samples) < 0.002, 0.5, limit),
  };
}

/** What the phone heard; made when the sound of a call starts. */
/** The newest last: where Asterisk offers something else in the middle of a call, baresip begins another one. */
function recordings(baresip: Baresip): readonly string[] {
  const begun = (name: string): number => statSync(join(baresip.recordings, name)).birthtimeMs;
  return readdirSync(baresip.recordings)
    .filter((name) => name.endsWith('-dec.wav'))
    .toSorted((one, other) => begun(one) - begun(other));
}
