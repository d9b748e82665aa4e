import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';

/** What somebody may do with selfprov, besides what phones and callers do. */
export const RIGHTS = {
  /** Read what is not secret. */
  see: 'see users, phones, settings and events',
  /** What a help desk does for somebody who calls it. */
  help: 'give and release phones, have them fetch, unlock, make new PINs',
  change: 'add, change and remove users, phones, profiles and templates',
  /** What holds for all of a tenant. */
  policy: 'change tenants, their rules and codes',
  /** Read what opens something: tokens in URLs, files with passwords in them. */
  secrets: 'see URLs and files of phones with the secrets in them',
  /** Decide who else may. */
  access: 'add and remove administrators and tokens',
} as const;
export type Right = keyof typeof RIGHTS;

/** What a token may be made for, as an administrator says it. */
export const SCOPES = {
  read: ['see'],
  write: ['see', 'help', 'change', 'policy'],
  secrets: ['secrets'],
  access: ['access'],
} as const satisfies Readonly<Record<string, readonly Right[]>>;
export type Scope = keyof typeof SCOPES;

/** What a person may be. */
export const ROLES = {
  administrator: ['see', 'help', 'change', 'policy', 'secrets', 'access'],
  helpdesk: ['see', 'help'],
  viewer: ['see'],
} as const satisfies Readonly<Record<string, readonly Right[]>>;
export type Role = keyof typeof ROLES;

/** A person who signs in. */
export interface Administrator {
  /** Lower case; what one signs in by, and how events name one. */
  readonly name: string;
  readonly role: Role;
  /** The only tenant that this one is for; `null`: all of them, and what is above them. */
  readonly tenantId: string | null;
  /** `null`: has not chosen one yet, or signs in elsewhere. */
  readonly passwordHash: string | null;
  readonly createdAt: Instant;
}

/** A link with which an administrator chooses a password, once. The link itself is not kept. */
export interface Invitation {
  readonly hash: string;
  readonly administrator: string;
  readonly expiresAt: Instant;
}

/** Somebody who has signed in. What the browser shows is not kept. */
export interface Session {
  readonly hash: string;
  readonly administrator: string;
  readonly createdAt: Instant;
  readonly seenAt: Instant;
}

const HOUR_MS = 60 * 60_000;
/** A working day, and a break in it. */
const SESSION_MS = 12 * HOUR_MS;
const IDLE_MS = 2 * HOUR_MS;
export const INVITED_MS = 24 * HOUR_MS;

export function isSessionOver({ createdAt, seenAt }: Session, now: Instant): boolean {
  return now >= createdAt + SESSION_MS || now >= seenAt + IDLE_MS;
}

/** However often it is used. */
export const SESSIONS_KEPT_MS = SESSION_MS;

/** Who asks, and how far it may go. */
export interface Visitor {
  /** For the journal: `api:ansible`, `page:ann`. */
  readonly actor: string;
  /** IP address that it asks from. */
  readonly address: string;
  readonly rights: ReadonlySet<Right>;
  /** The only tenant that it may touch; `null`: all of them, and what is above them. */
  readonly tenantId: string | null;
  /** Of a person who has signed in here: the hash of the session. */
  readonly session?: string;
}

/** What a program shows for itself. The token itself is not kept. */
export interface ApiToken {
  readonly id: string;
  /** What it is for; no two have one name. */
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly tenantId: string | null;
  readonly createdAt: Instant;
  /** `null`: never. */
  readonly expiresAt: Instant | null;
  readonly usedAt: Instant | null;
}

/** What was answered to a request with this key; a program that has not heard it asks again. */
export interface KeptAnswer {
  readonly actor: string;
  readonly key: string;
  /** What was asked, as a hash. */
  readonly request: string;
  readonly status: number;
  /** JSON. */
  readonly answer: Secret;
  readonly at: Instant;
}

export function rightsOf(scopes: readonly Scope[]): ReadonlySet<Right> {
  return new Set(scopes.flatMap((scope): readonly Right[] => SCOPES[scope]));
}

export function visitorOf({ name, role, tenantId }: Administrator, address: string): Visitor {
  return { address, actor: `page:${name}`, rights: new Set<Right>(ROLES[role]), tenantId };
}

/** Whether it may do what needs this right, to something of this tenant; `null`: to what is above all of them. */
export function may({ rights, tenantId }: Visitor, right: Right, of: string | null): boolean {
  return rights.has(right) && (tenantId === null || tenantId === of);
}
