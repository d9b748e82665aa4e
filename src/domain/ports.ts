import type { Administrator, ApiToken, Invitation, KeptAnswer, Session } from './access.ts';
import type { AsteriskName } from './addresses.ts';
import type { Code } from './code.ts';
import type { Device, GivenFile, Holding, Line } from './device.ts';
import type { HandOver } from './handOver.ts';
import type { HotDesk } from './hotDesk.ts';
import type { Event, NewEvent, Step } from './journal.ts';
import type { Tries } from './lockout.ts';
import type { Mac } from './mac.ts';
import type { Policy } from './policySettings.ts';
import type { Redirect } from './redirect.ts';
import type { Contact, Farewell } from './registrations.ts';
import type { Secret } from './secret.ts';
import type { Site } from './site.ts';
import type { Sync, SyncPhone } from './sync.ts';
import type { SyncItem } from './syncItem.ts';
import type { DeviceTemplate, LineTemplate } from './templates.ts';
import type { Tenant } from './tenant.ts';
import type { Instant } from './time.ts';
import type { User, UserProfile } from './user.ts';
import type { DeadLetter, Webhook } from './webhook.ts';
import type { Wiring } from './wiring.ts';

/** What a check-sync looks like on the wire, in one family's spelling. */
export interface Notification {
  /** Value of the Event header, for example `check-sync;reboot=false`. */
  readonly event: string;
  readonly contentType: string | null;
  readonly body: string | null;
}

/** A part of an account that is gone, of which one Asterisk may still have a copy. */
export interface StaleAccount {
  readonly asterisk: AsteriskName;
  readonly kind: 'endpoint' | 'auth' | 'aor';
  readonly name: string;
  readonly since: Instant;
}

/** What Asterisks keep for times without a database. They are written by what takes accounts away. */
export interface StaleAccounts {
  dueStaleAccounts(now: Instant): Promise<readonly StaleAccount[]>;
  putOffStaleAccount(stale: StaleAccount, until: Instant): Promise<void>;
  removeStaleAccount(stale: StaleAccount): Promise<void>;
}

/**
 * Asterisk's registrations and NOTIFY; of several Asterisks, those of all. Contacts have the name of theirs (`atAsterisk`).
 * Every method rejects with code `unavailable` while Asterisk cannot be asked.
 */
export interface Registrar {
  /** The only one, or those that there are. */
  readonly asterisks: readonly AsteriskName[];
  /** Those of several that cannot be asked at this moment: what is asked for in the same turn is without what they have. */
  away(): readonly AsteriskName[];
  /** Contacts of this AOR only; empty when there are none, also when the AOR is gone. */
  contacts(aor: string): Promise<readonly Contact[]>;
  /** All that one of them has. */
  allContacts(asterisk: AsteriskName): Promise<readonly Contact[]>;
  /** Contacts with exactly this URI, whatever their AOR. */
  contactsAt(uri: string): Promise<readonly Contact[]>;
  /**
   * Makes Asterisk forget one registration at once, its device state included. One that is gone already, or that is another
   * phone's by now, is let be.
   */
  remove(contact: Contact): Promise<void>;
  /**
   * Makes Asterisk's hints and queues take note of a registration. They know the AORs that were there when Asterisk
   * started; of a later one they say that it is unavailable, for ever, until this has been done once. Twice does no harm.
   * Resolves with whether the registration was still there: of one that has gone they have not been told.
   */
  announce(contact: Contact): Promise<boolean>;
  /** Sends one NOTIFY to exactly this URI. Resolves when Asterisk has sent it: the phone's answer is not known. */
  notify(uri: string, notification: Notification): Promise<void>;
  /**
   * Names of the credentials that the endpoint takes which Asterisk uses under this name, wherever it has it from;
   * `undefined` when it has none. Of several Asterisks one is asked: they read the same accounts.
   */
  authsOf(endpoint: string): Promise<readonly string[] | undefined>;
  /** Makes one Asterisk forget what it has kept of an account for times without a database. What it has not is no error. */
  forget(stale: StaleAccount): Promise<void>;
}

/** Makes and checks what must not be guessed. */
export interface Secrets {
  pin(): Secret;
  sipSecret(): Secret;
  token(): Secret;
  /** Digits of a one-time code. */
  code(): Secret;
  /** The same for the same code: it is looked up by this, and what is tried is counted by it. Nobody can tell the code from it. */
  hashCode(code: Secret): string;
  hashPin(pin: Secret): Promise<string>;
  /** For what people choose and sign in by from anywhere: slower. `matchPin` knows it too. */
  hashPassword(password: Secret): Promise<string>;
  /**
   * The one of these hashes that was made of it; without any the PIN is nobody's. It is told at once when there is one, and
   * otherwise after a time that is always the same, so that nobody hears what was wrong.
   */
  matchPin(pin: Secret, hashes: readonly string[]): Promise<string | undefined>;
  /** A hash of the same PIN to take this one's place; `undefined` when this one is as they are made now. */
  renewedPin(pin: Secret, hash: string): Promise<string | undefined>;
}

