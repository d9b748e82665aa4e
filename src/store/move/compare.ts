import { SelfprovError } from '../../domain/errors.ts';
import type { Row } from '../table.ts';
import type { SourceTable } from './source.ts';

/** Rejects with `invalid` unless there are the same rows on both sides, and the same in each column; both in the order of their keys. */
export async function refuseDifference(
  { name, columns }: SourceTable,
  before: Iterable<Row>,
  after: AsyncIterable<Row>,
): Promise<void> {
  const left = before[Symbol.iterator]();
  let number = 0;
  for await (const row of after) {
    number += 1;
    const its = left.next();
    const wrong = its.done === true ? 'a row too many' : differs(columns, its.value, row);
    if (wrong === undefined) continue;
    left.return?.();
    throw new SelfprovError('invalid', `table ${name} is not the same after the move: row ${number} has ${wrong}`);
  }
  if (left.next().done === true) return;
  left.return?.();
  throw new SelfprovError('invalid', `table ${name} is not the same after the move: it ends after row ${number}`);
}

/** What a row has that the other has not; no value is shown, it may be a secret. */
function differs(columns: readonly string[], before: Row, after: Row): string | undefined {
  const added = Object.keys(after).find((column) => !columns.includes(column));
  if (added !== undefined) return `a column ${added} more`;
  const wrong = columns.find((column) => !isSame(before[column], after[column]));
  return wrong === undefined ? undefined : `something else in ${wrong}`;
}

/** SQLite has numbers for booleans. */
function isSame(before: unknown, after: unknown): boolean {
  return typeof after === 'boolean' ? before === Number(after) : before === after;
}
