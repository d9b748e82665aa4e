import type { Change, Plan } from '../administration/tables/kind.ts';
import { countsOf } from '../administration/tables/planTable.ts';
import { SelfprovError } from '../domain/errors.ts';
import { tableOf, type Output } from './output.ts';

/** What an import would do: each line, then what is wrong with the file, or what there is to say when nothing is. */
export function planOutput(plan: Plan<Change>, whenGood: readonly string[]): Output {
  const { lines, mistakes } = plan;
  const rows = lines.map(({ line, key, change }) => [String(line), key, change.what, fieldsOf(change)]);
  const wrong = mistakes.map(
    ({ line, column, message }) => `line ${line}${column === null ? '' : `, ${column}`}: ${message}`,
  );
  const counts = countsOf(plan);
  const sum = `${counts.new} new, ${counts.changed} to change, ${counts.unchanged} as they are.`;
  const data = {
    imported: false,
    ...{ counts, mistakes },
    lines: lines.map(({ line, key, change: { what, fields } }) => ({ line, key, what, fields })),
  };
  const text = [
    tableOf(['LINE', 'FOR', '', 'WHAT'], rows, 'No line is good.'),
    '',
    sum,
    ...(wrong.length === 0 ? whenGood : ['', ...wrong]),
  ].join('\n');
  if (wrong.length === 0) return { data, text };
  const count = wrong.length === 1 ? 'there is a mistake' : `there are ${wrong.length} mistakes`;
  return { data, text, refusal: new SelfprovError('invalid', `${count} in the file: nothing is imported`) };
}

function fieldsOf({ fields }: Change): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${inACell(value)}`)
    .join(' ');
}

/** As a table has it. */
function inACell(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}