export interface Tenants {
  tenant(id: string): Promise<Tenant | undefined>;
  tenants(): Promise<readonly Tenant[]>;
  /** With a profile and templates, called `Default`, whose ids are its own. Rejects with `conflict` when the id is taken. */
  addTenant(tenant: Tenant): Promise<void>;
  updateTenant(id: string, change: Partial<Omit<Tenant, 'id'>>): Promise<void>;
  /** One without users and devices; its profiles and templates have gone before. */
  removeTenant(id: string): Promise<void>;

  profile(id: string): Promise<UserProfile | undefined>;
  /** By name. */
  profiles(tenantId: string): Promise<readonly UserProfile[]>;
  /** Rejects with `conflict` when the name is taken. */
  addProfile(profile: Omit<UserProfile, 'id'>): Promise<UserProfile>;
  updateProfile(id: string, change: Partial<Omit<UserProfile, 'id' | 'tenantId'>>): Promise<void>;
  removeProfile(id: string): Promise<void>;

  lineTemplate(id: string): Promise<LineTemplate | undefined>;
  /** By name. */
  lineTemplates(tenantId: string): Promise<readonly LineTemplate[]>;
  /** Rejects with `conflict` when the name is taken. */
  addLineTemplate(lineTemplate: Omit<LineTemplate, 'id'>): Promise<LineTemplate>;
  updateLineTemplate(id: string, change: Partial<Omit<LineTemplate, 'id' | 'tenantId'>>): Promise<void>;
  removeLineTemplate(id: string): Promise<void>;

  deviceTemplate(id: string): Promise<DeviceTemplate | undefined>;
  /** By name. */
  deviceTemplates(tenantId: string): Promise<readonly DeviceTemplate[]>;
  /** Rejects with `conflict` when the name is taken. */
  addDeviceTemplate(deviceTemplate: Omit<DeviceTemplate, 'id'>): Promise<DeviceTemplate>;
  updateDeviceTemplate(id: string, change: Partial<Omit<DeviceTemplate, 'id' | 'tenantId'>>): Promise<void>;
  removeDeviceTemplate(id: string): Promise<void>;
}

/** What users are looked for by: all of it fits. */
export interface UserSearch {
  readonly tenantId: string;
  /** Words, each of which is part of the extension or the name. */
  readonly text?: string;
  /** Whether wrong PINs lock the extension at this time. */
  readonly locked?: { readonly is: boolean; readonly at: Instant };
  /** Only those behind this extension. */
  readonly after?: string;
  readonly limit: number;
}

export interface Users {
  user(id: string): Promise<User | undefined>;
  userByExtension(tenantId: string, extension: string): Promise<User | undefined>;
  /** Those with this number in the way that a tenant identifies its users; of all tenants. */
  usersKnownAs(by: Policy['identifyBy'], number: string): Promise<readonly User[]>;
  users(tenantId: string): Promise<readonly User[]>;
  /** By extension. */
  searchUsers(search: UserSearch): Promise<readonly User[]>;
  /** Rejects with `conflict` when the extension, the endpoint or another number is taken. */
  addUser(user: Omit<User, 'id'>): Promise<User>;
  updateUser(id: string, change: Partial<Omit<User, 'id'>>): Promise<void>;
  removeUser(id: string): Promise<void>;
}

/** When a device was last served a file with these lines. */
export interface Served {
  readonly mac: Mac;
  readonly lineIds: readonly string[];
  readonly at: Instant;
}

/** What devices are looked for by: all of it fits. */
export interface DeviceSearch {
  /** Whose they are, or whose user has a line on them. */
  readonly tenantId: string;
  /**
   * Words, each of which is the device's number, or part of a MAC in any spelling, a model, version, address, serial number, note, family,
   * extension or name.
   */
  readonly text?: string;
  /** How families are called, by their ids: a word may be part of that too. */
  readonly titles?: ReadonlyMap<string, string>;
  readonly state?: (typeof DEVICE_STATES)[number];
  readonly family?: string;
  /** Of its users; of a device that nobody has, the one that it was entered with. */
  readonly profileId?: string;
  /** The tenant's own, or only those on which a user of it has a line. */
  readonly isOwn?: boolean;
  /** By MAC unless said otherwise; `newest`: the one that came last is first. */
  readonly order?: 'mac' | 'newest';
  /** Only those behind this one. */
  readonly after?: Mac;
  readonly limit: number;
}

