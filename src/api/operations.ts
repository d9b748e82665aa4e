import { ADMINISTRATORS } from './administrators.ts';
import { CODES } from './codes.ts';
import { DEVICES } from './devices.ts';
import { EVENTS } from './events.ts';
import { FAMILIES } from './families.ts';
import { HAND_OVERS } from './handOvers.ts';
import { HEALTH } from './health.ts';
import { LETTERS } from './letters.ts';
import type { Operation } from './operation.ts';
import { PREVIEWS } from './previews.ts';
import { PROFILES } from './profiles.ts';
import { REDIRECTS } from './redirects.ts';
import { ROTATIONS } from './rotations.ts';
import { SYNCS } from './syncs.ts';
import { SYSTEM_SWITCHES } from './system.ts';
import { TABLES } from './tables.ts';
import { TEMPLATES } from './templates.ts';
import { TENANTS } from './tenants.ts';
import { TOKENS } from './tokens.ts';
import { USERS } from './users.ts';
import { WEBHOOKS } from './webhooks.ts';

/** All that a program can ask for. */
export const OPERATIONS: readonly Operation[] = [
  ...USERS,
  ...DEVICES,
  ...TABLES,
  ...PREVIEWS,
  ...HAND_OVERS,
  ...SYNCS,
  ...ROTATIONS,
  ...PROFILES,
  ...TEMPLATES,
  ...CODES,
  ...LETTERS,
  ...FAMILIES,
  ...TENANTS,
  ...REDIRECTS,
  ...SYSTEM_SWITCHES,
  ...EVENTS,
  ...WEBHOOKS,
  ...TOKENS,
  ...ADMINISTRATORS,
  ...HEALTH,
];

/** The one that is called so. */
export function operationNamed(id: string): Operation | undefined {
  return OPERATIONS.find((each) => each.id === id);
}

/** What shows what is at this path. */
export function shownAt(path: string): Operation | undefined {
  return OPERATIONS.find((each) => each.path === path && each.method === 'get');
}
