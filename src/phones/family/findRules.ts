import type { Families, Family, PathRule } from './family.ts';
import type { Rule } from './rule.ts';
import { lookOf } from '../pattern/bounds.ts';

/** A rule of a family. */
export interface FamilyRule {
  readonly family: Family;
  readonly read: Rule;
}

/** Those of many rules that a text may be read by, in their order. */
export type Findable<T extends FamilyRule> = (text: string) => readonly T[];

/** All rules of all families, each found among its kind. */
export interface FamilyRules {
  readonly userAgents: Findable<FamilyRule>;
  readonly sipUserAgents: Findable<FamilyRule>;
  readonly vendorClasses: Findable<FamilyRule>;
  readonly certificates: Findable<FamilyRule>;
  /** By how many path segments they cover, from one. */
  readonly paths: readonly Findable<FamilyRule & PathRule>[];
}

/** Texts that look alike at a glance are as many as their lengths, first and last characters. */
const MOST_LOOKS = 4096;

const known = new WeakMap<Families, FamilyRules>();

export function rulesOf(families: Families): FamilyRules {
  const before = known.get(families);
  if (before !== undefined) return before;
  const of = (rulesOfOne: (family: Family) => readonly Rule[]): Findable<FamilyRule> =>
    findable(families.all.flatMap((family) => rulesOfOne(family).map((read) => ({ family, read }))));
  const paths = families.all.flatMap((family) => family.paths.map((path) => ({ ...path, family })));
  const deepest = Math.max(0, ...paths.map(({ depth }) => depth));
  const rules = {
    userAgents: of(({ userAgents }) => userAgents),
    sipUserAgents: of(({ sipUserAgents }) => sipUserAgents),
    vendorClasses: of(({ vendorClasses }) => vendorClasses),
    certificates: of(({ certificates }) => certificates),
    paths: Array.from({ length: deepest }, (_, at) => findable(paths.filter(({ depth }) => depth === at + 1))),
  };
  known.set(families, rules);
  return rules;
}

/** Looks at each rule once for all texts that `mayMatch` cannot tell apart. */
function findable<T extends FamilyRule>(rules: readonly T[]): Findable<T> {
  const byLook = new Map<number, readonly T[]>();
  return (text) => {
    const look = lookOf(text);
    const before = byLook.get(look);
    if (before !== undefined) return before;
    if (byLook.size >= MOST_LOOKS) byLook.clear();
    const found = rules.filter(({ read }) => read.mayMatch(text));
    byLook.set(look, found);
    return found;
  };
}
