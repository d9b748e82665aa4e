import type { Device } from '../domain/device.ts';
import type { DeviceSearch } from '../domain/ports.ts';
import { likeness } from './likeness.ts';
import type { Query } from './query.ts';
import type { Row, Table } from './table.ts';

const USERS_LINES = 'SELECT 1 FROM lines JOIN users ON users.id = lines.user_id WHERE lines.mac = devices.mac';
const HAND_OVERS = 'SELECT 1 FROM hand_overs WHERE hand_overs.mac = devices.mac';
/** What a word is looked for in, as one text: a word has no space in it, and one look takes less time than six. */
const TEXTS = together(['model', 'firmware', 'address', 'serial', 'note', 'family'].map((name) => `devices.${name}`));
const PEOPLE = together(['users.extension', 'users.name']);

/** Of `stateOf`, in SQL. */
const STATES: Readonly<Record<NonNullable<DeviceSearch['state']>, string>> = {
  unassigned: `NOT EXISTS (${USERS_LINES})`,
  assigned: `EXISTS (${USERS_LINES})`,
  handing_over: `EXISTS (${HAND_OVERS} AND hand_overs.state = 'open')`,
  failed: `EXISTS (${HAND_OVERS} AND hand_overs.state = 'failed')`,
  registered: 'EXISTS (SELECT 1 FROM lines WHERE lines.mac = devices.mac AND lines.contact IS NOT NULL)',
  unregistered: `EXISTS (${USERS_LINES} AND lines.contact IS NULL)`,
  blocked: 'devices.is_blocked = ?',
};

/** What stands behind a device in a list, and the list's order. */
const ORDERS = {
  mac: { behind: 'devices.mac > ?', by: 'devices.mac' },
  newest: {
    behind: '(devices.created_at, devices.mac) < (SELECT d.created_at, d.mac FROM devices d WHERE d.mac = ?)',
    by: 'devices.created_at DESC, devices.mac DESC',
  },
} as const;

/** A number of a device fits into a column of 32 bits. */
const NUMBER = /^\d{1,9}$/;

/** Devices that all of a search fits, in its order, and how many there are of them in all. */
export function deviceSearchIn({ run }: Query, devices: Table<Device>) {
  return async ({ tenantId, text = '', titles, order = 'mac', after, limit, ...wanted }: DeviceSearch) => {
    const { state, family, profileId, isOwn } = wanted;
    const conditions: string[] = [];
    const values: unknown[] = [];
    const where = (condition: string, ...given: readonly unknown[]): void => {
      conditions.push(`(${condition})`);
      values.push(...given);
    };
    where(`devices.tenant_id = ? OR EXISTS (${USERS_LINES} AND users.tenant_id = ?)`, tenantId, tenantId);
    if (family !== undefined) where('devices.family = ?', family);
    if (profileId !== undefined)
      where(
        `EXISTS (${USERS_LINES} AND users.profile_id = ?) OR (devices.profile_id = ? AND NOT EXISTS (${USERS_LINES}))`,
        ...[profileId, profileId],
      );
    if (isOwn !== undefined) where(`devices.tenant_id ${isOwn ? '=' : '<>'} ?`, tenantId);
    if (state !== undefined) where(STATES[state], ...(state === 'blocked' ? [true] : []));
    for (const word of text.split(/\s+/).filter((each) => each !== '')) {
      const { like, spellings } = likeness(word);
      const mac = word.replaceAll(/[:.-]/g, '').toLowerCase();
      const isMac = /^[0-9a-f]{2,12}$/.test(mac);
      const called = familiesCalled(titles, word);
      where(
        [
          like(TEXTS),
          // Asked once for all, and not for each device.
          `devices.mac IN (SELECT lines.mac FROM users JOIN lines ON lines.user_id = users.id WHERE ${like(PEOPLE)})`,
          ...(isMac ? ['devices.mac LIKE ?'] : []),
          ...(NUMBER.test(word) ? ['devices.number = ?'] : []),
          ...(called.length > 0 ? [`devices.family IN (${called.map(() => '?').join(', ')})`] : []),
        ].join(' OR '),
        ...[TEXTS, PEOPLE].flatMap(() => spellings),
        ...(isMac ? [`%${mac}%`] : []),
        ...(NUMBER.test(word) ? [Number(word)] : []),
        ...called,
      );
    }
    const all = `FROM devices WHERE ${conditions.join(' AND ')}`;
    const { behind, by } = ORDERS[order];
    const from = after === undefined ? '' : ` AND ${behind}`;
    const sql = `SELECT devices.* ${all}${from} ORDER BY ${by} LIMIT ?`;
    const rows: readonly Row[] = await run(sql, [...values, ...(after === undefined ? [] : [after]), limit]);
    const found = { devices: rows.map(devices.fromRow) };
    if (after === undefined && rows.length < limit) return { ...found, count: rows.length };
    const [counted] = await run(`SELECT COUNT(*) AS count ${all}`, values);
    return { ...found, count: Number(counted?.['count'] ?? 0) };
  };
}

function together(columns: readonly string[]): string {
  return `(${columns.map((column) => `COALESCE(${column}, '')`).join(" || ' ' || ")})`;
}

/** The families whose names have this word in them. */
function familiesCalled(titles: DeviceSearch['titles'] = new Map(), word: string): readonly string[] {
  const lower = word.toLowerCase();
  return [...titles].flatMap(([family, title]) => (title.toLowerCase().includes(lower) ? [family] : []));
}
