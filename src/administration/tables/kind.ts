import type { Mistake } from '../../csv/readCsv.ts';
import type { Detail } from '../../domain/journal.ts';
import type { Store } from '../../domain/ports.ts';

/** One column of a table. `Draft` is what a line says, `Thing` what is exported. */
export interface Column<Draft, Thing> {
  /** As the header has it; upper and lower case, hyphens and spaces do not matter. */
  readonly name: string;
  /** The draft with what this cell says as well; not called for an empty one. Throws a refusal that says what is right. */
  read(draft: Draft, cell: string): Draft;
  /** The text that `read` takes; empty when there is nothing to say. Without it the column is not exported. */
  readonly show?: (thing: Thing) => string;
  /** Exported although it is empty in each line. */
  readonly always?: true;
}

/** What a line comes to. */
export interface Change {
  readonly what: 'new' | 'changed' | 'unchanged';
  /** What is new, for a reader: no secrets. */
  readonly fields: Detail;
}

/** Notes what is wrong with a line, and where. */
export type Wrong = (column: string | null, message: string) => void;

/**
 * A kind of things that a table has a line for each of, with what lines are checked against read once: all that tables of
 * users and tables of others differ in.
 */
export interface Kind<Draft, Planned extends Change, Thing> {
  /** For the journal and a reader, in the plural. */
  readonly what: string;
  readonly columns: readonly Column<Draft, Thing>[];
  /** The column that says which thing a line is about. */
  readonly key: string;
  /** The draft of a line that says nothing. */
  readonly blank: Draft;
  /** What is in the key's column; empty when nothing is. */
  keyOf(draft: Draft): string;
  /** What a line comes to; what is wrong between its cells is noted. Reads nothing any more. */
  plan(draft: Draft, wrong: Wrong): Planned;
}

/** Reads what a kind is checked against; inside a transaction, once more. */
export type ReadKind<Draft, Planned extends Change, Thing> = (
  store: Store,
  tenantId: string,
) => Promise<Kind<Draft, Planned, Thing>>;

export interface PlannedLine<Planned> {
  readonly line: number;
  readonly key: string;
  readonly change: Planned;
}

/** What an import would do. Nothing is done while there are mistakes. */
export interface Plan<Planned> {
  readonly lines: readonly PlannedLine<Planned>[];
  /** By line. */
  readonly mistakes: readonly Mistake[];
}