/** What a device can be looked for to be. */
export const DEVICE_STATES = [
  ...(['unassigned', 'assigned', 'handing_over', 'failed', 'registered', 'unregistered', 'blocked'] as const),
] as const;

export interface VersionCount {
  readonly family: string;
  /** `null`: they have not said. */
  readonly model: string | null;
  readonly version: string | null;
  readonly devices: number;
}

export interface Devices {
  device(mac: Mac): Promise<Device | undefined>;
  /** By the token of one of its lines, or the one that its hand-over still takes. */
  deviceByToken(token: Secret): Promise<Device | undefined>;
  devices(tenantId: string): Promise<readonly Device[]>;
  /** A page of what fits, and how many there are in all. */
  searchDevices(search: DeviceSearch): Promise<{ readonly devices: readonly Device[]; readonly count: number }>;
  /** How many of a tenant's devices have said each version; in no order. */
  versions(tenantId: string): Promise<readonly VersionCount[]>;
  /** Gives it the next number. */
  addDevice(device: Omit<Device, 'number'>): Promise<Device>;
  deviceByNumber(number: number): Promise<Device | undefined>;
  updateDevice(mac: Mac, change: Partial<Omit<Device, 'mac'>>): Promise<void>;
  /** With its lines and its hand-overs; its events stay. */
  removeDevice(mac: Mac): Promise<void>;
  /** Without a user, not blocked, never registered; have asked, but not since. */
  unusedDevices(notSeenSince: Instant): Promise<readonly Mac[]>;

  line(id: string): Promise<Line | undefined>;
  /** The line that was made last, of those whose credential Asterisk has from here. */
  newestAccount(): Promise<Line | undefined>;
  /** By slot; those of one slot oldest first. */
  lines(mac: Mac): Promise<readonly Line[]>;
  linesOfUser(userId: string): Promise<readonly Line[]>;
  /** Those of which the password has been changed and the one before is not gone: by MAC, then by slot. */
  linesWithFormer(): Promise<readonly Line[]>;
  linesOfEndpoint(endpoint: string): Promise<readonly Line[]>;
  /** Those that are registered from here (`whereOf` their contact), as far as we know. */
  linesAt(where: string): Promise<readonly Line[]>;
  /** Default lines of this tenant's devices, with the numbers that they have. */
  defaultLines(tenantId: string): Promise<readonly Pick<Line, 'id' | 'mac' | 'number'>[]>;
  addLine(line: Omit<Line, 'id'>): Promise<Line>;
  updateLine(id: string, change: Partial<Omit<Line, 'id' | 'mac'>>): Promise<void>;
  removeLine(id: string): Promise<void>;
  /** Files were served again; a later time that is there already stays. */
  updateServed(served: readonly Served[]): Promise<void>;
  /** By name. */
  givenFiles(mac: Mac): Promise<readonly GivenFile[]>;
  /** In the place of what the same devices were given before under these names; of a device that is gone, nothing. */
  putGivenFiles(files: readonly GivenFile[]): Promise<void>;
  /** AORs of the lines, with the URI that each is registered with as far as we know. */
  knownRegistrations(): Promise<readonly Pick<Line, 'endpoint' | 'userId' | 'contact' | 'announced'>[]>;
  /** Endpoints of the lines that have something to do with one of these. */
  endpointsOf(what: {
    readonly tenantId?: string;
    readonly profileId?: string;
    readonly lineTemplateId?: string;
  }): Promise<readonly string[]>;
  /** Of the lines of a tenant's devices, and of its users' on others': by MAC, then by slot. */
  wirings(tenantId: string): Promise<readonly Wiring[]>;
  /** Default lines that were last served before, of devices that have newer ones; none that a phone is being told to fetch. */
  forgottenOffers(servedBefore: Instant): Promise<readonly Holding[]>;
}

export interface HandOvers {
  handOver(mac: Mac, slot: number): Promise<HandOver | undefined>;
  /** How many there are in each state that is not done. */
  unfinishedHandOvers(): Promise<Readonly<Record<'open' | 'failed', number>>>;
  /** Of all slots of a device. */
  handOversOf(mac: Mac): Promise<readonly HandOver[]>;
  /** Open ones whose `nextAttemptAt` has come, or is later than `latest` (`latestDue`), longest due first. */
  dueHandOvers(now: Instant, latest?: Instant): Promise<readonly HandOver[]>;
  putHandOver(handOver: HandOver): Promise<void>;
  removeHandOver(mac: Mac, slot: number): Promise<void>;
  /** Those that are not done, of devices that were here (`whereOf` their contact) when they were accepted. */
  handOversAt(where: string): Promise<readonly HandOver[]>;

