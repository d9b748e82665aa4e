import type { View } from './viewTypes.ts';

/** A token of Mustache's parser: type, name or text, start, end, and for sections the tokens inside. */
export type Token = readonly [type: string, value: string, start: number, end: number, inside?: readonly Token[]];

export type Role = 'boot' | 'common' | 'device';

export interface TemplateProblem {
  readonly name: string;
  readonly line: number;
  readonly reason: string;
}

interface Check {
  readonly name: string;
  readonly role: Role;
  /** A view in which every list has an entry. */
  readonly shape: View;
  readonly texts: ReadonlyMap<string, string>;
  readonly parsed: ReadonlyMap<string, readonly Token[]>;
}

/** One level of what Mustache searches for a name, innermost first. */
interface Frame {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** What only files that need a proof may hold. */
const SECRETS = [
  'lines',
  'unplaced_lines',
  'profiles',
  'keys',
  'line_keys',
  'feature_keys',
  'key_banks',
  'unplaced_keys',
  'provisioning.url',
  'provisioning.address',
  'provisioning.path',
  'provisioning.folder',
  'settings.web_password',
  'settings.web_password_digits',
];

/** Holds a template, and all that it includes, against the shape of the view. */
export function checkTokens(check: Check): readonly TemplateProblem[] {
  const problems: TemplateProblem[] = [];

  function walk(name: string, tokens: readonly Token[], frames: readonly Frame[], within: readonly string[]): void {
    const refuse = (token: Token, reason: string): void => {
      problems.push({ name, line: lineAt(check.texts.get(name) ?? '', token[2]), reason });
    };
    for (const token of tokens) {
      const [type, value] = token;
      if (type === 'text' || type === '!') continue;
      if (type === '>') include(value, token, refuse, frames, within);
      else if (type === 'name') use(value, token, refuse, frames);
      else if (type === '#' || type === '^') section(name, token, refuse, frames, within);
      else
        refuse(token, type === '&' ? `{{{${value}}}} is not escaped: write {{${value}}}` : `{{${type} is not allowed`);
    }
  }

  type Refuse = (token: Token, reason: string) => void;

  function include(
    partial: string,
    token: Token,
    refuse: Refuse,
    frames: readonly Frame[],
    within: readonly string[],
  ): void {
    const file = `${partial}.mustache`;
    const tokens = check.parsed.get(file);
    if (tokens === undefined) refuse(token, `there is no ${file} to include`);
    else if (within.includes(file)) refuse(token, `${file} includes itself`);
    else walk(file, tokens, frames, [...within, file]);
  }

  function use(name: string, token: Token, refuse: Refuse, frames: readonly Frame[]): void {
    const found = find(name, token, refuse, frames);
    if (found !== undefined && typeof found.value === 'object' && found.value !== null) {
      refuse(token, `${name} is not a single value`);
    }
  }

  function section(
    file: string,
    token: Token,
    refuse: Refuse,
    frames: readonly Frame[],
    within: readonly string[],
  ): void {
    const found = find(token[1], token, refuse, frames);
    const entry =
      found !== undefined && Array.isArray(found.value)
        ? { path: found.path, value: found.value[0] as unknown }
        : found;
    const inner =
      token[0] === '#' && typeof entry?.value === 'object' && entry.value !== null ? [entry, ...frames] : frames;
    walk(file, token[4] ?? [], inner, within);
  }

  function find(name: string, token: Token, refuse: Refuse, frames: readonly Frame[]): Frame | undefined {
    const found = lookUp(name, frames);
    if (found === undefined) refuse(token, `${name} is not in the view`);
    else if (check.role !== 'device' && isSecret(found.path))
      refuse(token, `a ${check.role} file must not hold ${name}`);
    return found;
  }

  walk(check.name, check.parsed.get(check.name) ?? [], [{ path: [], value: check.shape }], [check.name]);
  return problems;
}

/** As Mustache does it: the innermost frame that has the whole path. */
function lookUp(name: string, frames: readonly Frame[]): Frame | undefined {
  const steps = name.split('.');
  for (const frame of frames) {
    let value: unknown = frame.value;
    const known = steps.every((step) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !(step in value)) return false;
      value = (value as Readonly<Record<string, unknown>>)[step];
      return true;
    });
    if (known) return { path: [...frame.path, ...steps], value };
  }
  return undefined;
}

function isSecret(path: readonly string[]): boolean {
  const name = path.join('.');
  return SECRETS.some((secret) => name === secret || name.startsWith(`${secret}.`));
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
