import { dtmfBuffer } from '../../src/asterisk/calls/dtmfBuffer.ts';
import { CallEnded, type Call, type Speech } from '../../src/ivr/call.ts';

/** A call without a phone: what it says is written down, what the caller keys is given before. */
export interface ScriptedCall extends Call {
  /** Everything that was said or asked, in order; digits as they are read out. */
  readonly heard: readonly string[];
  /** Languages, in order. */
  readonly spoken: readonly string[];
  readonly isUp: boolean;
}

export interface Script {
  readonly endpoint: string;
  readonly authName?: string | null;
  readonly dialled?: string | null;
  readonly contact?: string | null;
  readonly address?: string | null;
  /** Keys, in the order they are pressed. When there are no more, the caller says nothing. */
  readonly keys?: string;
  /** Hangs up when this is said, before its end. */
  readonly hangsUpAt?: string;
}

/** Prompts take no time, and so does silence. */
const AT_ONCE = { firstDigitMs: 0, interDigitMs: 0 };

export function scriptedCall(script: Script): ScriptedCall {
  const heard: string[] = [];
  const spoken: string[] = [];
  const buffer = dtmfBuffer();
  const over = new AbortController();
  for (const key of script.keys ?? '') buffer.press(key);

  function say(speech: readonly Speech[]): void {
    if (over.signal.aborted) throw new CallEnded();
    for (const each of speech) {
      const words =
        typeof each === 'string' ? each : 'digits' in each ? each.digits : `${each.prompt} (${each.voice.language})`;
      heard.push(words);
      if (words === script.hangsUpAt) over.abort();
      if (over.signal.aborted) throw new CallEnded();
    }
  }

  return {
    id: 'scripted',
    endpoint: script.endpoint,
    authName: script.authName ?? script.endpoint,
    dialled: script.dialled ?? null,
    speak: ({ language }) => void spoken.push(language),
    contact: script.contact ?? null,
    address: script.address ?? null,
    identity: null,
    heard,
    spoken,
    get isUp() {
      return !over.signal.aborted;
    },
    async answer() {
      if (over.signal.aborted) throw new CallEnded();
    },
    async say(...speech) {
      say(speech);
    },
    async ask(question) {
      if (!buffer.isAhead(question)) say(question.prompts);
      if (over.signal.aborted) throw new CallEnded();
      return buffer.collect(question, AT_ONCE, over.signal);
    },
    async hangUp() {
      over.abort();
    },
  };
}