  farewells(aor: string): Promise<readonly Farewell[]>;
  /** Of devices that were here (`whereOf` their contact) when they left. */
  farewellsAt(where: string): Promise<readonly Farewell[]>;
  dueFarewells(now: Instant): Promise<readonly Farewell[]>;
  addFarewell(farewell: Farewell): Promise<void>;
  updateFarewell(key: string, change: Partial<Omit<Farewell, 'key'>>): Promise<void>;
  removeFarewell(key: string): Promise<void>;
}

/** Of a line the key is its digest user name, of an administrator's code the tenant, of a serial number who says it of which device. */
export type TriesScope = 'extension' | 'line' | 'administrator' | 'serial' | 'sign_in';

export interface AllTries {
  tries(scope: TriesScope, tenantId: string, key: string): Promise<Tries>;
  /** `against`: the endpoint of the user that was tried, or what else was; of serial numbers the MAC. */
  putTries(scope: TriesScope, tenantId: string, key: string, tries: Tries, at: Instant, against: string): Promise<void>;
  /** Forgets what was counted for one extension or one line. */
  forgiveTries(scope: TriesScope, tenantId: string, key: string): Promise<void>;
  /** Forgets what was counted where the last try was against this endpoint, or this MAC; gives the keys. */
  forgiveAgainst(scope: 'line' | 'serial', against: string): Promise<readonly string[]>;
}

export interface Codes {
  code(id: string): Promise<Code | undefined>;
  codeByHash(hash: string): Promise<Code | undefined>;
  /** Oldest first. */
  codes(tenantId: string): Promise<readonly Code[]>;
  addCode(code: Omit<Code, 'id'>): Promise<Code>;
  useCode(id: string, at: Instant): Promise<void>;
  removeCode(id: string): Promise<void>;
  removeCodes(expiredBefore: Instant): Promise<void>;
}

export interface HotDesks {
  /** The one on this shared phone, if somebody has logged in there. */
  hotDesk(mac: Mac): Promise<HotDesk | undefined>;
  hotDeskOf(userId: string): Promise<HotDesk | undefined>;
  hotDesksThatEnd(by: Instant): Promise<readonly HotDesk[]>;
  /** Whether a user who has borrowed another phone has left this one for that. */
  isHome(mac: Mac): Promise<boolean>;
  addHotDesk(hotDesk: HotDesk): Promise<void>;
  removeHotDesk(mac: Mac): Promise<void>;
}

export interface Redirects {
  redirects(): Promise<readonly Redirect[]>;
  addRedirect(redirect: Omit<Redirect, 'id'>): Promise<Redirect>;
  removeRedirect(id: string): Promise<void>;
}

/** Devices that are told to fetch, one after the other. */
export interface Syncs {
  sync(id: number): Promise<Sync | undefined>;
  /** Oldest first. */
  syncs(tenantId: string): Promise<readonly Sync[]>;
  /** Those that run, and those of which a device that was told is not back yet. */
  syncsUnderWay(): Promise<readonly Sync[]>;
  /** Gives it the next number; its devices in this order. */
  addSync(sync: Omit<Sync, 'id'>, macs: readonly Mac[]): Promise<Sync>;
  updateSync(id: number, change: Partial<Omit<Sync, 'id'>>): Promise<void>;
  /** Those that ended before, with their devices. */
  removeSyncs(endedBefore: Instant): Promise<void>;

  /** By position. */
  syncItems(syncId: number): Promise<readonly SyncItem[]>;
  syncItem(syncId: number, mac: Mac): Promise<SyncItem | undefined>;
  /** Of all syncs that have told this device and wait for it, however long that is ago. */
  syncItemsAwaited(mac: Mac): Promise<readonly SyncItem[]>;
  updateSyncItem(syncId: number, mac: Mac, change: Partial<Omit<SyncItem, 'syncId' | 'mac'>>): Promise<void>;
  /** Of the devices of a sync that are not at an end; one that has been removed is missing. */
  syncPhones(syncId: number): Promise<ReadonlyMap<Mac, SyncPhone>>;
  /** The addresses that other syncs than this one have told somebody at then. */
  toldByOthers(
    syncId: number,
    when: { readonly after: Instant; readonly until: Instant },
  ): Promise<readonly (string | null)[]>;
}

/** What only one process at a time may do, of all that work on one database. */
export type Claimable = 'device' | 'farewell' | 'sync' | 'stale_account' | 'app' | 'orphans' | 'webhook';

