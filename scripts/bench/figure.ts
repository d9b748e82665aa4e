/** One thing that was measured. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The same of something else, in the same run. */
  readonly beside?: { readonly what: string; readonly value: number };
  /** Least and most of what `value` is the middle of. */
  readonly spread?: readonly [number, number];
  readonly aim?: Aim;
}

/** What a figure should be, itself or in comparison with what it stands beside. */
export interface Aim {
  readonly of: 'value' | 'ratio';
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The aim in words, and whether it is missed. */
export function aimOf({
  value,
  unit,
  beside,
  aim,
}: Figure): { readonly words: string; readonly isMissed: boolean } | undefined {
  if (aim === undefined) return undefined;
  const { of, atLeast, atMost } = aim;
  const actual = of === 'value' ? value : value / (beside?.value ?? Number.NaN);
  const [word, limit] = atLeast === undefined ? ['at most', atMost ?? Number.NaN] : ['at least', atLeast];
  const isMissed = atLeast === undefined ? actual > limit : actual < limit;
  return { words: limit === 0 ? 'none' : `${word} ${limit} ${of === 'value' ? unit : 'times'}`, isMissed };
}

/** The value that so large a share (0 to 1) does not exceed. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle of repeated measurements, and how far they are apart. */
export function middle(values: readonly number[]): Pick<Figure, 'value' | 'spread'> {
  return {
    value: rounded(quantile(values, 0.5)),
    spread: [rounded(quantile(values, 0)), rounded(quantile(values, 1))],
  };
}

/** Three digits say all that a second run would say again. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
