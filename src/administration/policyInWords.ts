import { guessing, type Guessing } from '../domain/guessing.ts';
import { FIRST_LOCK_MS, LONGEST_LOCK_MS, WRONG_IN_A_ROW } from '../domain/lockout.ts';
import { PIN_LENGTH } from '../domain/pin.ts';
import type { Site } from '../domain/site.ts';
import { policyOf, type Tenant } from '../domain/tenant.ts';
import type { Core } from './core.ts';
import { POLICY_WORDS, type PolicyLanguage, type Said } from './policyWords.ts';
import { showTenant } from './tenants.ts';

/** One thing that a tenant's policy says. */
export interface PolicySentence {
  /** The setting that it comes from, or `lockout`, `guessing`, `assumptions`. */
  readonly about: string;
  readonly text: string;
  /** Somebody should think about it. */
  readonly isWarning: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;
const YEAR_MS = 365 * DAY_MS;

/** What the settings of a tenant's policy mean, and how likely a PIN is guessed. Rejects with `not_found`. */
export async function policyInWords(
  core: Pick<Core, 'store'>,
  tenantId: string,
  language: PolicyLanguage,
): Promise<{ readonly sentences: readonly PolicySentence[]; readonly guessing: PolicyGuessing }> {
  const tenant = await showTenant(core, tenantId);
  const users = (await core.store.users(tenantId)).length;
  const words = POLICY_WORDS[language];
  const chances = {
    day: guessing(PIN_LENGTH, DAY_MS, users),
    year: guessing(PIN_LENGTH, YEAR_MS, users),
    shortest: guessing(SHORTEST, YEAR_MS, users),
    users,
  };
  const sentence = ([about, said, isWarning = false]: Saying): PolicySentence => {
    const { [said]: text } = words;
    return { about, text: filled(text, valuesOf(tenant, chances, language)), isWarning };
  };
  return { sentences: sayingsOf(tenant, await core.store.site()).map(sentence), guessing: chances };
}

/** The fewest digits that somebody may choose. */
const SHORTEST = 4;

export interface PolicyGuessing {
  /** PINs that are made up here, within a day and within a year. */
  readonly day: Guessing;
  readonly year: Guessing;
  /** The shortest that may be chosen, within a year. */
  readonly shortest: Guessing;
  readonly users: number;
}

type Saying = readonly [about: string, said: Said, isWarning?: boolean];

/** What is off for all is off for each. */
function sayingsOf(tenant: Tenant, site: Site): readonly Saying[] {
  const policy = policyOf(tenant);
  const isOpen = policy.authentication === 'none';
  return [
    ['selfProvisioning', policy.selfProvisioning && site.selfProvisioning ? 'setUp' : 'noSetUp'],
    ['ivr', policy.ivr && site.ivr ? 'answered' : 'notAnswered'],
    ['authentication', `authentication_${policy.authentication}`, isOpen],
    ['administratorCode', tenant.administratorCodeHash === null ? 'noCode' : 'code'],
    ['identifyBy', `identifyBy_${policy.identifyBy}`],
    ['takeOver', `takeOver_${policy.takeOver}`],
    ['factoryReset', `factoryReset_${policy.factoryReset}`],
    ['enrolment', policy.enrolment && site.enrolment ? 'enrolment' : 'noEnrolment'],
    ['trustedAddresses', `addresses_${tenant.trustedAddresses}`, tenant.trustedAddresses === 'any'],
    ...policy.inventoryProof.map((proof): Saying => ['inventoryProof', `inventory_${proof}`]),
    ['defaultNumbers', policy.defaultNumbers === null ? 'noNumbers' : 'numbers'],
    ['hotDeskEnds', policy.hotDeskEnds === null ? 'borrowedForEver' : 'borrowedUntil'],
    tenant.emergencyNumbers.length === 0
      ? ['emergencyNumbers', 'noEmergency', true]
      : ['emergencyNumbers', 'emergency'],
    ['prompts', 'prompts'],
    ...(isOpen
      ? []
      : ([
          ['lockout', 'lockout'],
          ['guessing', 'guess'],
          ['guessing', 'guessShort'],
          ['assumptions', 'assumptions'],
        ] as const)),
  ];
}

function valuesOf(tenant: Tenant, chances: PolicyGuessing, language: PolicyLanguage): Readonly<Record<string, string>> {
  const { prompts, hotDeskEnds, defaultNumbers } = policyOf(tenant);
  const { day, year, shortest, users } = chances;
  const number = new Intl.NumberFormat(language);
  const oneIn = (chance: number): string => number.format(chance <= 0 ? 0 : rounded(1 / chance));
  return {
    setUpNumber: tenant.extension,
    giveBackNumber: tenant.releaseExtension,
    phoneNumber: tenant.numberExtension,
    emergency: tenant.emergencyNumbers.join(', '),
    prompts: prompts.join(', '),
    ends: hotDeskEnds ?? '',
    range: defaultNumbers === null ? '' : `${defaultNumbers.from}–${defaultNumbers.to}`,
    wrong: String(WRONG_IN_A_ROW),
    firstMinutes: String(FIRST_LOCK_MS / MINUTE_MS),
    longestHours: String(LONGEST_LOCK_MS / (60 * MINUTE_MS)),
    digits: String(day.digits),
    possible: number.format(day.possible),
    perDay: number.format(day.tries),
    perYear: number.format(year.tries),
    oneInDay: oneIn(day.chance),
    oneInYear: oneIn(year.chance),
    users: number.format(users),
    anyInYear: new Intl.NumberFormat(language, { style: 'percent', maximumSignificantDigits: 2 }).format(
      year.chanceOfAny,
    ),
    short: String(shortest.digits),
    shortInYear: oneIn(shortest.chance),
  };
}

/** Two figures: nobody plans with more. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
