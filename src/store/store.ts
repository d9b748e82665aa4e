import { createHash, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { SelfprovError } from '../domain/errors.ts';
import { NO_TRIES } from '../domain/lockout.ts';
import type { Store } from '../domain/ports.ts';
import type { Secret } from '../domain/secret.ts';
import type { Device, Event } from '../domain/types.ts';
import type { Row, Table } from './table.ts';
import type { Tables } from './tables.ts';

const TRIES_KEPT_MS = 7 * 24 * 60 * 60_000;

/** What a store tells its surroundings. */
export interface StoreOptions {
  readonly now: () => number;
  /** Hears of every event once it is committed: what is in the log is in the database. */
  readonly onEvent: (event: Omit<Event, 'id'>) => void;
}

/** The store over one database, or over one transaction of it. */
export function createStore(database: Knex, all: Tables, options: StoreOptions): Store {
  const find = async <T>(of: Table<T>, where: Row): Promise<T | undefined> => {
    const row = (await database(of.name).where(where).first()) as Row | undefined;
    return row && of.fromRow(row);
  };
  const list = async <T>(of: Table<T>, where: Row, order: string): Promise<readonly T[]> => {
    const rows = (await database(of.name).where(where).orderBy(order)) as Row[];
    return rows.map(of.fromRow);
  };
  const insert = async <T>(of: Table<T>, value: T): Promise<void> => {
    await database(of.name).insert(of.toRow(value));
  };
  const update = async <T>(of: Table<T>, where: Row, change: Partial<T>): Promise<void> => {
    await database(of.name).where(where).update(of.toRow(change));
  };

  const store: Store = {
    async transaction(work) {
      if (database.isTransaction) return work(store);
      const events: Omit<Event, 'id'>[] = [];
      try {
        const result = await database.transaction(async (transaction) => {
          // A transaction that reads first and writes later fails at once when another process wrote in between; one that
          // begins with a write waits for its turn (SQLite: BEGIN IMMEDIATE, which knex cannot say).
          await transaction('tenants').whereRaw('1 = 0').update({ name: '' });
          return work(createStore(transaction, all, { ...options, onEvent: (event) => events.push(event) }));
        });
        events.forEach(options.onEvent);
        return result;
      } catch (cause) {
        if (!isBusy(cause)) throw cause;
        throw new SelfprovError('unavailable', 'another program keeps the database locked: try again', { cause });
      }
    },

    tenant: (id) => find(all.tenants, { id }),
    tenants: () => list(all.tenants, {}, 'id'),
    updateTenant: (id, change) => update(all.tenants, { id }, change),

    user: (id) => find(all.users, { id }),
    userByExtension: (tenantId, extension) => find(all.users, { tenant_id: tenantId, extension }),
    users: (tenantId) => list(all.users, { tenant_id: tenantId }, 'extension'),
    async addUser(user) {
      const added = { ...user, id: randomUUID() };
      const insertion = database('users').insert(all.users.toRow(added));
      const rows: unknown[] = await insertion.onConflict(['tenant_id', 'extension']).ignore().returning('id');
      if (rows.length === 0) throw new SelfprovError('conflict', `extension ${user.extension} exists already`);
      return added;
    },
    updateUser: (id, change) => update(all.users, { id }, change),
    async removeUser(id) {
      await database('users').where({ id }).delete();
    },

    profile: (id) => find(all.profiles, { id }),
    lineTemplate: (id) => find(all.lineTemplates, { id }),
    deviceTemplate: (id) => find(all.deviceTemplates, { id }),

    device: (mac) => find(all.devices, { mac }),
    devices: (tenantId) => list(all.devices, { tenant_id: tenantId }, 'mac'),
    async deviceByToken(token) {
      const hash = hashOf(token);
      const row = (await database('devices')
        .where({ token_hash: hash })
        .orWhere({ previous_token_hash: hash })
        .first()) as Row | undefined;
      return row && all.devices.fromRow(row);
    },
    async addDevice(device) {
      await database('devices').insert({ ...all.devices.toRow(device), ...tokenHashes(device) });
    },
    async updateDevice(mac, change) {
      await database('devices')
        .where({ mac })
        .update({ ...all.devices.toRow(change), ...tokenHashes(change) });
    },
    async removeDevice(mac) {
      await database('devices').where({ mac }).delete();
    },

    lines: (mac) => list(all.lines, { mac }, 'slot'),
    linesOfUser: (userId) => list(all.lines, { user_id: userId }, 'auth_name'),
    linesOfEndpoint: (endpoint) => list(all.lines, { endpoint }, 'auth_name'),
    addLine: (line) => insert(all.lines, { ...line, id: randomUUID() }),
    async registeredEndpoints() {
      const rows = (await database('lines').distinct('endpoint').whereNotNull('contact')) as Row[];
      return rows.map(({ endpoint }) => String(endpoint));
    },
    setLineContact: (id, contact) => update(all.lines, { id }, { contact }),
    async removeLines(mac) {
      await database('lines').where({ mac }).delete();
    },

    handOver: (mac) => find(all.handOvers, { mac }),
    async dueHandOvers(now) {
      const rows = (await database('hand_overs')
        .where({ state: 'open' })
        .andWhere('next_attempt_at', '<=', now)
        .orderBy('next_attempt_at')) as Row[];
      return rows.map(all.handOvers.fromRow);
    },
    async putHandOver(handOver) {
      await database('hand_overs').insert(all.handOvers.toRow(handOver)).onConflict('mac').merge();
    },
    updateHandOver: (mac, change) => update(all.handOvers, { mac }, change),

    staleRegistrations: () => list(all.stale, {}, 'id'),
    addStaleRegistration: (stale) => insert(all.stale, { ...stale, id: randomUUID() }),
    async removeStaleRegistration(id) {
      await database('stale_registrations').where({ id }).delete();
    },

    async tries(scope, tenantId, key) {
      const row = await find(all.tries, { scope, tenant_id: tenantId, key });
      return row ? { wrong: row.wrong, locks: row.locks, lockedUntil: row.lockedUntil } : NO_TRIES;
    },
    async putTries(scope, tenantId, key, tries, at) {
      // Extensions that do not exist are counted too; what nobody has tried for a week is forgotten.
      await database('tries')
        .where('updated_at', '<', at - TRIES_KEPT_MS)
        .delete();
      const row = all.tries.toRow({ ...tries, scope, tenantId, key, updatedAt: at });
      await database('tries').insert(row).onConflict(['scope', 'tenant_id', 'key']).merge();
    },

    async addEvent(event) {
      const whole = { mac: null, userId: null, detail: {}, at: options.now(), ...event };
      await database('events').insert(all.events.toRow(whole));
      options.onEvent(whole);
    },
    async events({ mac, userId, limit }) {
      const query = database('events').orderBy('id', 'desc').limit(limit);
      if (mac !== undefined) void query.where({ mac });
      if (userId !== undefined) void query.where({ user_id: userId });
      return ((await query) as Row[]).map(all.events.fromRow).toReversed();
    },
  };
  return store;
}

/** Tokens are long and random: a plain hash of one cannot be turned back. */
function hashOf(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex');
}

function tokenHashes({ token, previousToken }: Partial<Device>): Row {
  return {
    ...(token === undefined ? {} : { token_hash: hashOf(token) }),
    ...(previousToken === undefined ? {} : { previous_token_hash: previousToken && hashOf(previousToken) }),
  };
}

/** Somebody else wrote for longer than the busy timeout. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
