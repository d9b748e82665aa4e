/**
 * Milliseconds since 1970. Of what is planned (pauses, locks, windows) they are counted by a clock that never jumps
 * while the process runs; of what is written down for people they are the wall clock's.
 */
export type Instant = number;
