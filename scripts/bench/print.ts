import { aimOf, type Figure } from './figure.ts';

/** One thing that was measured, with everything that it stands beside. */
export interface Row {
  readonly figure: Figure;
  readonly besides: readonly NonNullable<Figure['beside']>[];
}

/** Figures of the same thing, one after the other, differ in what they stand beside. */
export function rowsOf(figures: readonly Figure[]): readonly Row[] {
  const rows: { figure: Figure; besides: NonNullable<Figure['beside']>[] }[] = [];
  for (const figure of figures) {
    const last = rows.at(-1);
    const isSame = last?.figure.what === figure.what;
    const row = isSame ? last : { figure, besides: [] };
    if (!isSame) rows.push(row);
    if (figure.beside !== undefined) row.besides.push(figure.beside);
  }
  return rows;
}

/** `17.2` of `20`, as `0.86`. */
export function ratio(value: number, beside: number): string {
  return beside === 0 ? '–' : String(Number((value / beside).toPrecision(2)));
}

/** Thousands apart, as in 36,700. */
export function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}

/** For a terminal. */
export function printed(name: string, figures: readonly Figure[]): string {
  const lines = rowsOf(figures).map(({ figure, besides }) => {
    const { what, value, unit, spread } = figure;
    const aim = aimOf(figure);
    const parts = [
      `${shown(value).padStart(9)} ${unit.padEnd(9)}`,
      what,
      ...(spread === undefined ? [] : [`(${spread.map(shown).join('–')})`]),
      ...besides.map((beside) => `| ${ratio(value, beside.value)} of ${shown(beside.value)}, ${beside.what}`),
      ...(aim === undefined ? [] : [`| ${aim.isMissed ? 'missed' : 'aim'}: ${aim.words}`]),
    ];
    return parts.join(' ');
  });
  return `${name}\n${lines.join('\n')}\n`;
}
