import { recognise, type Recognised } from '../../src/phones/recognise/recognise.ts';
import { families, type FamilyName } from '../../src/virtualPhone/families/families.ts';
import { shippedFamilies } from '../../test/support/phoneFacts.ts';

/** Families whose phones start in the boot storm, each with the first half of its MACs. */
export const MAKERS = {
  yealink: '001565',
  snom: '000413',
  poly: '0004f2',
  grandstream: '000b82',
  fanvil: '0c383e',
  spa: '000e08',
} satisfies Partial<Record<FamilyName, string>>;

export type Maker = keyof typeof MAKERS;

/** A phone as it leaves its factory. */
export interface Kind {
  readonly maker: Maker;
  readonly mac: string;
  readonly userAgent: string;
}

export function kindOf(maker: Maker, number: number): Kind {
  const mac = `${MAKERS[maker]}${number.toString(16).padStart(6, '0')}`;
  const family = families[maker];
  return { maker, mac, userAgent: family.userAgent({ mac, model: family.model }) };
}

/** What selfprov makes of its requests. */
export function seenOf({ maker, userAgent }: Kind): Recognised {
  return recognise(shippedFamilies(), {
    path: null,
    userAgent,
    method: 'GET',
    transport: 'http',
    family: maker,
  });
}

/** Five of twelve are of another maker than the most. */
export function usualMaker(at: number): Maker {
  const others = ['snom', 'poly', 'grandstream', 'fanvil', 'spa'] as const;
  return others[Math.floor(at / 2) % 12] ?? 'yealink';
}
