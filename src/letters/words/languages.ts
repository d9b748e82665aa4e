import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import type { Words } from './words.ts';

/** Every language that letters are written in. */
export const LANGUAGES = { en, es, fr, de, it } satisfies Readonly<Record<string, Words>>;

export type Language = keyof typeof LANGUAGES;

/** The language of a BCP 47 tag: `de` of `de-AT`; `undefined` when there are no letters in it. */
export function languageOf(tag: string): Language | undefined {
  const [primary = ''] = tag.trim().toLowerCase().split(/[-_]/);
  return Object.hasOwn(LANGUAGES, primary) ? (primary as Language) : undefined;
}
