/** One thing that was measured. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The same of something else, in the same run. */
  readonly beside?: { readonly what: string; readonly value: number };
  /** Least and most of what `value` is the middle of. */
  readonly spread?: readonly [number, number];
  /** What it should be, in words. */
  readonly aim?: string;
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
