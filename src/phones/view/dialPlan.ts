import { patternOf, without, type DialPattern, type DialRule } from '../../domain/dialRules.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { FamilyData } from '../family/schema.ts';
import type { DialView } from '../template/viewTypes.ts';
import { markEnds, slotView } from './slots.ts';

type Spelling = NonNullable<FamilyData['spelling']['dial']>;

const DIGITS = '0123456789';

/** Rules as the family spells them. Emergency numbers are dialled at once too, as soon as there are rules. */
export function dialView(
  spelling: Spelling | undefined,
  tenants: readonly Tenant[],
  rules: readonly DialRule[],
): DialView {
  if (spelling === undefined) return { has_rules: rules.length > 0, plan: null, rules: [] };
  const wanted = rules.length === 0 ? [] : [...tenants.flatMap(({ emergencyNumbers }) => emergencyNumbers), ...rules];
  const spelled = wanted
    .flatMap((rule) => without(patternOf(rule), tenants.flatMap(beginnings)))
    .flatMap((pattern) => spell(spelling, pattern) ?? []);
  const all = [...new Set(spelled)];
  return {
    has_rules: rules.length > 0,
    plan: `${spelling.before}${[...all, ...spelling.any].join(spelling.between)}${spelling.after}`,
    rules: markEnds(all.map((each, at) => ({ ...slotView(at + 1, []), spelling: each }))),
  };
}

/**
 * What one has dialled on the way to a number that must get through: emergency numbers, and the extensions that phones are
 * set up and given back with, which go on after their own end (`*55<extension>*<PIN>`).
 */
function beginnings({ emergencyNumbers, extension, releaseExtension }: Tenant): readonly string[] {
  const beginningsOf = (number: string): readonly string[] =>
    Array.from({ length: Math.max(0, number.length - 1) }, (_, at) => number.slice(0, at + 1));
  const services = [extension, releaseExtension];
  return [...new Set([...emergencyNumbers.flatMap(beginningsOf), ...services.flatMap(beginningsOf), ...services])];
}

/** `undefined` for a rule that the family has no word for. */
function spell(spelling: Spelling, { places, isOpen }: DialPattern): string | undefined {
  const end = isOpen ? spelling.more : spelling.end;
  if (end === undefined) return undefined;
  const [before, after] = spelling.rule;
  return `${before}${places.map((place) => spellPlace(spelling, place)).join('')}${end}${after}`;
}

function spellPlace(spelling: Spelling, place: string): string {
  if (place.length === 1) return (spelling.keys as Readonly<Record<string, string>>)[place] ?? place;
  if (place === DIGITS && spelling.digit !== undefined) return spelling.digit;
  return `[${runsOf(place).join(spelling.set_separator)}]`;
}

/** `0234` as `0` and `2-4`. */
function runsOf(place: string): readonly string[] {
  const runs = [...place].reduce<readonly string[]>((found, digit) => {
    const last = found.at(-1);
    const follows = last !== undefined && Number(last.at(-1)) + 1 === Number(digit);
    return follows ? [...found.slice(0, -1), last + digit] : [...found, digit];
  }, []);
  return runs
    .map((run) => (run.length > 2 ? `${run.at(0) ?? ''}-${run.at(-1) ?? ''}` : run))
    .flatMap((run) => (run.includes('-') ? [run] : [...run]));
}
