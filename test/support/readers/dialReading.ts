import type { Settings } from '../../../src/virtualPhone/readers/reading.ts';

/** What a phone does with a number that is dialled key by key. */
export interface DialReading {
  /** It sends the number without waiting for another key. */
  atOnce(number: string): boolean;
  /** It sends the number after a pause, or when it is told to. */
  atAll(number: string): boolean;
}

interface Dialect {
  /** The rules as they stand in the file; `undefined` when it says nothing. */
  readonly rules: (settings: Settings) => readonly string[] | undefined;
  /** What a plus stands for: one or more of what is before it, or none too. */
  readonly plus?: '+' | '*';
  /** A number that fits no rule is not sent. */
  readonly blocks?: true;
}

const split =
  (name: string, around: RegExp, between: string) =>
  (settings: Settings): readonly string[] | undefined =>
    settings.get(name)?.replace(around, '').split(between);

const braces = /^\{ ?| ?\}$/g;
const grandstream: Dialect = { rules: split('P290', braces, ' | '), plus: '+', blocks: true };
const htek: Dialect = { rules: split('P4200', braces, '|'), plus: '+', blocks: true };
const cisco: Dialect = { rules: split('Dial_Plan_1_', /^\(|\)$/g, '|'), blocks: true };
const snom: Dialect = { rules: split('user_dp_str/1', /^$/, ' ') };

const dialects: Readonly<Record<string, Dialect>> = {
  'avaya-j100': { rules: split('DIALPLAN', /^$/, '|') },
  'digium-d': { rules: (settings) => accountOf(settings).dial_plan?.split('|'), blocks: true },
  'gigaset-p': snom,
  grandstream,
  'grandstream-grp': { ...grandstream, rules: split('account.1.call.dialplan', braces, ' | ') },
  htek,
  mitel: { rules: split('sip dial plan', /^$/, '|'), plus: '*', blocks: true },
  mpp: cisco,
  panasonic: { rules: split('DIAL_PLAN_1', /^$/, '|') },
  // What cannot become a number of a rule any more is sent as it is by then.
  poly: { rules: split('dialplan.digitmap', /^$/, '|'), blocks: true },
  'sangoma-s': htek,
  snom,
  spa: cisco,
  yealink: {
    rules: (settings) =>
      [...settings].flatMap(([name, value]) => (/^dialplan\.dialnow\.rule\.\d+$/.test(name) ? [value] : [])),
  },
};

function accountOf(settings: Settings): { readonly dial_plan?: string } {
  return JSON.parse(settings.get('account/0') ?? '{}') as { readonly dial_plan?: string };
}

/** `undefined` for a family whose files say nothing of it. */
export function readDialPlan(family: string, settings: Settings): DialReading | undefined {
  const dialect = dialects[family];
  if (dialect === undefined) return undefined;
  const rules = (dialect.rules(settings) ?? []).filter((rule) => rule !== '').map((rule) => ruleOf(rule, dialect));
  return {
    atOnce: (number) => rules.some(({ waits, pattern }) => !waits && pattern.test(number)),
    atAll: (number) => dialect.blocks === undefined || rules.some(({ pattern }) => pattern.test(number)),
  };
}

function ruleOf(rule: string, { plus = '+' }: Dialect): { readonly pattern: RegExp; readonly waits: boolean } {
  const expression = /^\|\^\((.*)\)\$\|sip:\\1@\\d\|d$/.exec(rule)?.[1];
  if (expression !== undefined) return { pattern: new RegExp(`^(?:${expression})$`), waits: false };
  const timer = /(?:T\d?|S[1-9]|#)$/;
  const body = rule.replace(timer, '').replace(/S0$/, '');
  const parts = body.match(/\\.|\[[^\]]*\]|[^]/g) ?? [];
  const pattern = parts.map((part, at) => {
    if (part === '.' && at > 0) return '*';
    if (part === '+' && at > 0) return plus;
    if (part.startsWith('[')) return part.replaceAll(',', '').replace('x', '0-9');
    if (part.startsWith('\\')) return part;
    return part.toLowerCase() === 'x' ? '[0-9]' : part.replace(/[*+.]/, '\\$&');
  });
  return {
    pattern: new RegExp(`^${pattern.join('')}$`),
    waits: timer.test(rule) || /[.+]/.test(body.replaceAll('\\+', '')),
  };
}
