/** One figure of a benchmark. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Measured in the same run. */
  readonly beside?: { readonly what: string; readonly value: number };
  /** Lowest and highest. */
  readonly spread?: readonly [number, number];
  readonly aim?: string;
}
