import type { PhoneFamily } from './family.ts';
import { snom } from './snom.ts';
import { yealink } from './yealink.ts';

/** The families that a test can boot a phone of. A new one is a reader and a boot chain. */
export const families = { yealink, snom } satisfies Record<string, PhoneFamily>;

export type FamilyName = keyof typeof families;
