import type { Device, Line } from './device.ts';
import type { Mac } from './mac.ts';
import type { Site } from './site.ts';
import type { DeviceTemplate, LineTemplate } from './templates.ts';
import type { Tenant } from './tenant.ts';
import type { User, UserProfile } from './user.ts';

/** All that is one device's and that its files rest on, as it stood at one moment. */
export interface Snapshot {
  readonly device: Device;
  /** By slot; those of one slot oldest first. */
  readonly lines: readonly Line[];
  /** A hand-over that is not done, a sync or a new password that waits for a fetch: what follows from one has to be written. */
  readonly isAwaited: boolean;
  /** `digest` of each file that it was given last, by name. */
  readonly given: ReadonlyMap<string, string>;
  /** Of the line with this id, if it is a user's. */
  ownerOf(lineId: string): Owner | undefined;
  /** One of the owners, whole. */
  user(id: string): User | undefined;
  /** What the device says of settings, as text. */
  readonly says: string;
}

/** What a file shows of a line's user, and by what the rest is told from others'. */
export interface Owner extends Pick<User, 'id' | 'tenantId' | 'profileId' | 'extension' | 'name'> {
  /** What the user says of settings, as text: the same text, the same settings. */
  readonly says: string;
}

/** What phones have in common, as it stood at one moment. */
export interface Common {
  readonly site: Site;
  /** By id, in this order. */
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly profiles: ReadonlyMap<string, UserProfile>;
  readonly lineTemplates: ReadonlyMap<string, LineTemplate>;
  readonly deviceTemplates: ReadonlyMap<string, DeviceTemplate>;
}

/** What a committed write has changed: of one device (known by its MAC, or by one of its lines), or of anything. */
export type Change = { readonly mac: Mac } | { readonly lineId: string } | 'all';

/** Gives at once what is committed, and tells what becomes of it. */
export interface Snapshots {
  /** False while nothing can be had without waiting: what comes below is not to be asked for then. */
  isReady(): boolean;
  /** `undefined` also for one that would have to be waited for. */
  of(mac: Mac): Snapshot | undefined;
  common(): Common;
  /**
   * Where reading takes waiting: resolves when what there is of this device, and what all have in common, can be had at once,
   * for a moment, or cannot be had. Rejects with `unavailable`.
   */
  prepare?(mac: Mac | null): Promise<void>;
  /**
   * `hear` is told of every change before whoever made it is: what this process writes without delay; what others do when
   * `look` is called.
   */
  subscribe(hear: (change: Change) => void): void;
  /** Looks whether another process has written. */
  look(): void;
}
