/**
 * Counts milliseconds from now on, also while this process is stopped: a machine that was asleep knows it by the wall clock
 * alone.
 */
export function elapsedFromNow(): () => number {
  const [since, at] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - since, Date.now() - at);
}
