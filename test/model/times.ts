/** How patient the hand-overs of stories are. */
export const TIMES = {
  pauses: [10_000, 30_000, 60_000],
  registerWithin: 60_000,
  window: 15 * 60_000,
  callEndsWithin: 20_000,
};
