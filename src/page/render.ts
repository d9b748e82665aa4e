import Mustache from 'mustache';
import { readdirSync, readFileSync } from 'node:fs';
import { ASSET_URLS } from './assets.ts';

/** Every word of the page in one language; the English file says which there are. */
export type Words = { readonly [name: string]: string | Words };

// The build puts these folders beside the built program.
const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const files = (folder: string): readonly string[] => readdirSync(new URL(folder, import.meta.url));

const VIEWS: Readonly<Record<string, string>> = Object.fromEntries(
  files('views/').map((file) => [file.replace(/\.mustache$/, ''), read(`views/${file}`)]),
);

/** By language: `en`, `de`. */
export const WORDS: Readonly<Record<string, Words>> = Object.fromEntries(
  files('words/').map((file) => [file.replace(/\.json$/, ''), JSON.parse(read(`words/${file}`)) as Words]),
);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes in quotes. What phones and callers have said is in it. */
function escaped(value: unknown): string {
  return String(value).replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter] ?? '');
}

/** A view as HTML. Words are `t` in it. */
export function render(view: string, language: string, data: object): string {
  const template = VIEWS[view];
  if (template === undefined) throw new Error(`there is no view ${view}`);
  return Mustache.render(template, { ...data, t: WORDS[language], assets: ASSET_URLS }, VIEWS, { escape: escaped });
}

/** A word by its path, `states.blocked`; the path itself where there is none. */
export function word(language: string, path: string): string {
  let at: string | Words | undefined = WORDS[language];
  for (const name of path.split('.')) at = typeof at === 'object' ? at[name] : undefined;
  return typeof at === 'string' ? at : path;
}

/** The first of the languages that a browser asks for in which there are words; English where there is none. */
export function languageOf(accepted: string | undefined): string {
  const asked = (accepted ?? '').split(',').map((each) => (each.split(';')[0] ?? '').trim().slice(0, 2).toLowerCase());
  return asked.find((language) => WORDS[language] !== undefined) ?? 'en';
}
