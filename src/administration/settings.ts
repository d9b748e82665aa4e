import { SelfprovError } from '../domain/errors.ts';
import type { Detail } from '../domain/journal.ts';
import { Secret } from '../domain/secret.ts';
import type { Said, SettingsOf } from '../domain/settings.ts';

/** Settings as an administrator writes them: by name, `inherit` for "as the level before has it". */
export type Texts = Readonly<Record<string, string | undefined>>;

export const INHERIT = 'inherit';

/** Settings whose texts are none, each with what would be right; the message names them as options of a command. */
export class WrongSettings extends SelfprovError {
  readonly mistakes: readonly { readonly name: string; readonly detail: string }[];

  constructor(mistakes: WrongSettings['mistakes']) {
    super('invalid', mistakes.map(({ name, detail }) => `${optionOf(name)}: ${detail}`).join('; '));
    this.mistakes = mistakes;
  }
}

/** What a level says from now on. Throws `WrongSettings`. */
export function said<T extends object>(settings: SettingsOf<T>, before: Said<T>, texts: Texts): Said<T> {
  const after: Record<string, unknown> = { ...before };
  const mistakes: { name: string; detail: string }[] = [];
  for (const [name, setting] of settingsIn(settings)) {
    const text = texts[name];
    if (text === undefined) continue;
    try {
      if (text.trim() === INHERIT) delete after[name];
      else after[name] = setting.read(text);
    } catch (error) {
      if (!(error instanceof SelfprovError)) throw error;
      mistakes.push({ name, detail: error.message });
    }
  }
  if (mistakes.length > 0) throw new WrongSettings(mistakes);
  return after as Said<T>;
}

/** For a reader, and for the journal: no secret in it. */
export function shown<T extends object>(settings: SettingsOf<T>, says: Said<T>): Readonly<Record<string, string>> {
  const all = settingsIn(settings).flatMap(([name, setting]) => {
    const value = (says as Readonly<Record<string, unknown>>)[name];
    return value === undefined ? [] : [[name, setting.show(value)] as const];
  });
  return Object.fromEntries(all);
}

/** What was, and what is: `UTC → Europe/Berlin`; what is alone where nothing was. */
export function fromTo(was: unknown, is: unknown): string {
  return was === undefined || was === null || was === '' ? inWords(is) : `${inWords(was)} → ${inWords(is)}`;
}

/** What is different in plain values, by name, for the journal: no secret is among them. */
export function differences(before: object, after: object): Detail {
  const was = before as Readonly<Record<string, unknown>>;
  const names = Object.entries(after).filter(([name, is]) => JSON.stringify(is) !== JSON.stringify(was[name]));
  return Object.fromEntries(names.map(([name, is]) => [name, fromTo(was[name], is)]));
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What has changed, by name, as `fromTo` has it. */
export function changes<T extends object>(settings: SettingsOf<T>, before: Said<T>, after: Said<T>): Detail {
  const [was, is] = [shown(settings, before), shown(settings, after)];
  const raw = (says: Said<T>, name: string): string => {
    const value = (says as Record<string, unknown>)[name];
    // Shown, two passwords look alike.
    return JSON.stringify(value instanceof Secret ? value.reveal() : value);
  };
  const names = Object.keys(settings).filter(
    (name) => was[name] !== is[name] || raw(before, name) !== raw(after, name),
  );
  // Of two secrets nobody is shown more than that.
  const told = (name: string): string => (was[name] === is[name] ? 'changed' : fromTo(was[name], is[name] ?? INHERIT));
  return Object.fromEntries(names.map((name) => [name, told(name)]));
}

/** `timeZone` is written `--time-zone`. */
export function optionOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

interface AnySetting {
  readonly about: string;
  readonly placeholder: string;
  read(text: string): unknown;
  show(value: unknown): string;
}

export function settingsIn<T extends object>(settings: SettingsOf<T>): readonly (readonly [string, AnySetting])[] {
  return Object.entries(settings as Readonly<Record<string, AnySetting>>);
}
