import type { Identity } from '../domain/registrations.ts';
import type { Prompt } from './prompts.ts';

/** Something a caller hears: a prompt of `sounds/`, digits (`*` and `#` too) read one by one in the same language, or a prompt in another. */
export type Speech = Prompt | { readonly digits: string } | { readonly prompt: Prompt; readonly voice: Voice };

export interface Question {
  /** Played until the first key; not played at all when the caller has typed ahead. */
  readonly prompts: readonly Speech[];
  /** The answer is complete with this many digits, even without the end key. */
  readonly maxDigits: number;
  /** Ends the answer and is not part of it; `null` when `maxDigits` alone ends it. */
  readonly endKey: '#' | null;
}

/**
 * `digits` may be empty when the end key came first. `star` means the caller pressed `*` (start over); what had been
 * keyed for this answer is dropped. `noInput` means no key within the time limit.
 */
export type Answer = { readonly kind: 'digits'; readonly digits: string } | { readonly kind: 'star' | 'noInput' };

export interface Voice {
  readonly language: string;
  readonly sounds: string | null;
}

/**
 * One call from a phone, as a script sees it. Every method rejects with `CallEnded` once the caller is gone, which no
 * script catches: nothing after that point runs.
 */
export interface Call {
  readonly id: string;
  /** Name of the PJSIP endpoint that Asterisk authenticated. */
  readonly endpoint: string;
  /** Digest user name of the INVITE: tells apart the phones that share an endpoint. `null` when there was none. */
  readonly authName: string | null;
  /** Contact URI of the calling phone as Asterisk would reach it. */
  readonly contact: string | null;
  /** Source address of the call's signalling, without port. */
  readonly address: string | null;
  /** What was dialled behind the number that the script answers to: digits and stars; `null` when nothing was. */
  readonly dialled: string | null;
  /** What the call shows of the phone, for telling it from others later; `null` when that cannot be read. */
  readonly identity: Identity | null;
  /** In which language, and from which folder of prompts (`null`: the installation's), it speaks from now on. */
  speak(voice: Voice): void;
  answer(): Promise<void>;
  /** Plays to the end; keys pressed meanwhile are kept for the next question. */
  say(...speech: readonly Speech[]): Promise<void>;
  ask(question: Question): Promise<Answer>;
  /** Ends the call; resolves when it is down. Never rejects. */
  hangUp(): Promise<void>;
}

/** The caller is gone. Not an error of anybody: the script simply ends here. */
export class CallEnded extends Error {
  constructor() {
    super('the call has ended');
    this.name = 'CallEnded';
  }
}
