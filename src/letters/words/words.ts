/** Kinds of secret that a letter can carry: the user's PIN, or a code that is keyed once in its place. */
export type SecretKind = 'pin' | 'code';

export interface Passage {
  readonly heading: string;
  readonly text: string;
}

/**
 * Everything that a letter says in one language. In braces stand `{setUp}` and `{giveBack}` (the numbers to dial),
 * `{label}` (what a new phone shows) and `{extension}`. Formal address; short: all of it fits one page.
 */
export interface Words {
  readonly title: string;
  readonly extension: string;
  readonly plugIn: Passage;
  readonly wait: Passage;
  readonly dial: Passage;
  /** What depends on the secret. */
  readonly by: Readonly<Record<SecretKind, SecretWords>>;
}

export interface SecretWords {
  /** Stands over it. */
  readonly name: string;
  /** The step in which it is keyed. */
  readonly key: Passage;
  readonly giveBack: Passage;
  readonly refused: Passage;
  /** The last line. */
  readonly keep: string;
}
