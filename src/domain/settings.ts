/** What one level says; what it does not say is as the level before has it. */
export type Said<T> = { readonly [Name in keyof T]?: T[Name] };

/** How an administrator writes and reads one setting. */
export interface Setting<T> {
  readonly about: string;
  /** Stands for the value in a usage line. */
  readonly placeholder: string;
  /** Throws `invalid` with what is wrong with the text and what would be right. */
  read(text: string): T;
  /** The text that `read` takes; a secret is masked. */
  show(value: T): string;
}

export type SettingsOf<T> = { readonly [Name in keyof T]: Setting<T[Name]> };

/** Values with the level that each comes from. */
export type Effective<T> = { readonly [Name in keyof T]: { readonly value: T[Name]; readonly from: string } };

export interface Level<T> {
  /** For a reader: `tenant default`, `user 1500`. */
  readonly from: string;
  readonly says: Said<T>;
}

/** The last level that says something about a setting wins; the first one says something about each. */
export function effective<T extends object>(builtIn: T, levels: readonly Level<T>[]): Effective<T> {
  const names = Object.keys(builtIn) as (keyof T & string)[];
  const all = names.map((name) => {
    const level = levels.findLast(({ says }) => says[name] !== undefined);
    return [name, { value: level?.says[name] ?? (level ? null : builtIn[name]), from: level?.from ?? 'built in' }];
  });
  // Every name of `builtIn` is there, with a value of its type.
  return Object.fromEntries(all) as Effective<T>;
}

export function valuesOf<T extends object>(all: Effective<T>): T {
  const entries = Object.entries(all as Record<string, { value: unknown }>).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(entries) as T;
}
