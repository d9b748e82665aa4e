import { parseMac } from '../../domain/mac.ts';
import type { Mac } from '../../domain/mac.ts';
import type { RuleData } from './schema.ts';
import { compilePattern, type CompilePattern, type Glancing } from '../pattern/pattern.ts';

/** What one text says of the phone that sent it; a key is absent when the text does not say it. */
export interface Identity {
  readonly vendor?: string;
  readonly model?: string;
  readonly version?: string;
  readonly mac?: Mac;
  /** Whether there was a place for a MAC that held no device's MAC: a placeholder. */
  readonly placeholder?: boolean;
  readonly serial?: string;
  /** What stands for the model in file names. */
  readonly code?: string;
  /** The part of the text in which a MAC may stand anywhere. */
  readonly rest?: string;
}

/** Reads one text; `undefined` when it is not this rule's. */
export type Rule = Glancing<Identity>;

const compiled = new Map<string, Rule>();

/** Compiles one entry of family data; throws an Error with the reasons when its pattern is refused. */
export function compileRule(
  { pattern, set, replace, upper }: RuleData,
  compilePatternOf: CompilePattern = compilePattern,
): Rule {
  const key = JSON.stringify([pattern, set, replace, upper]);
  const rule = compiled.get(key) ?? rememberingLast(ruleOf({ pattern, set, replace, upper }, compilePatternOf));
  compiled.set(key, rule);
  return rule;
}

/** Many families have the same rule, and all are asked about the same text, one after the other. */
function rememberingLast(rule: Rule): Rule {
  let last: { readonly text: string; readonly identity: Identity | undefined } | undefined;
  const read = (text: string): Identity | undefined => {
    if (last?.text !== text) last = { text, identity: rule(text) };
    return last.identity;
  };
  return Object.assign(read, { mayMatch: rule.mayMatch });
}

function ruleOf(data: Pick<RuleData, 'pattern' | 'set' | 'replace' | 'upper'>, compile: CompilePattern): Rule {
  const pattern = compile(data.pattern);
  const fixed: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(data.set ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const replacements = Object.entries(data.replace ?? {});
  const read = (text: string): Identity | undefined => {
    const groups = pattern(text);
    if (groups === undefined) return undefined;
    const found: Record<string, string> = { ...readable(groups), ...fixed };
    for (const [name, changes] of replacements) {
      for (const [from, to] of Object.entries(changes ?? {})) {
        if (found[name] !== undefined) found[name] = found[name].replaceAll(from, to);
      }
    }
    for (const name of data.upper ?? []) {
      if (found[name] !== undefined) found[name] = found[name].toUpperCase();
    }
    return identity(found);
  };
  return Object.assign(read, { mayMatch: pattern.mayMatch });
}

/** Without control characters: an administrator's terminal would obey them. */
function readable(groups: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, text] of Object.entries(groups))
    if (text !== undefined) found[name] = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return found;
}

function identity(found: Record<string, string>): Identity {
  const { mac: spelled, vendor, ...others } = found;
  const mac = spelled === undefined ? undefined : parseMac(spelled);
  return {
    ...others,
    ...(vendor === undefined ? {} : { vendor: vendor.toLowerCase() }),
    ...(mac === undefined ? {} : { mac }),
    ...(spelled !== undefined && mac === undefined ? { placeholder: true } : {}),
  };
}
