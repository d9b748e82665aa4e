import type { Part } from './bench.ts';
import { calls } from './calls.ts';
import { files } from './files.ts';
import { firstContact } from './firstContact.ts';
import { growth } from './growth.ts';
import { handOvers } from './handOvers.ts';
import { locked } from './locked.ts';
import { start } from './start.ts';
import { registers } from './registers.ts';
import { storm } from './storm.ts';
import { syncs } from './syncs.ts';
import { tftp } from './tftp.ts';

/** In the order in which they are measured and shown; how each is measured is in `scripts/performance/about.ts`. */
export const PARTS = {
  files,
  growth,
  firstContact,
  storm,
  tftp,
  locked,
  calls,
  handOvers,
  syncs,
  registers,
  start,
} satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;

/** Longer than all others together: only where they are named. */
export const LONG: readonly PartName[] = ['registers'];
