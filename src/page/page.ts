import type { Right, Visitor } from '../domain/access.ts';
import type { AnswerOf, OperationId } from '../api/operations.ts';
import { word } from './render.ts';

export type Texts = Readonly<Record<string, string>>;

/** Asks an operation of the API by its name, as whoever looks; gives its answer. Rejects as it does. */
export type Ask = <Id extends OperationId>(
  id: Id,
  asked?: { readonly at?: object; readonly query?: object; readonly body?: object },
) => Promise<AnswerOf<Id>>;

/** A button that carries out an operation. */
export interface Act {
  readonly operation: OperationId;
  readonly label: string;
  readonly hidden: readonly Field[];
  /** What is asked before. */
  readonly sure: string | null;
  readonly isGrave: boolean;
}
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** Somebody who looks at a page. */
export interface Looking {
  readonly ask: Ask;
  readonly visitor: Visitor;
  readonly language: string;
  /** The tenant that is looked at. */
  readonly tenant: string;
  readonly at: Texts;
  readonly query: Texts;
  /** Path and query of what is looked at. */
  readonly here: string;
  readonly openUrl: string;
  /** The fields that were sent to this page; `null` where it is only looked at. */
  readonly form: Texts | null;
  /** Why what they asked for was not done. */
  readonly refused: Refusal | null;
  /** What they say, as the body that an operation takes. */
  bodyFor(id: OperationId): object;
  /** What a failure says to who looks; throws one that is no refusal. */
  refusalOf(error: unknown): Refusal;
}

/** What is wrong, and where in what was sent: `body.name`. */
export interface Refusal {
  readonly detail: string;
  readonly mistakes: readonly { readonly at: string; readonly detail: string }[];
}

/** One page: where it is, and what its view shows. */
export interface Page {
  readonly path: string;
  readonly view: string;
  /** The word, of those of `nav`, that leads to it from every page, for who has this right; `isMore`: from the page of those that are looked at less often. */
  readonly nav?: { readonly word: string; readonly right: Right; readonly isMore?: true };
  /**
   * Of a page that forms are sent to: what they say as fields of operations (`at.…`, `body.…`, `back`). The operation that `do` names is
   * carried out with them; if that is refused, or nothing is named, the page is shown again with what was typed.
   */
  fields?(form: Texts, at: Texts): Texts;
  load(looking: Looking): Promise<{ readonly title: string } & Readonly<Record<string, unknown>>>;
}

/** Of a table, and of the parts of the overview. */
export const ROWS = 50;
export const FEW = 10;

export const deviceAt = (tenant: string, mac: string): string => `/t/${tenant}/devices/${mac}`;
export const userAt = (tenant: string, extension: string): string =>
  `/t/${tenant}/users/${encodeURIComponent(extension)}`;
export const syncAt = (tenant: string, id: number): string => `/t/${tenant}/syncs/${id}`;

/** Of these pages, those that lead somewhere for somebody: above tenants for who has all of them. */
export function navigable(pages: readonly Page[], { rights, tenantId }: Visitor) {
  return pages.flatMap(({ nav, path }) => {
    const isAbove = !path.includes(':tenant');
    if (nav === undefined || !rights.has(nav.right) || (isAbove && tenantId !== null)) return [];
    return [{ path, word: nav.word, isMore: nav.isMore === true }];
  });
}

/** A word by its path, in the language of who looks. */
export function wordsFor({ language }: Pick<Looking, 'language'>): (path: string) => string {
  return (path) => word(language, path);
}

/** A word by its path, or something else where there is none. */
export function wordOr(language: string, path: string, otherwise: string): string {
  const found = word(language, path);
  return found === path ? otherwise : found;
}

/** Makes buttons, `null` for who may not; `sure` is the path of what is asked before, `back` where one is then. */
export function actsFor({ visitor, language, here }: Pick<Looking, 'visitor' | 'language' | 'here'>) {
  return (right: Right, operation: OperationId, label: string, at: Texts, sure?: string, back = here): Act | null =>
    visitor.rights.has(right)
      ? {
          ...{ operation, label: word(language, label), hidden: hiddenOf(at, back), isGrave: sure !== undefined },
          sure: sure === undefined ? null : word(language, sure),
        }
      : null;
}

export function allowed<T>(acts: readonly (T | null)[]): readonly T[] {
  return acts.filter((act) => act !== null);
}

/** What a form says of where it is about, and where one is then. */
export function hiddenOf(at: Texts, back: string): readonly Field[] {
  return hiddenIn({ ...Object.fromEntries(Object.entries(at).map(([name, value]) => [`at.${name}`, value])), back });
}

/** Fields that nobody sees. */
export function hiddenIn(fields: Texts): readonly Field[] {
  return Object.entries(fields).map(([name, value]) => ({ name, value }));
}

/**
 * Of the fields of a form that say what stood there (`was.body.name`) those of which something else was typed, so that nobody undoes what
 * another has changed meanwhile; of a setting that is emptied that it is as the level before has it. All others are as they are.
 */
export function changedFields(form: Texts): Texts {
  const changed = Object.entries(form).flatMap(([name, text]) => {
    if (name.startsWith('was.')) return [];
    const was = form[`was.${name}`];
    if (was === undefined) return [[name, text]];
    if (text === was) return [];
    return [[name, text === '' && name.startsWith('body.settings.') ? 'inherit' : text]];
  });
  return Object.fromEntries(changed) as Texts;
}

/** What is wrong with one field; `null`: nothing. */
export function mistakeAt(refusal: Refusal | null, field: string): string | null {
  return refusal?.mistakes.find(({ at }) => at === field)?.detail ?? null;
}

/** Lines of a difference, `-…` and `+…`; what is too much is left out. */
export function shownLines(lines: readonly string[]) {
  return {
    lines: lines.slice(0, MOST_LINES).map((line) => ({ isNew: line.startsWith('+'), text: line })),
    moreLines: lines.length > MOST_LINES ? lines.length - MOST_LINES : null,
  };
}

const MOST_LINES = 100;

export function notEmpty(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}

/** Facts by the paths of their names, those that are there. */
export function factsIn(language: string, facts: Readonly<Record<string, string | null>>) {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => ({ name: word(language, name), value }));
}

/** The rest of a list that is longer than a page; `null`: it is not. */
export function nextOf(next: string | null, asked: Texts): string | null {
  return next === null ? null : `?${new URLSearchParams({ ...notEmpty(asked), after: next }).toString()}`;
}

type DeviceShown = AnswerOf<'listDevices'>['items'][number];

/** Whose lines a device has: with the name, and where to look at each. */
export function usersOf({ lines, tenantId }: DeviceShown) {
  const all = lines.flatMap((line) => {
    if (line.extension === null) return [];
    const elsewhere = tenantId === null || line.tenantId === tenantId ? '' : ` (${line.tenantId})`;
    const text = `${line.extension} ${line.name ?? ''}`.trim() + elsewhere;
    return [{ text, href: userAt(line.tenantId, line.extension) }];
  });
  return all.filter(({ href }, at) => all.findIndex((each) => each.href === href) === at);
}

/** What somebody should know of a device, or do about it, in words; `null`: nothing. */
export function attentionTo({ attention }: DeviceShown, say: (path: string) => string): string | null {
  return attention && [say(`attention.${attention.kind}`), attention.address ?? ''].join(' ').trim();
}
