import type { Chars, Node } from './syntax.ts';

/** How many different ways of matching one text may be tried before a pattern is refused. */
const MOST_WAYS = 32;
/** Stands for the end of the text, beside the 129 bits of a character set. */
const END: Chars = 1n << 129n;

/** What comes after a part of the pattern. */
interface Follow {
  /** The characters it can begin with. */
  readonly start: Chars;
  /** Whether all of it, to the end of the text, is of limited length. */
  readonly limited: boolean;
}

interface Start {
  readonly set: Chars;
  readonly nullable: boolean;
}

/**
 * Why `pattern` could take more than linear time in a backtracking engine; empty when it cannot.
 *
 * A repetition without an upper limit must be decided by one character: what it repeats must not be able to start what
 * follows it. Then giving characters back fails at once, and one attempt costs time proportional to the text. It need
 * not be decided where all that follows is of limited length, as in `.*[.]rom`: then each character that is given back
 * costs a limited time. Optional parts and alternatives may be undecided by one character; each multiplies the number of
 * attempts, and that product is limited.
 */
export function costProblems(pattern: Node): readonly string[] {
  const problems: string[] = [];
  const ways = countWays(pattern, { start: END, limited: true }, problems);
  if (problems.length === 0 && ways > MOST_WAYS) {
    problems.push(`has ${ways} ways to match one text, at most ${MOST_WAYS} are allowed: fewer optional parts`);
  }
  return problems;
}

/** The characters that can begin a match of `node`, and whether it can match nothing. */
function start(node: Node): Start {
  switch (node.kind) {
    case 'chars':
      return { set: node.set, nullable: false };
    case 'sequence': {
      let set = 0n;
      for (const part of node.parts) {
        const first = start(part);
        set |= first.set;
        if (!first.nullable) return { set, nullable: false };
      }
      return { set, nullable: true };
    }
    case 'choice': {
      const firsts = node.branches.map(start);
      return {
        set: firsts.reduce((set, first) => set | first.set, 0n),
        nullable: firsts.some((first) => first.nullable),
      };
    }
    case 'repeat': {
      const first = start(node.body);
      return { set: first.set, nullable: first.nullable || node.min === 0 };
    }
  }
}

function isLimited(node: Node): boolean {
  switch (node.kind) {
    case 'chars':
      return true;
    case 'sequence':
      return node.parts.every(isLimited);
    case 'choice':
      return node.branches.every(isLimited);
    case 'repeat':
      return node.max !== Infinity && isLimited(node.body);
  }
}

function countWays(node: Node, follow: Follow, problems: string[]): number {
  switch (node.kind) {
    case 'chars':
      return 1;
    case 'sequence': {
      let ways = 1;
      let after = follow;
      for (const part of node.parts.toReversed()) {
        ways *= countWays(part, after, problems);
        const first = start(part);
        after = {
          start: first.nullable ? first.set | after.start : first.set,
          limited: after.limited && isLimited(part),
        };
      }
      return ways;
    }
    case 'choice':
      return countChoice(node.branches, follow, problems);
    case 'repeat':
      return countRepeat(node, follow, problems);
  }
}

function countChoice(branches: readonly Node[], follow: Follow, problems: string[]): number {
  const ways = branches.map((branch) => countWays(branch, follow, problems));
  let seen = 0n;
  let decided = true;
  for (const branch of branches) {
    const first = start(branch);
    const set = first.nullable ? first.set | follow.start : first.set;
    if ((seen & set) !== 0n) decided = false;
    seen |= set;
  }
  return decided ? Math.max(...ways) : ways.reduce((sum, count) => sum + count, 0);
}

function countRepeat(node: Extract<Node, { kind: 'repeat' }>, follow: Follow, problems: string[]): number {
  const first = start(node.body);
  const decided = (first.set & follow.start) === 0n && !first.nullable;
  if (node.max === 1) return (decided ? 1 : 2) * countWays(node.body, follow, problems);

  const again = { start: first.set | follow.start, limited: follow.limited && isLimited(node) };
  const ways = countWays(node.body, again, problems);
  if (node.max !== Infinity) return (decided || node.min === node.max ? 1 : node.max - node.min + 1) * ways ** node.max;
  if (!decided && !(follow.limited && node.body.kind === 'chars')) {
    problems.push(
      `${node.text} can also match what comes after it: say which character ends it, as in [^ ]+ before a space`,
    );
  } else if (ways > 1) {
    problems.push(`${node.text} repeats something that can match in more than one way`);
  }
  return 1;
}
