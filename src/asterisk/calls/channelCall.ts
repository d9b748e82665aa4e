import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isRefusal } from '../../domain/errors.ts';
import { CallEnded } from '../../ivr/call.ts';
import type { Call, Speech, Voice } from '../../ivr/call.ts';
import type { Prompt } from '../../ivr/prompts.ts';
import type { Ari, AriEvent } from '../ari/ari.ts';
import { dtmfBuffer } from './dtmfBuffer.ts';
import type { DigitTimes } from './dtmfBuffer.ts';

/** Milliseconds. */
export interface CallLimits extends DigitTimes {
  /** A whole call. */
  readonly callMs: number;
  /** One playback; for one whose end is never told. */
  readonly playbackMs: number;
  /** From the request to hang up until the channel is gone. */
  readonly hangUpMs: number;
}

export type CallFacts = Pick<Call, 'endpoint' | 'authName' | 'dialled' | 'contact' | 'address' | 'identity'>;

export interface ChannelCallOptions {
  readonly ari: Ari;
  readonly channel: string;
  /** Absolute path of the folder that holds `<language>/<prompt>.wav`, as Asterisk sees it. */
  readonly soundsPath: string;
  /** Until the script says something else. */
  readonly language: string;
  /** Whether all ten digits of a language are in a folder of sounds; where they are not, Asterisk's own are said. */
  readonly hasDigits: (soundsPath: string, language: string) => boolean;
  readonly limits: CallLimits;
  /** False when another process may have taken the call over from this one, which had stopped in the meantime. */
  readonly isAlive: () => boolean;
  readonly log: Logger;
}

/** One channel in our app, from its first event on. */
export interface ChannelCall {
  /** Takes the events of this channel and of its playbacks. */
  onEvent(event: AriEvent): void;
  /** The script must end: Asterisk cannot be reached, and what becomes of the channel will not be told. */
  end(): void;
  isOver(): boolean;
  call(facts: CallFacts): Call;
  hangUp(): Promise<void>;
}

/** Prompts that say a key which is no digit. */
const KEYS: Readonly<Record<string, Prompt>> = { '*': 'key-star', '#': 'key-pound' };

const LOST = ['not_found', 'conflict', 'unavailable'] as const;

export function channelCall(options: ChannelCallOptions): ChannelCall {
  const { ari, channel, hasDigits, limits, log } = options;
  let voice: Voice = { language: options.language, sounds: null };
  const keys = dtmfBuffer();
  const playbacks = new Map<string, () => void>();
  const over = new AbortController();
  const gone = new AbortController();
  const isOver = once(over.signal, 'abort');
  const isGone = once(gone.signal, 'abort');

  /** Rejects with `CallEnded` as soon as the call is over, whatever `work` does. */
  async function whileUp<T>(work: () => Promise<T>): Promise<T> {
    if (!options.isAlive()) end();
    if (over.signal.aborted) throw new CallEnded();
    try {
      return await Promise.race([work(), isOver.then(() => Promise.reject(new CallEnded()))]);
    } catch (error) {
      if (isRefusal(error, 'unavailable') && !over.signal.aborted)
        log.warn({ channel, err: error }, 'Asterisk cannot be reached for a call');
      // No such channel, or not in our app any more, or no Asterisk: word of its end is still on the way to us.
      if (LOST.some((code) => isRefusal(error, code))) over.abort();
      throw over.signal.aborted ? new CallEnded() : error;
    }
  }

  function soundOf(name: string, { language, sounds }: Voice): string {
    return `sound:${sounds ?? options.soundsPath}/${language}/${name}`;
  }

  function mediaOf(speech: Speech): readonly string[] {
    if (typeof speech === 'string') return [soundOf(speech, voice)];
    if ('prompt' in speech) return [soundOf(speech.prompt, speech.voice)];
    const { digits } = speech;
    const isOurs = /^[\d*#]+$/.test(digits) && hasDigits(voice.sounds ?? options.soundsPath, voice.language);
    return isOurs ? [...digits].map((key) => soundOf(KEYS[key] ?? `digit-${key}`, voice)) : [`digits:${digits}`];
  }

  /** Its end is listened for before it starts: a short file ends before the answer to the request is here. */
  async function play(speech: readonly Speech[]): Promise<{ readonly id: string; readonly finished: Promise<void> }> {
    const id = randomUUID();
    const reported = new Promise<void>((resolve) => playbacks.set(id, resolve));
    const media = speech.flatMap(mediaOf);
    log.debug({ channel, media }, 'says');
    await whileUp(() => ari.play(channel, id, media, voice.language));
    const finished = within(limits.playbackMs, over.signal, reported).then((inTime) => {
      playbacks.delete(id);
      if (!inTime) log.warn({ channel, speech }, 'the end of a playback was not told');
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
      if (!keys.isAhead(question) && question.prompts.length > 0) {
        const { id, finished } = await play(question.prompts);
        const first = await Promise.race([keys.pressed().then(() => 'key'), finished]);
        if (first === 'key') await stop(id);
      }
      return keys.collect(question, limits, over.signal);
    });

  async function hangUp(): Promise<void> {
    if (!options.isAlive()) end();
    over.abort();
    if (gone.signal.aborted) return;
    const hungUp = ari.hangUp(channel).then(
      () => isGone,
      (error: unknown) => {
        if (!isRefusal(error, 'not_found')) log.warn({ channel, err: error }, 'a call could not be hung up');
      },
    );
    await within(limits.hangUpMs, gone.signal, hungUp);
  }

  function end(): void {
    gone.abort();
    over.abort();
  }

  function onEvent(event: AriEvent): void {
    // Comes before the end of what is just being played, which would pass for heard otherwise.
    if (event.type === 'ChannelHangupRequest') over.abort();
    if (event.type === 'ChannelDtmfReceived') keys.press(String(event['digit']));
    if (event.type === 'PlaybackFinished') {
      const { id, state, media_uri: media } = event['playback'] as Readonly<Record<string, string>>;
      if (state === 'failed' && !over.signal.aborted) log.error({ channel, media }, 'Asterisk cannot play this sound');
      playbacks.get(id ?? '')?.();
    }
    if (event.type === 'StasisEnd' || event.type === 'ChannelDestroyed') end();
  }

  return {
    onEvent,
    end,
    isOver: () => over.signal.aborted,
    hangUp,
    call: (facts) => ({
      id: channel,
      ...facts,
      speak: (next) => void (voice = next),
      answer: () => whileUp(() => ari.answer(channel)),
      say,
      ask,
      hangUp,
    }),
  };
}

/** Waits for `work`, but not longer than the limit or until `signal` fires; false when the limit has passed. */
async function within(limitMs: number, signal: AbortSignal, work: Promise<unknown>): Promise<boolean> {
  const enough = new AbortController();
  const late = pause(limitMs, false, { signal: AbortSignal.any([signal, enough.signal]) }).catch(() => true);
  const inTime = await Promise.race([work.then(() => true), late]);
  enough.abort();
  return inTime;
}
