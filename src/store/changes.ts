import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../domain/ports.ts';
import type { Change } from '../domain/snapshot.ts';

type Aggregates = Omit<Store, 'transaction'>;

/** Tells of committed writes. */
export interface Changes {
  subscribe(hear: (change: Change) => void): void;
  tell(change: Change): void;
}

export function changes(): Changes {
  const all: ((change: Change) => void)[] = [];
  return {
    subscribe: (hear) => void all.push(hear),
    tell: (change) => all.forEach((hear) => hear(change)),
  };
}

/** Whom what this process tells comes from. */
export interface Teller {
  name(): string;
  /** What was told until now, and is heard later, is somebody else's. */
  rename(): void;
}

export function teller(): Teller {
  let name = randomUUID();
  return {
    name: () => name,
    rename() {
      name = randomUUID();
    },
  };
}

/** What one process tells the others, in fewer bytes than PostgreSQL takes (8,000). */
export function changesMessage(from: string, all: readonly Change[]): string {
  const different = [...new Map(all.map((change) => [JSON.stringify(change), change])).values()];
  const text = JSON.stringify(different.includes('all') ? ['all'] : different);
  return `${CHANGED}${from} ${text.length > MOST_TOLD ? JSON.stringify(['all']) : text}`;
}

/**
 * What another process than `own` has told; `undefined` for something else. What cannot be read, whoever sent it, may be
 * anything.
 */
export function readChangesMessage(own: string, message: string): readonly Change[] | undefined {
  if (!message.startsWith(CHANGED)) return undefined;
  const [from = '', text = ''] = message.slice(CHANGED.length).split(/ (.*)/s);
  if (from === own) return [];
  try {
    return CHANGES.parse(JSON.parse(text));
  } catch {
    return ['all'];
  }
}

const CHANGED = 'changed ';
const MOST_TOLD = 7000;
const CHANGES: z.ZodType<readonly Change[]> = z.array(
  z.union([z.literal('all'), z.object({ mac: z.string() }), z.object({ lineId: z.string() })]),
);

/** How the names of methods begin that write something, but for claims: those are for outside of transactions. */
export const WRITES = /^(?:add|forgive|put|remove|update|use)[A-Z]/;

type What = { readonly [Name in keyof Aggregates]?: (...given: Parameters<Aggregates[Name]>) => readonly Change[] };

const nothing = (): readonly Change[] => [];

/** What a write changes of that which files rest on; one that is not listed here, of anything. */
const WHAT: What = {
  updateServed: (served) => served.map(({ mac }) => ({ mac })),
  putGivenFiles: (files) => files.map(({ mac }) => ({ mac })),
  addDevice: ({ mac }) => [{ mac }],
  updateDevice: (mac) => [{ mac }],
  removeDevice: (mac) => [{ mac }],
  addLine: ({ mac }) => [{ mac }],
  updateLine: (lineId) => [{ lineId }],
  removeLine: (lineId) => [{ lineId }],
  putHandOver: ({ mac }) => [{ mac }],
  removeHandOver: (mac) => [{ mac }],
  updateSyncItem: (_, mac) => [{ mac }],
  // Of somebody who has no line yet.
  addUser: nothing,
  addFarewell: nothing,
  updateFarewell: nothing,
  removeFarewell: nothing,
  putTries: nothing,
  forgiveTries: nothing,
  forgiveAgainst: nothing,
  addCode: nothing,
  useCode: nothing,
  removeCode: nothing,
  removeCodes: nothing,
  addApiToken: nothing,
  useApiToken: nothing,
  removeApiToken: nothing,
  addAdministrator: nothing,
  updateAdministrator: nothing,
  removeAdministrator: nothing,
  putInvitation: nothing,
  removeInvitations: nothing,
  addSession: nothing,
  useSession: nothing,
  removeSession: nothing,
  removeSessionsOf: nothing,
  removeSessions: nothing,
  addWebhook: nothing,
  updateWebhook: nothing,
  removeWebhook: nothing,
  addDeadLetter: nothing,
  removeDeadLetter: nothing,
  removeDeadLetters: nothing,
  addKeptAnswer: nothing,
  removeKeptAnswers: nothing,
  putOffStaleAccount: nothing,
  removeStaleAccount: nothing,
  addEvent: nothing,
  removeEvents: nothing,
};

/** The same store, which says what each write changes, whether it succeeds or not. */
export function telling(all: Aggregates, tell: (change: Change) => void): Aggregates {
  const methods = Object.entries(all) as [keyof Aggregates, (...given: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(
    methods.map(([name, method]) => {
      if (!WRITES.test(name)) return [name, method];
      const what = WHAT[name] as ((...given: unknown[]) => readonly Change[]) | undefined;
      return [
        name,
        async (...given: unknown[]) => {
          try {
            return await method(...given);
          } finally {
            for (const change of what === undefined ? (['all'] as const) : what(...given)) tell(change);
          }
        },
      ];
    }),
  ) as unknown as Aggregates;
}
