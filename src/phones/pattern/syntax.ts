/**
 * The part of regular expressions that family data may use, as a tree. Left out on purpose: look-around, back
 * references, lazy quantifiers, word boundaries, anchors (a pattern always means the whole text) and unnamed groups.
 */
export type Node =
  | { readonly kind: 'chars'; readonly set: Chars; readonly text: string }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly branches: readonly Node[] }
  | { readonly kind: 'repeat'; readonly body: Node; readonly min: number; readonly max: number; readonly text: string };

/** A set of characters: one bit for each of ASCII, folded to one case, and bit 128 for all others together. */
export type Chars = bigint;

const BEYOND_ASCII = 1n << 128n;
const ALL: Chars = (1n << 129n) - 1n;
const LINE_ENDS = bit(10) | bit(13);
const DIGITS = range(48, 57);
const WORDS = DIGITS | range(65, 90) | range(97, 122) | bit(95);
const SPACES = bit(9) | bit(10) | bit(11) | bit(12) | bit(13) | bit(32) | BEYOND_ASCII;
const CLASSES: Readonly<Record<string, Chars>> = {
  d: DIGITS,
  w: WORDS,
  s: SPACES,
  D: ALL & ~DIGITS,
  W: ALL & ~WORDS,
  S: (ALL & ~SPACES) | BEYOND_ASCII,
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, 0: 0 };

function bit(code: number): Chars {
  return code < 128 ? 1n << BigInt(code) : BEYOND_ASCII;
}

function range(from: number, to: number): Chars {
  let set = 0n;
  for (let code = from; code <= Math.min(to, 128); code++) set |= bit(code);
  return set;
}

/** Patterns ignore case, so a letter stands for both of its cases. */
function fold(set: Chars): Chars {
  const upper = (set >> 65n) & 0x3ffffffn;
  const lower = (set >> 97n) & 0x3ffffffn;
  return set | (upper << 97n) | (lower << 65n);
}

/** Parses `source` or throws an Error that says where it left the permitted part. */
export function parsePattern(source: string): Node {
  let at = 0;

  const peek = (text: string): boolean => source.startsWith(text, at);
  const take = (text: string): boolean => {
    if (!peek(text)) return false;
    at += text.length;
    return true;
  };
  const fail = (why: string): never => {
    throw new Error(`at character ${at + 1}: ${why}`);
  };

  function choice(): Node {
    const branches = [sequence()];
    while (take('|')) branches.push(sequence());
    return branches.length === 1 && branches[0] !== undefined ? branches[0] : { kind: 'choice', branches };
  }

  function sequence(): Node {
    const parts: Node[] = [];
    while (at < source.length && !peek('|') && !peek(')')) parts.push(repeated());
    return { kind: 'sequence', parts };
  }

  function repeated(): Node {
    const start = at;
    const body = atom();
    const [min, max] = quantifier();
    if (min === 1 && max === 1) return body;
    if (peek('?') || peek('+') || peek('*')) fail('lazy, possessive and doubled quantifiers are not allowed');
    return { kind: 'repeat', body, min, max, text: source.slice(start, at) };
  }

  function quantifier(): readonly [number, number] {
    if (take('?')) return [0, 1];
    if (take('*')) return [0, Infinity];
    if (take('+')) return [1, Infinity];
    const counts = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(source.slice(at, at + 12));
    if (counts === null) return [1, 1];
    at += counts[0].length;
    const min = Number(counts[1]);
    const max = counts[2] === undefined ? min : counts[3] === '' ? Infinity : Number(counts[3]);
    if (min > 64 || (max !== Infinity && (max > 64 || max < min))) fail('a count must be from 0 to 64');
    return [min, max];
  }

  function atom(): Node {
    const start = at;
    if (take('(')) return group();
    if (take('[')) return chars(bracket(), start);
    if (take('\\')) return chars(escaped(), start);
    if (take('.')) return chars(ALL & ~LINE_ENDS, start);
    const char = source[at] ?? '';
    if ('*+?{}]^$'.includes(char)) fail(`write \\${char} for the character; anchors are implied`);
    at += 1;
    return chars(bit(char.charCodeAt(0)), start);
  }

  function chars(set: Chars, start: number): Node {
    return { kind: 'chars', set: fold(set), text: source.slice(start, at) };
  }

  function group(): Node {
    if (!take('?:') && !groupName()) fail('only (?:…) and (?<name>…) groups are allowed');
    const body = choice();
    if (!take(')')) fail('a group is not closed');
    return body;
  }

  function groupName(): boolean {
    const name = /^\?<[a-z_]+>/.exec(source.slice(at, at + 40));
    if (name === null) return false;
    at += name[0].length;
    return true;
  }

  function escaped(): Chars {
    const char = source[at] ?? fail('a backslash at the end');
    at += 1;
    const set = CLASSES[char];
    if (set !== undefined) return set;
    const control = CONTROLS[char];
    if (control !== undefined) return bit(control);
    if (/[A-Za-z0-9]/.test(char)) fail(`\\${char} is not allowed`);
    return bit(char.charCodeAt(0));
  }

  function bracket(): Chars {
    const negated = take('^');
    let set = 0n;
    while (!peek(']')) {
      if (at >= source.length) fail('a [ is not closed');
      const from = member();
      if (peek('-') && source[at + 1] !== ']' && from.code !== undefined) {
        at += 1;
        const to = member();
        if (to.code === undefined || to.code < from.code) fail('a range runs backwards');
        else set |= range(from.code, to.code);
      } else {
        set |= from.set;
      }
    }
    at += 1;
    // Folded before it is turned round: [^a] with case ignored means neither a nor A.
    return negated ? ALL & ~(fold(set) & ~BEYOND_ASCII) : set;
  }

  function member(): { readonly set: Chars; readonly code: number | undefined } {
    if (take('\\')) {
      const escape = source[at] ?? '';
      const set = escaped();
      return { set, code: CLASSES[escape] === undefined ? (CONTROLS[escape] ?? escape.charCodeAt(0)) : undefined };
    }
    const code = source.charCodeAt(at);
    at += 1;
    return { set: bit(code), code };
  }

  const tree = choice();
  if (at < source.length) fail('a ) too many');
  return tree;
}
