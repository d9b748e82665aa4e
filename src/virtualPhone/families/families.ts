import type { PhoneFamily } from './family.ts';
import { fanvil } from './fanvil.ts';
import { grandstream } from './grandstream.ts';
import { grandstreamHt } from './grandstreamHt.ts';
import { poly } from './poly.ts';
import { snom } from './snom.ts';
import { spa } from './spa.ts';
import { yealink } from './yealink.ts';

/** The families that a test can boot a phone of. A new one is a reader and a boot chain. */
export const families = {
  yealink,
  snom,
  spa,
  poly,
  fanvil,
  grandstream,
  'grandstream-ht': grandstreamHt,
} satisfies Record<string, PhoneFamily>;

export type FamilyName = keyof typeof families;
