import { glance } from './bounds.ts';
import { costProblems } from './cost.ts';
import { parsePattern } from './syntax.ts';

/** Named groups of a match: only those that took part in it. */
export type Groups = Readonly<Record<string, string>>;

/** A pattern of family data, compiled: the groups of a match of the whole text, or `undefined`. Linear time. */
export type Pattern = Glancing<Groups>;

/** Reads a text; `undefined` when it is of another kind. */
export interface Glancing<T> {
  (text: string): T | undefined;
  /** False for what it cannot read, by nothing but the length, the first and the last character. */
  readonly mayMatch: (text: string) => boolean;
}

/** The groups that mean something to the engine; a pattern with any other name is refused. */
const GROUP_NAMES = ['vendor', 'model', 'version', 'mac', 'serial', 'code', 'rest'] as const;

/** Written `{mac}` in a pattern: twelve hexadecimal digits, bare or with one of the separators that phones use. */
const MACROS: Readonly<Record<string, string>> = {
  mac: '(?<mac>[0-9a-f]{2}(?:[:_\\-]?[0-9a-f]{2}){5})',
  MAC: '(?<mac>[0-9a-f]{2}(?:[:_\\-]?[0-9a-f]{2}){5})',
  version: '(?<version>[0-9a-z][0-9a-z._\\-]*)',
};

/** Makes a pattern of its text. */
export type CompilePattern = (source: string) => Pattern;

/** Compiles a pattern of family data, or throws an Error with every reason why it is refused. Case is ignored. */
export function compilePattern(source: string): Pattern {
  const expanded = expand(source);
  const problems = [...costProblems(parsePattern(expanded)), ...nameProblems(expanded)];
  if (problems.length > 0) throw new Error(problems.join('; '));
  return compileAccepted(source);
}

/** The same for one that `compilePattern` has accepted before. */
export function compileAccepted(source: string): Pattern {
  const expanded = expand(source);
  const expression = new RegExp(`^(?:${expanded})$`, 'i');
  // Taken apart when it is asked for the first time: most commands ask none.
  let glanced: ((text: string) => boolean) | undefined;
  const mayMatch = (text: string): boolean => (glanced ??= glance(parsePattern(expanded)))(text);
  const read = (text: string): Groups | undefined => {
    if (!mayMatch(text)) return undefined;
    const match = expression.exec(text);
    return match === null ? undefined : { ...match.groups };
  };
  return Object.assign(read, { mayMatch });
}

function expand(source: string): string {
  return source.replace(/\{([a-z]+)\}/gi, (whole, name: string) => MACROS[name] ?? whole);
}

function nameProblems(expanded: string): readonly string[] {
  const names = [...expanded.matchAll(/\(\?<([a-z_]+)>/g)].map((match) => match[1] ?? '');
  const unknown = names.filter((name) => !GROUP_NAMES.some((known) => known === name));
  const doubled = names.filter((name, at) => names.indexOf(name) !== at);
  return [
    ...unknown.map((name) => `the group <${name}> means nothing here: use ${GROUP_NAMES.join(', ')}`),
    ...doubled.map((name) => `the group <${name}> occurs twice`),
  ];
}
