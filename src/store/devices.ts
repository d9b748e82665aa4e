import { randomUUID } from 'node:crypto';
import { whereOf } from '../domain/addresses.ts';
import { chunks } from '../domain/chunks.ts';
import { holdingsOf, type Device, type GivenFile, type Line } from '../domain/device.ts';
import type { Devices } from '../domain/ports.ts';
import type { Instant } from '../domain/time.ts';
import type { Wiring } from '../domain/wiring.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row, type Table } from './table.ts';
import { deviceSearchIn } from './deviceSearch.ts';
import { tokenHash } from './tokenHash.ts';

/** Four digits from the start: easy to say and to key. */
const FIRST_NUMBER = 1001;
/** A text of SQL for each number of rows is kept. */
const SERVED_AT_ONCE = 50;

export function deviceTable(sealer: Sealer): Table<Device> {
  return table<Device>(
    'devices',
    {
      mac: 'text',
      tenantId: 'text',
      family: 'text',
      model: 'text',
      firmware: 'text',
      number: 'number',
      serial: 'text',
      profileId: 'text',
      note: 'text',
      isBlocked: 'boolean',
      says: 'json',
      address: 'text',
      seenAt: 'number',
      createdAt: 'number',
      turnedAwayAt: 'number',
      turnedAwayFrom: 'text',
      movedAt: 'number',
    },
    sealer,
  );
}

export function lineTable(sealer: Sealer): Table<Line> {
  return table<Line>(
    'lines',
    {
      id: 'text',
      mac: 'text',
      slot: 'number',
      userId: 'text',
      endpoint: 'text',
      authName: 'text',
      authUser: 'text',
      authId: 'text',
      number: 'text',
      secret: 'secret',
      realm: 'text',
      md5Credential: 'text',
      former: 'json',
      token: 'secret',
      createdAt: 'number',
      askedAs: 'json',
      address: 'text',
      servedAt: 'number',
      contact: 'text',
      contactCertain: 'boolean',
      disbelieved: 'text',
      leftBehind: 'json',
      announced: 'boolean',
      leftAt: 'number',
      seenAs: 'json',
    },
    sealer,
  );
}

function givenTable(sealer: Sealer): Table<GivenFile> {
  return table<GivenFile>(
    'given_files',
    { mac: 'text', name: 'text', family: 'text', digest: 'text', at: 'number', packed: 'text' },
    sealer,
  );
}

