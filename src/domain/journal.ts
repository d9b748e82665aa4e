import { DEFAULT_TENANT } from './tenant.ts';
import type { Mac } from './mac.ts';
import type { Instant } from './time.ts';

/** What a device's time-line and the log are made of. */
export const STEPS = [
  'enrolled',
  /** A new phone got no number: the range for phones that are nobody's has none left. */
  'numbers_used_up',
  /** The file of a device without a user was asked for from a second address while another line of it is in use. */
  'contested',
  /** Somebody without proof asked for the file of an assigned device: a phone that was reset, or a stranger. */
  'turned_away',
  /** The token of an assigned device came from another address than before. */
  'moved',
  'called',
  'administrator_code_used',
  'refused',
  'locked',
  'unlocked',
  'accepted',
  'released',
  /** A user has borrowed a shared phone, and given it back. */
  'logged_in',
  'logged_off',
  'notified',
  'not_notified',
  'fetched',
  'registered',
  'done',
  'failed',
  /** A registration that a device has left could not be told from another phone's: it was left to run out. */
  'left_registered',
  'removed',
  'new_url',
  /** An administrator, on the page. */
  'signed_in',
  /** A template, a profile, a code …: `detail.what` and `detail.name`. */
  'created',
  'changed',
  'deleted',
  'user_added',
  'user_changed',
  'device_changed',
  'blocked',
  'unblocked',
  'user_removed',
  'pin_changed',
  /** A letter with a new PIN was made for a user. */
  'letter_printed',
  /** A file was imported: how many lines of each sort. */
  'imported',
  'tenant_changed',
  /** Many devices are told to fetch, or one that an administrator named. */
  'sync_started',
  'sync_paused',
  'sync_resumed',
  'sync_cancelled',
  /** Too many of those that went first were lost: `detail.devices`. */
  'sync_stopped',
  'sync_done',
  /** A line has a new SIP password; the one before goes when its phone is back with the new one. */
  'password_new',
  'password_kept',
  /** The phone was refused without the one before: that is taken again. */
  'old_password_back',
  'old_password_gone',
] as const;

export type Step = (typeof STEPS)[number];

export interface Event {
  readonly id: string;
  readonly at: Instant;
  readonly step: Step;
  readonly tenantId: string;
  readonly mac: Mac | null;
  readonly userId: string | null;
  /** Who did it: `phone`, `selfprov`, or an administrator (`cli:root`). */
  readonly actor: string;
  /** IP address of an administrator who did it, where it is known. */
  readonly address: string | null;
  /** What else a reader of the time-line wants: no secrets. */
  readonly detail: Detail;
}

export type Detail = Readonly<Record<string, string | number | boolean | null>>;

export type NewEvent = Pick<Event, 'step' | 'tenantId'> & Partial<Omit<Event, 'id'>>;

/** What events tell of that is above tenants, unless it is one tenant's. */
const ABOVE = new Set<unknown>([
  'system',
  'file',
  'redirect',
  'token',
  'administrator',
  'invitation',
  'sign-in',
  'webhook of all',
]);

/** Whether it happened above tenants: the first one's journal has it, and who is for that tenant alone does not see it. */
export function mayBeAbove({ tenantId, detail }: Pick<Event, 'tenantId' | 'detail'>): boolean {
  return tenantId === DEFAULT_TENANT && ABOVE.has(detail['what']);
}
