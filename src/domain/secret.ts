import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * Text that must not be seen: a SIP secret, a token, a PIN. Printing, logging or serialising one gives `[secret]`;
 * only `reveal()` gives the text, so each place where a secret leaves can be found by searching for that word.
 */
export class Secret {
  #text: string | (() => string);

  /** `text` may be a way to have it, which is gone once, when it is revealed first. */
  constructor(text: string | (() => string)) {
    this.#text = text;
  }

  reveal(): string {
    if (typeof this.#text === 'function') this.#text = this.#text();
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