/** Devices with their lines, and what they were given. */
export function devicesIn(sealer: Sealer) {
  const [devices, lines, given] = [deviceTable(sealer), lineTable(sealer), givenTable(sealer)];

  return (query: Query): Devices => {
    const { database } = query;
    return {
      device: (mac) => query.find(devices, { mac }),
      async deviceByToken(token) {
        const hash = tokenHash(token);
        const row = (await database('lines')
          .where({ token_hash: hash })
          .select('mac')
          .unionAll(database('hand_overs').where({ previous_token_hash: hash }).select('mac'))
          .first()) as Row | undefined;
        return row && query.find(devices, { mac: row['mac'] });
      },
      devices: (tenantId) => query.list(devices, { tenant_id: tenantId }, 'mac'),
      searchDevices: deviceSearchIn(query, devices),
      async versions(tenantId) {
        const rows = (await database('devices')
          .where({ tenant_id: tenantId })
          .groupBy('family', 'model', 'firmware')
          .select('family', 'model', { version: 'firmware' })
          .count({ devices: '*' })) as Row[];
        return rows.map((row) => ({
          family: String(row['family']),
          model: row['model'] as string | null,
          version: row['version'] as string | null,
          devices: Number(row['devices']),
        }));
      },
      async addDevice(device) {
        const [row] = await query.run('SELECT max(number) AS highest FROM devices', []);
        const added = { ...device, number: Math.max(Number(row?.['highest'] ?? 0), FIRST_NUMBER - 1) + 1 };
        await query.insert(devices, added);
        return added;
      },
      deviceByNumber: (number) => query.find(devices, { number }),
      updateDevice: (mac, change) => query.update(devices, { mac }, change),
      removeDevice: (mac) => query.remove(devices, { mac }),
      async unusedDevices(notSeenSince) {
        const rows = (await database('devices')
          .where('seen_at', '<', notSeenSince)
          // What has an address has asked; the others were entered.
          .whereNotNull('address')
          .where({ is_blocked: false })
          .whereNotExists(
            database('lines')
              .whereRaw('lines.mac = devices.mac')
              .andWhere(
                (used) => void used.whereNotNull('user_id').orWhereNotNull('contact').orWhereNotNull('seen_as'),
              ),
          )
          .select('mac')) as Row[];
        return rows.map(({ mac }) => String(mac));
      },

      async newestAccount() {
        const row = (await database('lines').whereNotNull('auth_id').orderBy('created_at', 'desc').first()) as
          Row | undefined;
        return row && lines.fromRow(row);
      },
      line: (id) => query.find(lines, { id }),
      async lines(mac) {
        // One that was never asked for comes first: PostgreSQL would have it last.
        const rows = (await database('lines').where({ mac }).orderByRaw('slot, served_at NULLS FIRST, id')) as Row[];
        return rows.map(lines.fromRow);
      },
      linesOfUser: (userId) => query.list(lines, { user_id: userId }, 'auth_name'),
      linesAt: (where) => query.list(lines, { contact_at: where }, 'auth_name'),
      async linesWithFormer() {
        const rows = (await database('lines').whereNotNull('former').orderBy(['mac', 'slot'])) as Row[];
        return rows.map(lines.fromRow);
      },
      linesOfEndpoint: (endpoint) => query.list(lines, { endpoint }, 'auth_name'),
      async defaultLines(tenantId) {
        const rows = (await database('lines')
          .join('devices', 'devices.mac', 'lines.mac')
          .where({ tenant_id: tenantId })
          .whereNull('lines.user_id')
          .orderBy(['lines.mac', 'lines.slot', 'lines.id'])
          .select('lines.id as id', 'lines.mac as mac', 'lines.number as number')) as Row[];
        return rows.map(({ id, mac, number }) => {
          return { id: String(id), mac: String(mac), number: number as string | null };
        });
      },
      async addLine(line) {
        const added = { ...line, id: randomUUID() };
        await query.insert(lines, added, derived(line));
        return added;
      },
      updateLine: (id, change) => query.update(lines, { id }, change, derived(change)),
      removeLine: (id) => query.remove(lines, { id }),
      async updateServed(served) {
        const ofLines = served.flatMap(({ lineIds, at }) => lineIds.map((id) => [id, at] as const));
        for (const some of chunks(served, SERVED_AT_ONCE))
          await putLater(
            query,
            { table: 'devices', key: 'mac', column: 'seen_at' },
            some.map(({ mac, at }) => [mac, at]),
          );
        for (const some of chunks(ofLines, SERVED_AT_ONCE))
          await putLater(query, { table: 'lines', key: 'id', column: 'served_at' }, some);
      },
      givenFiles: (mac) => query.list(given, { mac }, 'name'),
      async putGivenFiles(files) {
        for (const some of chunks(files, SERVED_AT_ONCE)) {
          const rows = some.map((file) => Object.values(given.toRow(file)));
          const columns = given.columns.map((column) => `"${column}"`).join(', ');
          const marks = some.map(() => '(?, ?, ?, ?, CAST(? AS bigint), ?)').join(', ');
          // Both databases name columns of VALUES so. Who forgets a device meanwhile is not in the way.
          await query.run(
            `INSERT INTO given_files (${columns}) SELECT * FROM (VALUES ${marks}) AS later
              WHERE EXISTS (SELECT 1 FROM devices WHERE devices.mac = later.column1)
              ON CONFLICT (mac, name) DO UPDATE SET family = excluded.family, digest = excluded.digest,
                at = excluded.at, packed = excluded.packed`,
            rows.flat(),
          );
        }
      },
      async knownRegistrations() {
        const rows = (await database('lines').select('endpoint', 'user_id', 'contact', 'announced')) as Row[];
        return rows.map((row) => ({
          endpoint: String(row['endpoint']),
          userId: row['user_id'] as string | null,
          contact: row['contact'] as string | null,
          announced: Boolean(row['announced']),
        }));
      },
      async endpointsOf({ tenantId, profileId, lineTemplateId }) {
        const wanted = database('lines')
          .leftJoin('users', 'users.id', 'lines.user_id')
          .leftJoin('user_profiles', 'user_profiles.id', 'users.profile_id')
          .join('devices', 'devices.mac', 'lines.mac')
          .distinct('lines.endpoint');
        if (tenantId !== undefined)
          void wanted.whereRaw('coalesce(users.tenant_id, devices.tenant_id) = ?', [tenantId]);
        if (profileId !== undefined) void wanted.where('users.profile_id', profileId);
        if (lineTemplateId !== undefined)
          // Which default lines it is for, the tenants know by family: there are few default lines.
          void wanted.where((either) => {
            void either.where('user_profiles.line_template_id', lineTemplateId).orWhereNull('lines.user_id');
          });
        return ((await wanted) as Row[]).map(({ endpoint }) => String(endpoint));
      },
      async wirings(tenantId) {
        const rows = (await database('lines')
          .join('devices', 'devices.mac', 'lines.mac')
          .leftJoin('users', 'users.id', 'lines.user_id')
          .leftJoin('user_profiles', 'user_profiles.id', 'users.profile_id')
          .leftJoin({ entered: 'user_profiles' }, 'entered.id', 'devices.profile_id')
          .where((either) => void either.where('devices.tenant_id', tenantId).orWhere('users.tenant_id', tenantId))
          .orderBy(['lines.mac', 'lines.slot'])
          .select('devices.mac', 'devices.family', 'devices.model', 'devices.firmware', 'lines.slot')
          .select('lines.user_id', 'users.profile_id')
          .select('user_profiles.line_template_id', 'user_profiles.device_template_id')
          .select({ entered_id: 'entered.id', entered_template_id: 'entered.device_template_id' })) as Row[];
        return rows.map(wiringOf);
      },
      async forgottenOffers(servedBefore) {
        const rows = (await database({ old: 'lines' })
          .whereNull('old.user_id')
          .andWhere('old.served_at', '<', servedBefore)
          .whereExists(
            database({ other: 'lines' }).whereRaw(
              `other.mac = old.mac AND other.user_id IS NULL AND other.token_hash <> old.token_hash
                AND other.served_at > old.served_at`,
            ),
          )
          .whereNotExists(
            database({ awaited: 'lines' })
              .join('hand_overs', 'hand_overs.line_id', 'awaited.id')
              .whereRaw(`awaited.token_hash = old.token_hash AND hand_overs.state = 'open'`),
          )
          .whereNotExists(
            database({ users: 'lines' }).whereRaw('users.token_hash = old.token_hash AND users.user_id IS NOT NULL'),
          )
          .select('old.*')) as Row[];
        return holdingsOf(rows.map(lines.fromRow));
      },
    };
  };
}

