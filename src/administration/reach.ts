import type { Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { LineSettings } from '../domain/lineSettings.ts';
import type { Policy } from '../domain/policySettings.ts';
import { INHERIT, type Texts } from './settings.ts';

/**
 * Settings by which a tenant would reach what is another's, or the machine's: Asterisk has contexts, groups, mailboxes, transports and
 * variables for all tenants together, and does not ask whose they are.
 */
const BEYOND = [
  'context',
  'subscribeContext',
  'mailbox',
  'asteriskTransport',
  'callGroup',
  'pickupGroup',
  'namedCallGroup',
  'namedPickupGroup',
  'accountCode',
  'variables',
  'sounds',
] as const satisfies readonly (keyof LineSettings | keyof Policy)[];

/** Why this visitor may not say this of settings; `undefined`: it may. To take something back is always allowed. */
export function whyBeyond({ tenantId }: Pick<Visitor, 'tenantId'>, texts: Texts): string | undefined {
  if (tenantId === null) return undefined;
  const name = BEYOND.find((each) => texts[each] !== undefined && texts[each].trim() !== INHERIT);
  return name === undefined
    ? undefined
    : `${name} reaches beyond tenant ${tenantId}: it takes the right to all tenants`;
}

/** Throws `unauthorized` for what reaches beyond the only tenant of this visitor. */
export function checkReach(visitor: Pick<Visitor, 'tenantId'>, texts: Texts): void {
  const why = whyBeyond(visitor, texts);
  if (why !== undefined) throw new SelfprovError('unauthorized', why, { reason: 'forbidden' });
}
