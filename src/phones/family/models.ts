import type { Mac } from '../../domain/mac.ts';
import type { Families } from './family.ts';
import type { FamilyData, ModelData } from './schema.ts';
import { compilePattern, type CompilePattern } from '../pattern/pattern.ts';

export type Quirks = Readonly<Record<string, string | number | boolean | null>>;

/** Keys that stand together; banks are filled one after the other. */
export interface KeyBank {
  readonly name: string;
  /** On one page. */
  readonly keys: number;
  readonly pages: number;
  /** Nobody knows whether it is there: an expansion module. */
  readonly optional: boolean;
}

/** What is known of one model, the family's defaults filled in. */
export interface Model {
  readonly name: string | null;
  /** The first of its codes in file names. */
  readonly code: string | null;
  readonly lines: number;
  /** Of the phone itself. */
  readonly keys: number;
  readonly banks: readonly KeyBank[];
  /** Users that it is for at a time: each has a handset, or a port of an adapter. */
  readonly ports: number;
  readonly quirks: Quirks;
}

/** The models of one family. */
export interface Models {
  readonly names: readonly string[];
  /** One spelling for each model: `55i` is `6755i`. Unknown names stay as they are. */
  canonical(name: string): string;
  /** Whether there is an entry for it, by a name or by a pattern. */
  has(name: string): boolean;
  byCode(code: string): string | undefined;
  byMac(mac: Mac): string | undefined;
  /** Never fails: what is not in the table has the defaults. */
  get(name: string | null): Model;
}

/** Compiles a family's table of models; throws an Error with the reason when a pattern is refused. */
export function compileModels(data: FamilyData['models'], compile: CompilePattern = compilePattern): Models {
  const byName = new Map<string, ModelData>();
  const byCode = new Map<string, string>();
  const byPrefix = new Map<string, string>();
  for (const model of data.table) {
    for (const name of [model.name, ...model.aliases]) setOnce(byName, name.toLowerCase(), model);
    for (const code of model.codes) setOnce(byCode, code.toLowerCase(), model.name);
    for (const prefix of model.oui) setOnce(byPrefix, prefix, model.name);
  }
  const patterns = data.table.flatMap((model) =>
    model.match === undefined ? [] : [{ model, matches: compile(model.match) }],
  );

  function find(name: string): ModelData | undefined {
    return byName.get(name.toLowerCase()) ?? patterns.find((entry) => entry.matches(name) !== undefined)?.model;
  }

  return {
    names: data.table.map((model) => model.name),
    canonical: (name) => byName.get(name.toLowerCase())?.name ?? name,
    has: (name) => find(name) !== undefined,
    byCode: (code) => byCode.get(code.toLowerCase()),
    byMac: (mac) => longestPrefix(byPrefix, mac),
    get: (name) => {
      const model = name === null ? undefined : find(name);
      return {
        name,
        code: model?.codes[0] ?? null,
        lines: model?.lines ?? data.defaults.lines,
        ports: model?.ports ?? data.defaults.ports,
        ...keysOf(data, model),
        quirks: { ...data.defaults.quirks, ...model?.quirks },
      };
    },
  };
}

/** The ports of such a phone; one where nobody knows. */
export function portsIn(
  { byId }: Pick<Families, 'byId'>,
  { family, model }: { readonly family: string; readonly model: string | null },
): number {
  return byId.get(family)?.models.get(model).ports ?? 1;
}

/** How many lines such a phone can have, each for a user: accounts of a phone, ports of an adapter; one where nobody knows. */
export function linesIn(
  { byId }: Pick<Families, 'byId'>,
  { family, model }: { readonly family: string; readonly model: string | null },
): number {
  const { lines, ports } = byId.get(family)?.models.get(model) ?? { lines: 1, ports: 1 };
  return Math.max(lines, ports);
}

/** A model with a number of keys and no banks has them all in one of the family's first name. */
function keysOf({ defaults }: FamilyData['models'], model: ModelData | undefined): Pick<Model, 'keys' | 'banks'> {
  const plain = {
    name: defaults.banks[0]?.name ?? 'phone',
    keys: model?.keys ?? defaults.keys,
    pages: 1,
    optional: false,
  };
  const own = model?.banks ?? (model?.keys === undefined && defaults.banks.length > 0 ? defaults.banks : [plain]);
  const fixed = own.filter(({ optional }) => !optional);
  return { keys: fixed.reduce((sum, { keys, pages }) => sum + keys * pages, 0), banks: own };
}

/** The value of the longest of the prefixes that `mac` begins with; they have 6 to 11 digits. */
export function longestPrefix<T>(prefixes: ReadonlyMap<string, T>, mac: Mac): T | undefined {
  for (let length = 11; length >= 6; length--) {
    const value = prefixes.get(mac.slice(0, length));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The first entry wins, as everywhere in family data. */
function setOnce<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value);
}
