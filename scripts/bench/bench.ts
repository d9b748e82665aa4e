import type { Database, EngineName } from './databases.ts';
import type { Figure } from './figure.ts';

/** What a part is given. */
export interface Bench {
  /** For a first look: short instead of exact. */
  readonly isQuick: boolean;
  /** A full house: as many devices as one selfprov is meant for. */
  readonly many: number;
  /** A copy for the part alone, which closes it. */
  database(engine: EngineName, devices: number): Promise<Database>;
}

/** Measures one thing or several, and closes what it has opened. */
export type Part = (bench: Bench) => Promise<readonly Figure[]>;
