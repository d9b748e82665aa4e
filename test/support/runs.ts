const TIMES = Number(process.env['SELFPROV_RUNS'] ?? 1);

/** For fast-check: so many inputs, other ones each time; `SELFPROV_RUNS` times as many for who has the time. */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: usual * TIMES };
}
