import type { z } from 'zod';
import { ADMINISTRATORS } from './administrators.ts';
import { CODES } from './codes.ts';
import { DEVICE_ACTIONS } from './deviceActions.ts';
import { DEVICES } from './devices.ts';
import { EVENTS } from './events.ts';
import { FAMILIES } from './families.ts';
import { FIRMWARE } from './firmware.ts';
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

const ALL = [
  ...USERS,
  ...DEVICES,
  ...DEVICE_ACTIONS,
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
  ...FIRMWARE,
  ...TENANTS,
  ...REDIRECTS,
  ...SYSTEM_SWITCHES,
  ...EVENTS,
  ...WEBHOOKS,
  ...TOKENS,
  ...ADMINISTRATORS,
  ...HEALTH,
] as const;

/** All that a program can ask for. */
export const OPERATIONS: readonly Operation[] = ALL;

type Named = (typeof ALL)[number];
type Answering<One, Id> = One extends { readonly id: infer Its; readonly answer: infer Answer }
  ? Id extends Its
    ? Answer extends z.ZodType
      ? z.output<Answer>
      : null
    : never
  : never;

export type OperationId = Named['id'];
/** What the operation of this name answers. */
export type AnswerOf<Id extends OperationId> = Answering<Named, Id>;

/** The one that is called so. */
export function operationNamed(id: string): Operation | undefined {
  return OPERATIONS.find((each) => each.id === id);
}

/** What shows what is at this path. */
export function shownAt(path: string): Operation | undefined {
  return OPERATIONS.find((each) => each.path === path && each.method === 'get');
}
