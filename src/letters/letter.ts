import type { Secret } from '../domain/secret.ts';
import { LANGUAGES, type Language } from './words/languages.ts';
import type { Passage, SecretKind } from './words/words.ts';

/** What is printed for the person who gets a phone. */
export interface Letter {
  readonly language: Language;
  /** Who gives the phone. */
  readonly organisation: string;
  /** Who gets it. */
  readonly name: string;
  readonly extension: string;
  readonly secret: { readonly kind: SecretKind; readonly text: Secret };
  /** Dialled to set a phone up, and to give it back. */
  readonly setUp: string;
  readonly giveBack: string;
  /** What a phone without a user shows. */
  readonly label: string;
}

/** The texts of a letter, in the order of the page; the secret is in clear. */
export interface Page {
  readonly language: Language;
  readonly organisation: string;
  readonly name: string;
  readonly title: string;
  /** What is read off while keying. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly steps: readonly Passage[];
  readonly notes: readonly Passage[];
  readonly keep: string;
}

export function pageOf(letter: Letter): Page {
  const { language, organisation, name, extension, secret } = letter;
  const { by, ...words } = LANGUAGES[language];
  const own = by[secret.kind];
  const fill = (text: string): string =>
    together(text).replace(/\{(setUp|giveBack|label|extension)\}/g, (_, field: 'setUp') => letter[field]);
  const filled = ({ heading, text }: Passage): Passage => ({ heading: fill(heading), text: fill(text) });
  const fact = (label: string, value: string): Page['facts'][number] => ({ label, value });
  return {
    ...{ language, organisation, name, title: words.title, keep: own.keep },
    facts: [fact(words.extension, extension), fact(own.name, inGroups(secret))],
    steps: [words.plugIn, words.wait, words.dial, own.key].map(filled),
    notes: [own.giveBack, own.refused].map(filled),
  };
}

/** Many digits are keyed four at a time. */
function inGroups({ kind, text }: Letter['secret']): string {
  return kind === 'pin' ? text.reveal() : text.reveal().replace(/(\d{4})(?=\d)/g, '$1\u00a0');
}

/** A key to press stays on the line of the word before it. */
function together(text: string): string {
  return text.replace(/ (?=[1#](?:\W|$))/g, '\u00a0');
}
