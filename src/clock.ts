/**
 * Milliseconds since 1970, by a clock that only ever goes forward at its own pace: when somebody sets the machine's clock,
 * what is planned by this one keeps its pauses until the process starts anew.
 */
export function plannedTime(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
