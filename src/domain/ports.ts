import type { Mac } from './mac.ts';
import type { Secret } from './secret.ts';
import type * as is from './types.ts';

/** What a check-sync looks like on the wire, in one family's spelling. */
export interface Notification {
  /** Value of the Event header, for example `check-sync;reboot=false`. */
  readonly event: string;
  readonly contentType: string | null;
  readonly body: string | null;
}

/** One registration as Asterisk holds it. */
export interface Contact {
  readonly aor: string;
  readonly uri: string;
  /** What Asterisk's database calls it; needed to remove it. */
  readonly id: string;
  readonly userAgent: string;
  /** Source address of the REGISTER, without port. */
  readonly address: string;
}

/** Asterisk's registrations and NOTIFY. Every method rejects with code `unavailable` while Asterisk cannot be asked. */
export interface Registrar {
  /** Contacts of this AOR only; empty when there are none, also when the AOR is gone. */
  contacts(aor: string): Promise<readonly Contact[]>;
  allContacts(): Promise<readonly Contact[]>;
  /** Makes Asterisk forget one registration at once. Removing what is gone already is not an error. */
  remove(contact: Contact): Promise<void>;
  /** Sends one NOTIFY to exactly this URI. Resolves when Asterisk has sent it: the phone's answer is not known. */
  notify(uri: string, notification: Notification): Promise<void>;
}

/** Makes and checks what must not be guessed. */
export interface Secrets {
  pin(): Secret;
  sipSecret(): Secret;
  token(): Secret;
  hashPin(pin: Secret): Promise<string>;
  /** Takes the same time whatever `hash` is; `undefined` stands for a user who does not exist. */
  verifyPin(pin: Secret, hash: string | undefined): Promise<boolean>;
}

export type NewEvent = Pick<is.Event, 'step' | 'tenantId'> & Partial<Omit<is.Event, 'id'>>;

/** Where everything lives. Lookups give `undefined` when there is no such thing. */
export interface Store {
  /** All or nothing; `work` must use the store it is given and no other. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;

  tenant(id: string): Promise<is.Tenant | undefined>;
  tenants(): Promise<readonly is.Tenant[]>;
  updateTenant(id: string, change: Partial<Omit<is.Tenant, 'id'>>): Promise<void>;

  user(id: string): Promise<is.User | undefined>;
  userByExtension(tenantId: string, extension: string): Promise<is.User | undefined>;
  users(tenantId: string): Promise<readonly is.User[]>;
  /** Rejects with `conflict` when the extension is taken. */
  addUser(user: Omit<is.User, 'id'>): Promise<is.User>;
  updateUser(id: string, change: Partial<Omit<is.User, 'id'>>): Promise<void>;
  removeUser(id: string): Promise<void>;

  profile(id: string): Promise<is.UserProfile | undefined>;
  lineTemplate(id: string): Promise<is.LineTemplate | undefined>;
  deviceTemplate(id: string): Promise<is.DeviceTemplate | undefined>;

  device(mac: Mac): Promise<is.Device | undefined>;
  /** By its token, or the one before. */
  deviceByToken(token: Secret): Promise<is.Device | undefined>;
  devices(tenantId: string): Promise<readonly is.Device[]>;
  addDevice(device: is.Device): Promise<void>;
  updateDevice(mac: Mac, change: Partial<Omit<is.Device, 'mac'>>): Promise<void>;
  /** With its lines and its hand-over; its events stay. */
  removeDevice(mac: Mac): Promise<void>;

  lines(mac: Mac): Promise<readonly is.Line[]>;
  linesOfUser(userId: string): Promise<readonly is.Line[]>;
  linesOfEndpoint(endpoint: string): Promise<readonly is.Line[]>;
  addLine(line: Omit<is.Line, 'id'>): Promise<void>;
  /** AORs of the lines that are registered as far as we know. */
  registeredEndpoints(): Promise<readonly string[]>;
  setLineContact(id: string, contact: string | null): Promise<void>;
  removeLines(mac: Mac): Promise<void>;

  handOver(mac: Mac): Promise<is.HandOver | undefined>;
  /** Open ones whose `nextAttemptAt` has come, longest due first. */
  dueHandOvers(now: is.Instant): Promise<readonly is.HandOver[]>;
  putHandOver(handOver: is.HandOver): Promise<void>;
  updateHandOver(mac: Mac, change: Partial<Omit<is.HandOver, 'mac'>>): Promise<void>;

  staleRegistrations(): Promise<readonly is.StaleRegistration[]>;
  addStaleRegistration(stale: Omit<is.StaleRegistration, 'id'>): Promise<void>;
  removeStaleRegistration(id: string): Promise<void>;

  tries(scope: 'extension' | 'device', tenantId: string, key: string): Promise<is.Tries>;
  putTries(
    scope: 'extension' | 'device',
    tenantId: string,
    key: string,
    tries: is.Tries,
    at: is.Instant,
  ): Promise<void>;

  addEvent(event: NewEvent): Promise<void>;
  /** Newest last. */
  events(filter: {
    readonly mac?: Mac;
    readonly userId?: string;
    readonly limit: number;
  }): Promise<readonly is.Event[]>;
}
