import type { Chars, Node } from './syntax.ts';

/** What every text that a pattern matches has in common, as far as one sees it at a glance. */
interface Bounds {
  readonly min: number;
  readonly max: number;
  /** What the first and the last character can be; the pattern may be empty when `min` is 0. */
  readonly first: Chars;
  readonly last: Chars;
}

const EMPTY: Bounds = { min: 0, max: 0, first: 0n, last: 0n };
const BEYOND_ASCII = 128;

/** False for a text that the pattern cannot match: most patterns are asked about names that look quite different. */
export function glance(tree: Node): (text: string) => boolean {
  const { min, max, first, last } = boundsOf(tree);
  const [firsts, lasts] = [tableOf(first), tableOf(last)];
  return (text) => {
    const { length } = text;
    if (length < min || length > max) return false;
    return length === 0 || (isIn(firsts, text.charCodeAt(0)) && isIn(lasts, text.charCodeAt(length - 1)));
  };
}

/** The same number for texts that no glance tells apart. */
export function lookOf(text: string): number {
  const codeAt = (at: number): number => (text === '' ? 0 : Math.min(text.charCodeAt(at), BEYOND_ASCII));
  const codes = BEYOND_ASCII + 1;
  return (text.length * codes + codeAt(0)) * codes + codeAt(text.length - 1);
}

function isIn(table: readonly boolean[], code: number): boolean {
  return table[Math.min(code, BEYOND_ASCII)] === true;
}

function tableOf(set: Chars): readonly boolean[] {
  return Array.from({ length: BEYOND_ASCII + 1 }, (_, code) => ((set >> BigInt(code)) & 1n) === 1n);
}

function boundsOf(node: Node): Bounds {
  switch (node.kind) {
    case 'chars':
      return { min: 1, max: 1, first: node.set, last: node.set };
    case 'choice':
      return node.branches.map(boundsOf).reduce((one, other) => ({
        min: Math.min(one.min, other.min),
        max: Math.max(one.max, other.max),
        first: one.first | other.first,
        last: one.last | other.last,
      }));
    case 'repeat': {
      const { min, max, first, last } = boundsOf(node.body);
      // Nothing, however often, is nothing.
      return { min: min * node.min, max: max === 0 ? 0 : max * node.max, first, last };
    }
    case 'sequence':
      return node.parts.map(boundsOf).reduce(
        (one, other) => ({
          min: one.min + other.min,
          max: one.max + other.max,
          first: one.min === 0 ? one.first | other.first : one.first,
          last: other.min === 0 ? one.last | other.last : other.last,
        }),
        EMPTY,
      );
  }
}
