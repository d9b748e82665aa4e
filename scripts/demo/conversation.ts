import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../src/packageRoot.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { SAMPLE_RATE } from '../../src/virtualPhone/recording.ts';
import { waitFor } from '../../src/virtualPhone/wait.ts';
import { readWave } from './hear.ts';
import type { Place } from './picture.ts';
import type { LogLine, Server } from './server.ts';
import type { Teller } from './teller.ts';

export const PROMPTS = join(packageRoot, 'sounds/en');

const words = new Map(
  readFileSync(join(PROMPTS, 'prompts.txt'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, text] = /^([a-z-]+): (.*)$/.exec(line) ?? [];
      return name === undefined || text === undefined ? [] : [[name, text] as const];
    }),
);

/** Keys, and what of them may be shown. */
export interface Answer {
  readonly keys: string;
  readonly shown: string;
}

interface Conversation {
  readonly server: Server;
  readonly teller: Teller;
  readonly place: Place;
  readonly phone: Phone;
  readonly number: string;
  /** What the caller keys after a prompt. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** Whose the phone becomes, if it does. */
  readonly boundTo?: string;
  /** Hears each prompt out before the keys are pressed. */
  readonly isPatient: boolean;
}

export interface Conversed {
  readonly played: readonly string[];
  /** When the call was over, milliseconds since 1970. */
  readonly at: number;
}

/** Calls and answers what is asked until the other side hangs up. Gives the prompts in order, as selfprov says that it has played them. */
export async function converse(conversation: Conversation): Promise<Conversed> {
  const { server, teller, place, phone, number, answers, isPatient, boundTo } = conversation;
  const played: string[] = [];
  const before = (await server.log()).length;
  const call = await phone.dial(number);
  await call.established();
  let taken = 0;
  for (;;) {
    const next = await waitFor(async () => call.isOver || saidAfter(await server.log(), before)[taken], {
      what: `a word or the end of the call, after ${played.at(-1) ?? 'nothing'}`,
      limit: 30_000,
      every: 30,
    });
    if (next === true) return { played, ...(await call.ended()) };
    taken += 1;
    if (next['msg'] !== 'says') {
      const text = next['msg'] === 'accepted' ? `bound to ${boundTo}` : 'given back';
      teller.say(`selfprov: the phone is ${text}`);
      teller.draw('selfprov and Asterisk', 'selfprov and Asterisk', text, Date.parse(String(next['time'])));
      continue;
    }
    const prompts = promptsOf(next);
    played.push(...prompts);
    const text = inWords(prompts);
    teller.say(`hears  “${text}”`);
    teller.draw('selfprov and Asterisk', place, `“${text.length > 52 ? `${text.slice(0, 50)}…` : text}”`);
    const answer = answers[prompts.at(-1) ?? ''];
    if (answer === undefined) continue;
    if (isPatient) await pause(lengthOf(prompts));
    if (call.isOver) continue;
    teller.say(`keys   ${answer.shown}`);
    teller.draw(place, 'selfprov and Asterisk', `keys ${answer.shown}`);
    await call.press(answer.keys);
  }
}

function saidAfter(log: readonly LogLine[], before: number): readonly LogLine[] {
  return log.slice(before).filter(({ msg }) => ['says', 'accepted', 'released'].includes(String(msg)));
}

function promptsOf({ media }: LogLine): readonly string[] {
  return (media as readonly string[]).map((each) => each.split('/').at(-1) ?? each);
}

/** As it is written down; digits together. */
function inWords(prompts: readonly string[]): string {
  return prompts
    .map((prompt) => (prompt.startsWith('digit-') ? prompt.slice('digit-'.length) : (words.get(prompt) ?? prompt)))
    .join(' ')
    .replaceAll(/(?<=\b\d) (?=\d\b)/g, '')
    .replaceAll(/(?<=\d)(?= [A-Z])/g, '.');
}

/** Milliseconds, and a moment. */
function lengthOf(prompts: readonly string[]): number {
  const samples = prompts.reduce((sum, prompt) => sum + readWave(join(PROMPTS, `${prompt}.wav`)).length, 0);
  return (samples / SAMPLE_RATE) * 1000 + 300 + 100 * prompts.length;
}
