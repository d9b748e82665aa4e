import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isRefusal } from '../domain/errors.ts';
import { CallEnded } from '../ivr/call.ts';
import type { Call, Speech } from '../ivr/call.ts';
import type { Ari, AriEvent } from './ari.ts';
import { keypad } from './keypad.ts';
import type { KeyTimes } from './keypad.ts';

/** Milliseconds. */
export interface CallLimits extends KeyTimes {
  /** A whole call. */
  readonly callMs: number;
  /** One playback; for one whose end is never told. */
  readonly playbackMs: number;
  /** From the request to hang up until the channel is gone. */
  readonly hangUpMs: number;
}

export type CallFacts = Pick<Call, 'endpoint' | 'authName' | 'contact' | 'address'>;

export interface ChannelCallOptions {
  readonly ari: Ari;
  readonly channel: string;
  /** Absolute path of the folder that holds `<language>/<prompt>.wav`, as Asterisk sees it. */
  readonly soundsPath: string;
  readonly language: string;
  readonly limits: CallLimits;
  readonly log: Logger;
}

/** One channel in our app, from its first event on. */
export interface ChannelCall {
  /** Takes the events of this channel and of its playbacks. */
  onEvent(event: AriEvent): void;
  /** The script must end: the caller is gone, or Asterisk cannot be reached. */
  end(): void;
  readonly isOver: () => boolean;
  call(facts: CallFacts): Call;
  hangUp(): Promise<void>;
}

export function channelCall({ ari, channel, soundsPath, language, limits, log }: ChannelCallOptions): ChannelCall {
  const keys = keypad();
  const playbacks = new Map<string, () => void>();
  const over = signal();
  const gone = signal();

  /** Rejects with `CallEnded` as soon as the call is over, whatever `work` does. */
  async function whileUp<T>(work: () => Promise<T>): Promise<T> {
    if (over.happened()) throw new CallEnded();
    const ended = over.promise.then(() => {
      throw new CallEnded();
    });
    try {
      return await Promise.race([ended, work()]);
    } catch (error) {
      // No such channel, or not in our app any more: its end is still on the way to us.
      if (!isRefusal(error, 'not_found') && !isRefusal(error, 'conflict')) throw error;
      over.raise();
      throw new CallEnded();
    }
  }

  function mediaOf(speech: Speech): string {
    return typeof speech === 'string' ? `sound:${soundsPath}/${language}/${speech}` : `digits:${speech.digits}`;
  }

  /** Its end is listened for before it starts: a short file ends before the answer to the request is here. */
  async function play(speech: readonly Speech[]): Promise<{ readonly id: string; readonly finished: Promise<void> }> {
    const id = randomUUID();
    const reported = new Promise<void>((resolve) => playbacks.set(id, resolve));
    await whileUp(() => ari.play(channel, id, speech.map(mediaOf), language));
    const enough = new AbortController();
    const late = pause(limits.playbackMs, undefined, { signal: enough.signal }).then(
      () => log.warn({ channel, speech }, 'the end of a playback was never told'),
      () => {},
    );
    const finished = Promise.race([reported, late]).finally(() => {
      enough.abort();
      playbacks.delete(id);
    });
    return { id, finished };
  }

  async function stop(playback: string): Promise<void> {
    try {
      await ari.stopPlayback(playback);
    } catch (error) {
      if (!isRefusal(error, 'not_found')) throw error;
    }
  }

  const say: Call['say'] = (...speech) =>
    whileUp(async () => {
      if (speech.length > 0) await (await play(speech)).finished;
    });

  const ask: Call['ask'] = (question) =>
    whileUp(async () => {
      if (keys.isEmpty() && question.prompts.length > 0) {
        const { id, finished } = await play(question.prompts);
        await Promise.race([keys.pressed(), finished]);
        if (!keys.isEmpty()) await stop(id);
      }
      return keys.collect(question, limits);
    });

  async function hangUp(): Promise<void> {
    over.raise();
    if (gone.happened()) return;
    const enough = new AbortController();
    const late = pause(limits.hangUpMs, undefined, { signal: enough.signal }).catch(() => {});
    try {
      await Promise.race([gone.promise, late, ari.hangUp(channel).then(() => Promise.race([gone.promise, late]))]);
    } catch (error) {
      if (!isRefusal(error, 'not_found')) log.warn({ channel, err: error }, 'a call could not be hung up');
    } finally {
      enough.abort();
    }
  }

  function onEvent(event: AriEvent): void {
    if (event.type === 'ChannelDtmfReceived') keys.press(String(event['digit']));
    if (event.type === 'PlaybackFinished') {
      const { id, state, media_uri: media } = event['playback'] as Readonly<Record<string, string>>;
      if (state === 'failed') log.error({ channel, media }, 'Asterisk cannot play this sound');
      playbacks.get(id ?? '')?.();
    }
    if (event.type === 'StasisEnd' || event.type === 'ChannelDestroyed') {
      gone.raise();
      over.raise();
    }
  }

  return {
    onEvent,
    end: over.raise,
    isOver: over.happened,
    hangUp,
    call: (facts) => ({
      id: channel,
      ...facts,
      answer: () => whileUp(() => ari.answer(channel)),
      say,
      ask,
      hangUp,
    }),
  };
}

/** Something that happens once. */
function signal(): { readonly promise: Promise<void>; readonly raise: () => void; readonly happened: () => boolean } {
  let happened = false;
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  const raise = (): void => {
    happened = true;
    resolve();
  };
  return { promise, raise, happened: () => happened };
}