/** Who does what that is due. A process that dies has what it took until the time is up, and never longer. */
export interface Claims {
  /**
   * Those of these that are free, or this process's already: they are its own for so many milliseconds, by the database's
   * clock. Not for inside a transaction: others see it at once.
   */
  claim(what: Claimable, keys: readonly string[], forMs: number): Promise<readonly string[]>;
  /** Others may have them at once. */
  giveBack(what: Claimable, keys: readonly string[]): Promise<void>;
  /** Those whose time is up, and that nobody has given back. */
  abandoned(what: Claimable): Promise<readonly string[]>;
}

/** Who may do what an administrator does, besides whoever may run the command. */
export interface Access {
  apiTokenByHash(hash: string): Promise<ApiToken | undefined>;
  /** By name. */
  apiTokens(): Promise<readonly ApiToken[]>;
  addApiToken(token: Omit<ApiToken, 'id'>): Promise<ApiToken>;
  useApiToken(id: string, at: Instant): Promise<void>;
  removeApiToken(id: string): Promise<void>;

  administrator(name: string): Promise<Administrator | undefined>;
  /** By name. */
  administrators(): Promise<readonly Administrator[]>;
  addAdministrator(administrator: Administrator): Promise<void>;
  updateAdministrator(name: string, change: Partial<Omit<Administrator, 'name'>>): Promise<void>;
  /** With all that is this one's. */
  removeAdministrator(name: string): Promise<void>;

  invitation(hash: string): Promise<Invitation | undefined>;
  /** In the place of those that this administrator had. */
  putInvitation(invitation: Invitation): Promise<void>;
  removeInvitations(administrator: string): Promise<void>;

  session(hash: string): Promise<Session | undefined>;
  addSession(session: Session): Promise<void>;
  useSession(hash: string, at: Instant): Promise<void>;
  removeSession(hash: string): Promise<void>;
  removeSessionsOf(administrator: string): Promise<void>;
  removeSessions(createdBefore: Instant): Promise<void>;

  keptAnswer(actor: string, key: string): Promise<KeptAnswer | undefined>;
  addKeptAnswer(answer: KeptAnswer): Promise<void>;
  removeKeptAnswers(before: Instant): Promise<void>;
}

/** Who is told of what happens. */
export interface Webhooks {
  webhook(id: string): Promise<Webhook | undefined>;
  /** Oldest first. */
  webhooks(): Promise<readonly Webhook[]>;
  addWebhook(webhook: Omit<Webhook, 'id'>): Promise<Webhook>;
  updateWebhook(id: string, change: Partial<Omit<Webhook, 'id'>>): Promise<void>;
  /** With its dead letters. */
  removeWebhook(id: string): Promise<void>;

  /** Oldest first. */
  deadLetters(webhookId: string): Promise<readonly DeadLetter[]>;
  addDeadLetter(letter: Omit<DeadLetter, 'id'>): Promise<void>;
  removeDeadLetter(id: string): Promise<void>;
  removeDeadLetters(before: Instant): Promise<void>;
}

/** What holds above every tenant. */
export interface SiteStore {
  site(): Promise<Site>;
  putSite(site: Site): Promise<void>;
}

export interface EventFilter {
  readonly tenantId?: string;
  readonly mac?: Mac;
  readonly userId?: string;
  readonly step?: Step;
  /** Its beginning: `cli` for all commands. */
  readonly actor?: string;
  readonly from?: Instant;
  readonly until?: Instant;
  /** Only those before the one with this id: for the page before. */
  readonly beforeId?: string;
  /** Only those behind the one with this id; then the first of them instead of the latest. */
  readonly afterId?: string;
  readonly limit: number;
}

export interface Journal {
  addEvent(event: NewEvent): Promise<void>;
  /** The latest of those that all parts of the filter fit, newest last. */
  events(filter: EventFilter): Promise<readonly Event[]>;
  removeEvents(before: Instant): Promise<void>;
}

/** Where everything lives. Lookups give `undefined` when there is no such thing. */
export interface Store
  extends
    Tenants,
    Users,
    Devices,
    HandOvers,
    AllTries,
    Codes,
    HotDesks,
    Redirects,
    Syncs,
    Claims,
    StaleAccounts,
    Access,
    Webhooks,
    SiteStore,
    Journal {
  /**
   * All or nothing, and as if no other transaction ran meanwhile, of whatever process. `work` must use the store that it
   * is given and no other, and do nothing else that is seen outside: it runs again when another process was in the way.
   * Rejects with `unavailable` when that lasts. A transaction inside a transaction is part of it.
   */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
}
