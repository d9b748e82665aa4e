import type { Right } from '../domain/access.ts';
import type { OperationId } from '../api/operations.ts';
import { actsFor, hiddenOf, wordsFor, type Act, type Field, type Looking } from './page.ts';

/** Of the view `lists`: what a page is that names things, and has forms for more of them. */
export interface List {
  /** One word, of the page's address. */
  readonly id: string;
  readonly heading: string;
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Said when there are none: what they are for. */
  readonly empty: string;
  readonly forms?: readonly (Form | null)[];
}

interface Row {
  /** As many as columns; `null`: nothing. */
  readonly cells: readonly (
    string | null | { readonly time: string | null } | { readonly text: string; readonly href: string }
  )[];
  readonly acts?: readonly (Act | null)[];
}

export interface Form {
  readonly title: string;
  readonly operation: OperationId;
  /** Of the button. */
  readonly label: string;
  readonly hidden: readonly Field[];
  readonly fields: readonly FormField[];
  readonly sure: string | null;
}

/** A text, or one of `options`. */
export interface FormField {
  /** As the API has it: `body.url`. */
  readonly field: string;
  readonly label: string;
  readonly given?: string;
  readonly placeholder?: string;
  readonly isNeeded?: boolean;
  readonly isNumber?: boolean;
  readonly options?: readonly { readonly value: string; readonly text: string }[];
}

/** Lists as their view shows them: each key is there, because a view takes what is missing from what is around it. */
export function listsShown(looking: Looking, lists: readonly List[]) {
  const say = wordsFor(looking);
  return lists.map(({ rows, columns, forms = [], ...list }) => {
    const hasActs = rows.some(({ acts = [] }) => acts.some((act) => act !== null));
    return {
      ...{ ...list, isAny: rows.length > 0, columns: [...columns, ...(hasActs ? [say('device.do')] : [])], hasActs },
      rows: rows.map(({ cells, acts = [] }) => ({
        acts: acts.filter((act) => act !== null),
        cells: cells.map((cell, index) => ({
          ...{ text: '', time: null, href: null },
          label: columns[index],
          ...shownCell(cell),
        })),
      })),
      forms: forms
        .filter((form) => form !== null)
        .map((form) => ({ ...form, isOpen: rows.length === 0, fields: form.fields.map(shownField) })),
    };
  });
}

function shownCell(cell: Row['cells'][number]) {
  if (cell === null) return {};
  return typeof cell === 'string' ? { text: cell } : cell;
}

function shownField({ given = '', options = [], ...field }: FormField) {
  return {
    ...{ placeholder: '', isNeeded: false, isNumber: false, given, ...field, isChoice: options.length > 0 },
    options: options.map((option) => ({ ...option, isChosen: option.value === given })),
  };
}

/** Makes forms, `null` for who may not use them. The words are those of `words`, a path: `title`, `do`, and a name for each field. */
export function formsFor(looking: Looking, words: string) {
  const say = wordsFor(looking);
  const act = actsFor(looking);
  return (
    right: Right,
    operation: OperationId,
    { name, at, fields, sure, back = looking.here }: FormAsked,
  ): Form | null => {
    const button = act(
      right,
      operation,
      `${words}.${name}.do`,
      at,
      sure === true ? `${words}.${name}.sure` : undefined,
      back,
    );
    if (button === null) return null;
    return {
      ...{ operation, title: say(`${words}.${name}.title`), label: button.label, sure: button.sure },
      hidden: hiddenOf(at, back),
      fields: fields.map((field) => ({ ...field, label: say(`${words}.${field.label}`) })),
    };
  };
}

interface FormAsked {
  /** Of the form, in its words. */
  readonly name: string;
  readonly at: Readonly<Record<string, string>>;
  /** Labels are words of the page. */
  readonly fields: readonly FormField[];
  readonly sure?: true;
  readonly back?: string;
}
