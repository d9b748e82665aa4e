import type { z } from 'zod';
import type { Core } from '../administration/core.ts';
import type { NumberCheck } from '../administration/users.ts';
import type { Right, Visitor } from '../domain/access.ts';
import type { Families } from '../phones/family/family.ts';
import type { FamilyFolder } from '../domain/familyFolder.ts';
import type { Secret } from '../domain/secret.ts';
import type { Tenant } from '../domain/tenant.ts';
import type { ServerFacts } from '../phones/view/facts.ts';

export interface PartHealth {
  readonly state: string;
  readonly ok: boolean;
  readonly warning?: string;
}

/** What operations need besides the database. */
export interface Facts {
  readonly families: () => Families;
  readonly server: () => ServerFacts;
  readonly openUrl: () => string;
  readonly familyFolder: FamilyFolder;
  /** `null` when the sounds cannot be seen from here. */
  sounds(): readonly LanguageHeard[] | null;
  /** Where a link that holds this token leads. */
  linkOf(token: Secret): string;
  /** Rejects with `not_found` when an Asterisk that can be asked has no such context. */
  checkContext(context: string): Promise<void>;
  /** What of these tenants' numbers the dialplan that runs has for something else; empty where Asterisk cannot be asked. */
  clashes(tenants: readonly Tenant[]): Promise<readonly string[]>;
  /** How each part is. */
  health(): Promise<Readonly<Record<string, PartHealth>>>;
  /** What Asterisk has to say of numbers of a tenant; empty where it cannot be asked. */
  checkNumbers(tenantId: string, extensions: readonly string[]): Promise<ReadonlyMap<string, NumberCheck>>;
}

/** What callers can hear in one language. */
export interface LanguageHeard {
  readonly language: string;
  readonly complete: boolean;
  readonly ownDigits: boolean;
  readonly missingPrompts: readonly { readonly name: string; readonly khz: readonly number[] }[];
  readonly missingDigits: readonly { readonly name: string; readonly khz: readonly number[] }[];
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What is asked of an operation, checked by its schemas. */
export interface Asked<Parameters, Query, Body> {
  readonly core: Core;
  readonly facts: Facts;
  readonly visitor: Visitor;
  /** What stands in the path. */
  readonly at: Parameters;
  readonly query: Query;
  readonly body: Body;
}

/** What `work` is given. */
type WithTold<Asking, Told> = Asking & {
  /** What `ask` has said. */
  readonly told: Told;
};

interface Described {
  /** One word for programs: `addUser`. */
  readonly id: string;
  readonly method: Method;
  /** Below the API's own path: `/tenants/{tenant}/users`. What has no tenant in it is above all of them. */
  readonly path: string;
  /** What it is about, in the plural. */
  readonly tag: string;
  readonly summary: string;
  readonly right: Right;
  /** Without a tenant in the path, and yet for those who have only one: it looks itself what is theirs. */
  readonly isForAll?: true;
  /** With a tenant in the path, and yet above all of them. */
  readonly isAbove?: true;
  readonly status: 200 | 201 | 204;
  /** Of an answer that is no JSON: `work` gives its text, or a part of it after the other. */
  readonly type?: 'text/csv' | 'application/jsonl';
  /** The body may be a table (`text/csv`) instead, which is the `csv` of it then. */
  readonly takesCsv?: true;
  /** The body is a file, read as it comes. */
  readonly takesFile?: true;
  /** Fields of the answer that are secrets, and shown this once. */
  readonly once?: readonly string[];
  /** Where what was made is found, below the API's own path. */
  readonly location?: (answer: never, at: never) => string;
}

/** One thing that a program can ask for; the schemas of what it sends and gets are its documentation too. */
export interface Operation extends Described {
  readonly at: z.ZodObject;
  readonly query: z.ZodObject;
  /** `null`: none. */
  readonly body: z.ZodType | null;
  readonly answer: z.ZodType | null;
  /** What others than the database are asked first, because `work` may be part of a transaction. */
  ask?(asked: Asked<never, never, never>): Promise<unknown>;
  work(asked: WithTold<Asked<never, never, never>, never>): Promise<unknown>;
}

interface Typed<
  Id extends string,
  At extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType | null,
  Answer extends z.ZodType | null,
  Told,
> extends Described {
  readonly id: Id;
  readonly at: At;
  readonly query: Query;
  readonly body: Body;
  readonly answer: Answer;
  ask?(asked: AskedOf<At, Query, Body>): Promise<Told>;
  work(asked: WithTold<AskedOf<At, Query, Body>, Told>): Promise<unknown>;
}

type AskedOf<At extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType | null> = Asked<
  z.output<At>,
  z.output<Query>,
  Body extends z.ZodType ? z.output<Body> : null
>;

/** The same operation; its schemas say what `work` is given, and its name what its answer is. */
export function operation<
  Id extends string,
  At extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType | null,
  Answer extends z.ZodType | null,
  Told = undefined,
>(described: Typed<Id, At, Query, Body, Answer, Told>): Operation & { readonly id: Id; readonly answer: Answer } {
  return described;
}

/** Whether an `Idempotency-Key` means something: something is made, or shown this once. */
export function takesKey({ status, once }: Pick<Operation, 'status' | 'once'>): boolean {
  return status === 201 || once !== undefined;
}
