import type { Drawn, Place } from './picture.ts';

/** Says what happens as it happens, and keeps it for the page and the picture. */
export interface Teller {
  /** Begins a part; its one word stands in the picture and in a failure. */
  part(step: string, title: string): void;
  /** One line, with the second at which it was said. */
  say(text: string): void;
  draw(from: Place, to: Place, text: string, at?: number): void;
  readonly step: () => string;
  readonly lines: readonly string[];
  readonly drawn: readonly Drawn[];
}

export function teller(write: (line: string) => void): Teller {
  const began = Date.now();
  const lines: string[] = [];
  const drawn: Drawn[] = [];
  let step = 'start';

  function print(line: string): void {
    lines.push(line);
    write(line);
  }

  return {
    part(next, title) {
      step = next;
      print('');
      print(title);
    },
    say: (text) => print(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`),
    draw: (from, to, text, at = Date.now()) => void drawn.push({ at: at - began, step, from, to, text }),
    step: () => step,
    lines,
    drawn,
  };
}
