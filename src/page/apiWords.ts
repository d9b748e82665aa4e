import type { AnswerOf } from '../api/operations.ts';
import { wordOr, type Texts } from './page.ts';
import { WORDS } from './render.ts';

/** What the API says in a few English words, in the language of who looks; names and whatever else has no word stay as they are. */

const all = (topic: string): readonly string[] =>
  Object.keys(WORDS['en']?.[topic] ?? {}).toSorted((one, other) => other.length - one.length);

const PHRASES = all('phrases');
const TITLES = new RegExp(`\\b(?:${all('titles').join('|')})\\b`, 'g');

/** `profile Default`, `new phones`, or several of these between commas: what stands before a name. */
export function phraseIn(language: string, text: string): string {
  const parts = text.split(', ').map((part) => {
    const found = PHRASES.find((phrase) => part === phrase || part.startsWith(`${phrase} `));
    return found === undefined ? part : `${wordOr(language, `phrases.${found}`, found)}${part.slice(found.length)}`;
  });
  return parts.join(', ');
}

/** `Example T, CP and VP phones`. A word that begins with a hyphen, as German has it, goes with the name before it. */
export function titleIn(language: string, title: string): string {
  const said = title.replaceAll(TITLES, (found) => wordOr(language, `titles.${found}`, found));
  return said.replaceAll(/(\S+) -/g, (_, before: string) => `${before}${/^[a-z]+$/.test(before) ? ' ' : '-'}`);
}

/** What a setting is, as it is chosen, or that it is nothing. */
export function valueIn(language: string, value: string): string {
  return wordOr(language, `choices.${value}`, value);
}

/** `ari`, or `ari pbx2` where there are several. */
export function partOf(language: string, part: string): string {
  const [kind = '', ...which] = part.split(' ');
  return [wordOr(language, `health.parts.${kind}`, kind), ...which].join(' ');
}

/** Settings of a device or a user as they hold: `timeZone`, or `1500 codecs` of one line. */
export function heldSettings(language: string, settings: AnswerOf<'getUserSettings'>): readonly Texts[] {
  return settings.map(({ name, value, from }) => {
    const setting = name.split(' ').at(-1) ?? '';
    const label = wordOr(language, `settings.${setting}`, setting);
    return {
      name: `${name.slice(0, -setting.length)}${label}`,
      value: valueIn(language, value),
      from: phraseIn(language, from),
    };
  });
}
