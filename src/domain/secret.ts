import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * Text that must not be seen: a SIP secret, a token, a PIN. Printing, logging or serialising one gives `[secret]`;
 * only `reveal()` gives the text, so each place where a secret leaves can be found by searching for that word.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
