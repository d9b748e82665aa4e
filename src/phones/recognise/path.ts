import { parseMac } from '../../domain/mac.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Family, FileAsked, PathRule } from '../family/family.ts';
import type { Identity } from '../family/rule.ts';
import type { FamilyRule, Findable } from '../family/findRules.ts';

/** How many segments from the end of a path tell which file is meant. */
export const DEEPEST_PATH = 3;

/** A path as asked, taken apart. */
export interface PathAsked {
  readonly segments: readonly string[];
  readonly macInQuery: Mac | undefined;
  /** Standing free in the file name. */
  readonly macInName: Mac | undefined;
}

/** A file name that a family knows. */
export interface PathMatch {
  readonly family: Family;
  readonly file: FileAsked;
  readonly identity: Identity;
  readonly shared: boolean;
}

/** Takes a path apart, with or without a query. */
export function readPath(path: string | null): PathAsked {
  const [name = '', query = ''] = (path ?? '').split('?', 2);
  const segments = decode(name)
    .split('/')
    .filter((segment) => segment !== '');
  return { segments, macInQuery: macInQuery(query), macInName: macInName(segments.at(-1) ?? '') };
}

/** Undecodable text is taken as it is: it matches nothing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function macInQuery(query: string): Mac | undefined {
  if (query === '') return undefined;
  const spelled = new URLSearchParams(query).get('mac');
  return spelled === null ? undefined : parseMac(spelled);
}

function macInName(name: string): Mac | undefined {
  const digits = /(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/i.exec(name);
  return digits === null ? undefined : parseMac(digits[0]);
}

/**
 * Everything the end of the path can mean, whatever comes before, those that cover most of it first; a placeholder in the place of
 * the MAC is not meant.
 */
export function matchPaths(
  paths: readonly Findable<FamilyRule & PathRule>[],
  segments: readonly string[],
): readonly PathMatch[] {
  const matches: PathMatch[] = [];
  for (let depth = Math.min(segments.length, DEEPEST_PATH); depth > 0; depth--) {
    const tail = segments.slice(-depth).join('/');
    for (const { family, file, read, shared } of paths[depth - 1]?.(tail) ?? []) {
      const identity = read(tail);
      if (identity !== undefined && identity.placeholder !== true) matches.push({ family, file, identity, shared });
    }
  }
  return matches;
}

/**
 * The one that is meant. Once the family is told, only its names count. Otherwise a name that no other maker uses, best
 * one whose code for the model is known; then, for a shared name, the owner of the MAC's prefix or a family of the same
 * maker.
 */
export function choosePath(
  matches: readonly PathMatch[],
  told: Family | undefined,
  owner: Family | undefined,
): PathMatch | undefined {
  const known = (match: PathMatch): boolean =>
    match.identity.code !== undefined && match.family.models.byCode(match.identity.code) !== undefined;
  if (told !== undefined) {
    const own = matches.filter((match) => match.family === told);
    return own.find(known) ?? own[0];
  }
  const alone = matches.filter((match) => !match.shared);
  return (
    alone.find(known) ??
    alone.find((match) => match.identity.code === undefined) ??
    alone[0] ??
    matches.find((match) => match.family === owner) ??
    matches.find((match) => match.family.data.vendor === owner?.data.vendor)
  );
}
