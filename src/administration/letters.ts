import { SelfprovError } from '../domain/errors.ts';
import { deviceSettings } from '../domain/levels.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store, Tenants } from '../domain/ports.ts';
import type { User } from '../domain/user.ts';
import { lettersAsHtml } from '../letters/html.ts';
import type { Letter } from '../letters/letter.ts';
import type { Paper } from '../letters/paper.ts';
import { LANGUAGES, languageOf, type Language } from '../letters/words/languages.ts';
import { setUpLabel } from '../phones/view/lines.ts';
import type { Core } from './core.ts';
import { goodPin, replacePin } from './pins.ts';

export const LETTER_FORMATS = ['pdf', 'html'] as const;

/** A PDF is of one size of paper, in a font of its own; HTML suits any paper and script. */
export type LetterForm =
  | { readonly format: 'pdf'; readonly paper: Paper }
  | { readonly format: Exclude<(typeof LETTER_FORMATS)[number], 'pdf'> };

/** Puts what was printed where it belongs, and makes it valid with `commit`; nothing may be left of it when that rejects. */
export type Keep = (content: Buffer, commit: () => Promise<void>) => Promise<void>;

export interface LetterPrinted {
  readonly extension: string;
  readonly name: string;
  readonly language: Language;
  /** What the user's phones speak, when there are no letters in it. */
  readonly missingLanguage: string | null;
}

/**
 * Prints a letter with a new PIN, generated unless given: the one before cannot be known. Rejects with `invalid` for a bad
 * PIN, a language without words, and a name that the font of a PDF cannot show; then the user's PIN is as before.
 */
export async function printLetter(
  { store, secrets, actor }: Core,
  user: User,
  { pin: chosen, language, ...form }: LetterForm & { readonly pin?: string; readonly language?: string },
  keep: Keep,
): Promise<LetterPrinted> {
  const { extension, name } = user;
  const wanted = language === undefined ? undefined : goodLanguage(language);
  const pin = goodPin(chosen, extension, secrets);
  const { letter, missingLanguage } = await letterFor(store, user, { kind: 'pin', text: pin }, wanted);
  const content = await printed([letter], form);
  const pinHash = await secrets.hashPin(pin);
  await keep(content, () =>
    store.transaction(async (inside) => {
      await replacePin(inside, user, pinHash, actor);
      await noteLetter(inside, user, letter, form, actor);
    }),
  );
  return { extension, name, language: letter.language, missingLanguage };
}

/** Inside a transaction: the event of a letter; the secret in it is told nowhere. */
export async function noteLetter(
  inside: Store,
  { id: userId, tenantId, extension }: Pick<User, 'id' | 'tenantId' | 'extension'>,
  { language }: Letter,
  { format }: LetterForm,
  actor: string,
): Promise<void> {
  const detail = { extension, language, format };
  await inside.addEvent({ step: 'letter_printed', tenantId, userId, actor, detail });
}

/** What is printed for this user, in the language given, else in that of the user's phones. */
export async function letterFor(
  source: Pick<Tenants, 'tenant' | 'profile' | 'deviceTemplate'>,
  user: Omit<User, 'id' | 'pinHash' | 'createdAt'>,
  secret: Letter['secret'],
  language?: Language,
): Promise<{ readonly letter: Letter; readonly missingLanguage: string | null }> {
  const tenant = orNotFound(await source.tenant(user.tenantId), 'tenant');
  const profile = orNotFound(await source.profile(user.profileId), 'user profile');
  const template = orNotFound(await source.deviceTemplate(profile.deviceTemplateId), 'device template');
  const spoken = deviceSettings(tenant, template, user, undefined).language.value;
  const found = language ?? languageOf(spoken);
  const letter = {
    language: found ?? 'en',
    organisation: tenant.name,
    name: user.name,
    extension: user.extension,
    secret,
    setUp: tenant.extension,
    giveBack: tenant.releaseExtension,
    label: setUpLabel(tenant),
  } as const;
  return { letter, missingLanguage: found === undefined ? spoken : null };
}

/** All of them, one page each. Rejects with `invalid` when the font of a PDF cannot show a name. */
export async function printed(letters: readonly Letter[], form: LetterForm): Promise<Buffer> {
  if (form.format === 'html') return Buffer.from(lettersAsHtml(letters));
  for (const letter of letters) {
    const problem = await printProblem(letter);
    if (problem !== undefined) throw new SelfprovError('invalid', problem);
  }
  const { lettersAsPdf } = await import('../letters/pdf.ts');
  return lettersAsPdf(letters, form.paper);
}

/** What the font of a PDF cannot show of a name, for an administrator to read; `undefined` when it can show all. */
export async function printProblem(letter: Pick<Letter, 'name' | 'organisation'>): Promise<string | undefined> {
  // The libraries for PDF take longer to load than most commands to run.
  const { unprintable } = await import('../letters/font.ts');
  for (const words of [letter.name, letter.organisation]) {
    const missing = unprintable(words).map((one) => `${one} (U+${codeOf(one)})`);
    if (missing.length > 0)
      return (
        `the font of PDF letters (Latin, Greek, Cyrillic, Devanagari) cannot show ${missing.join(', ')} of ${words}: ` +
        'print the letter as .html, which a browser shows'
      );
  }
  return undefined;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function goodLanguage(tag: string): Language {
  const found = languageOf(tag);
  if (found !== undefined) return found;
  const there = Object.keys(LANGUAGES).join(', ');
  throw new SelfprovError('invalid', `there are no letters in ${tag}; there are: ${there}`);
}