function wiringOf(row: Row): Wiring {
  const user = {
    id: String(row['user_id']),
    profileId: String(row['profile_id']),
    lineTemplateId: String(row['line_template_id']),
    deviceTemplateId: String(row['device_template_id']),
  };
  const entered = { profileId: String(row['entered_id']), deviceTemplateId: String(row['entered_template_id']) };
  return {
    mac: String(row['mac']),
    family: String(row['family']),
    model: row['model'] as string | null,
    firmware: row['firmware'] as string | null,
    slot: Number(row['slot']),
    user: row['user_id'] === null ? null : user,
    entered: row['entered_id'] === null ? null : entered,
  };
}

/** Columns that are only there to be searched by, or for Asterisk. */
function derived({ token, contact, former }: Partial<Line>): Row {
  const taken = former == null || former.withdrawnAt !== null ? null : former;
  return {
    ...(former === undefined
      ? {}
      : {
          former_auth_id: taken?.authId ?? null,
          former_auth_name: taken?.authName ?? null,
          former_md5_credential: taken?.md5Credential ?? null,
        }),
    ...(token === undefined ? {} : { token_hash: tokenHash(token) }),
    ...(contact === undefined ? {} : { contact_at: contact === null ? null : whereOf(contact) }),
  };
}

/** Of many rows in one statement: who writes meanwhile waits for it. Earlier times change nothing. */
async function putLater(
  query: Query,
  { table: name, key, column }: { readonly table: string; readonly key: string; readonly column: string },
  times: readonly (readonly [key: string, at: Instant])[],
): Promise<void> {
  const rows = times.map(() => '(CAST(? AS text), CAST(? AS bigint))').join(', ');
  // Both databases name columns of VALUES so.
  await query.run(
    `UPDATE ${name} SET ${column} = later.column2 FROM (VALUES ${rows}) AS later
      WHERE ${name}.${key} = later.column1 AND ${name}.${column} < later.column2`,
    times.flat(),
  );
}
