import { isDefaultLine, type Device } from '../../domain/device.ts';
import { DEVICE_SETTINGS, type DeviceSettings } from '../../domain/deviceSettings.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { formatMac, parseMac, type Mac } from '../../domain/mac.ts';
import type { Store } from '../../domain/ports.ts';
import type { User, UserProfile } from '../../domain/user.ts';
import { linesIn } from '../../phones/family/models.ts';
import type { Families } from '../../phones/family/family.ts';
import { goodNote, plainSerial } from '../devices.ts';
import { tooFewLines } from '../whoseDevice.ts';
import { named } from '../names.ts';
import { changes, said, type Texts } from '../settings.ts';
import type { Change, Column, Kind, Wrong } from './kind.ts';
import { settingColumns } from './settingColumns.ts';

/** Columns for the users of an adapter's ports; more ports than these are filled one by one. */
const PORT_COLUMNS = 8;

export interface DeviceDraft {
  readonly mac: Mac;
  readonly family?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly note?: string;
  readonly profile?: string;
  /** Extension by port. */
  readonly users: Readonly<Record<number, string>>;
  readonly texts: Texts;
}

export type DevicePlan = Change & { readonly draft: DeviceDraft; readonly newUsers: Readonly<Record<number, string>> };

/** A device as it is exported. */
export interface DeviceLine {
  readonly device: Device;
  readonly profile: string;
  readonly users: Readonly<Record<number, string>>;
}

type DeviceColumn = Column<DeviceDraft, DeviceLine>;

/** The table of a tenant's devices. */
export async function devicesKind(
  store: Store,
  families: Families,
  tenantId: string,
): Promise<Kind<DeviceDraft, DevicePlan, DeviceLine>> {
  const known = new Map((await deviceLines(store, tenantId)).map((line) => [line.device.mac, line]));
  const elsewhere = new Set<Mac>();
  for (const { id } of await store.tenants()) {
    if (id === tenantId) continue;
    for (const { mac } of await store.devices(id)) elsewhere.add(mac);
  }
  const users = new Map((await store.users(tenantId)).map((user) => [user.extension, user]));
  const profiles = await store.profiles(tenantId);

  function plan(draft: DeviceDraft, wrong: Wrong): DevicePlan {
    const before = known.get(draft.mac);
    if (elsewhere.has(draft.mac)) wrong('mac', 'this device is of another tenant: see "selfprov device move"');
    if (before === undefined && draft.family === undefined)
      wrong('family', `there is no device ${formatMac(draft.mac)} yet, and a new one needs a family`);
    // One that is there may be of a family that is recognised only.
    else if (before === undefined && (families.byId.get(draft.family ?? '')?.files.size ?? 0) === 0)
      wrong('family', `there is no family ${draft.family} with files: see "selfprov families"`);
    if (before !== undefined && draft.family !== undefined && draft.family !== before.device.family)
      wrong('family', `this device has said itself that it is ${before.device.family}`);
    const newUsers = usersToGive(draft, before, wrong);
    if (before === undefined) {
      const fields = { family: draft.family ?? '', ...plainOf(draft), ...usersOf(newUsers) };
      return { what: 'new', draft, newUsers, fields };
    }
    const fields = { ...changesOf(draft, before), ...usersOf(newUsers) };
    return { what: Object.keys(fields).length === 0 ? 'unchanged' : 'changed', draft, newUsers, fields };
  }

  /** Those that ports do not have yet; a port is not taken from anybody by a table. */
  function usersToGive(draft: DeviceDraft, before: DeviceLine | undefined, wrong: Wrong): Record<number, string> {
    const family = draft.family ?? before?.device.family ?? '';
    const model = draft.model ?? before?.device.model ?? null;
    const lines = linesIn(families, { family, model });
    const given: Record<number, string> = {};
    for (const [port, extension] of Object.entries(draft.users)) {
      const column = userColumnName(Number(port));
      const has = before?.users[Number(port)];
      if (!users.has(extension)) wrong(column, `there is no user with extension ${extension}`);
      else if (Number(port) > lines) wrong(column, tooFewLines(lines));
      else if (Object.entries(draft.users).some(([at, each]) => each === extension && Number(at) < Number(port)))
        wrong(column, `${extension} stands twice in this line: a user has one line of a device`);
      else if (has !== undefined && has !== extension) wrong(column, `this is ${has}'s: release it first`);
      else if (has === undefined && Object.values(before?.users ?? {}).includes(extension))
        wrong(column, `${extension} has a line of this device already`);
      else if (has === undefined && before?.device.isBlocked === true)
        wrong(column, 'the device is blocked: see "selfprov device unblock"');
      else if (has === undefined) given[Number(port)] = extension;
    }
    return given;
  }

  const columns = deviceColumns(profiles);
  return { what: 'devices', columns, key: 'mac', blank: { mac: '', users: {}, texts: {} }, keyOf, plan };
}

/** Devices as they are exported, without any secret. */
export async function deviceLines(store: Store, tenantId: string): Promise<readonly DeviceLine[]> {
  const names = new Map((await store.profiles(tenantId)).map(({ id, name }) => [id, name]));
  const users = new Map((await store.users(tenantId)).map((user): [string, User] => [user.id, user]));
  const all: DeviceLine[] = [];
  for (const device of await store.devices(tenantId)) {
    const its = (await store.lines(device.mac)).filter((line) => !isDefaultLine(line));
    const byPort = its.map(({ slot, userId }) => [slot, users.get(userId ?? '')?.extension ?? '']);
    const profile = device.profileId === null ? '' : (names.get(device.profileId) ?? '');
    all.push({ device, profile, users: Object.fromEntries(byPort) });
  }
  return all;
}

/** Names of the columns, for a usage text. */
export function deviceColumnNames(): readonly string[] {
  return deviceColumns([]).map(({ name }) => name);
}

function deviceColumns(profiles: readonly UserProfile[]): readonly DeviceColumn[] {
  return [
    {
      name: 'mac',
      always: true,
      read(draft, cell) {
        const mac = parseMac(cell.trim());
        if (mac === undefined) throw new SelfprovError('invalid', 'write a MAC address as 00:15:65:aa:bb:cc');
        return { ...draft, mac };
      },
      show: ({ device }) => formatMac(device.mac),
    },
    {
      name: 'family',
      always: true,
      read: (draft, cell) => ({ ...draft, family: cell.trim() }),
      show: ({ device }) => device.family,
    },
    plainColumn('model', ({ device }) => device.model ?? ''),
    plainColumn('serial', ({ device }) => device.serial ?? ''),
    plainColumn('note', ({ device }) => device.note),
    {
      name: 'profile',
      read(draft, cell) {
        named(profiles, cell.trim(), 'profile');
        return { ...draft, profile: cell.trim() };
      },
      show: ({ profile }) => profile,
    },
    ...Array.from({ length: PORT_COLUMNS }, (_, at) => userColumn(at + 1)),
    ...settingColumns<DeviceSettings, DeviceDraft, DeviceLine>(DEVICE_SETTINGS, ({ device }) => device.says),
  ];
}

/** `user` is the first port's, `user-2` the second one's. */
function userColumnName(port: number): string {
  return port === 1 ? 'user' : `user-${port}`;
}

function userColumn(port: number): DeviceColumn {
  return {
    name: userColumnName(port),
    read: (draft, cell) => ({ ...draft, users: { ...draft.users, [port]: cell.trim() } }),
    show: ({ users }) => users[port] ?? '',
  };
}

function plainColumn(name: 'model' | 'serial' | 'note', show: (line: DeviceLine) => string): DeviceColumn {
  return { name, read: (draft, cell) => ({ ...draft, [name]: goodNote(cell) }), show };
}

function plainOf({ model, serial, note, profile, texts }: DeviceDraft): Record<string, string> {
  const plain = { model, serial, note, profile };
  const set = Object.entries(plain).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { ...Object.fromEntries(set), ...changes(DEVICE_SETTINGS, {}, said(DEVICE_SETTINGS, {}, texts)) } as Record<
    string,
    string
  >;
}

function changesOf(draft: DeviceDraft, { device, profile }: DeviceLine): Record<string, string> {
  const { note, serial, profile: wanted, texts } = draft;
  return {
    ...(note === undefined || note === device.note ? {} : { note }),
    ...(serial === undefined || plainSerial(serial) === device.serial ? {} : { serial }),
    ...(wanted === undefined || wanted === profile ? {} : { profile: wanted }),
    ...(changes(DEVICE_SETTINGS, device.says, said(DEVICE_SETTINGS, device.says, texts)) as Record<string, string>),
  };
}

function usersOf(users: Readonly<Record<number, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(users).map(([port, user]) => [userColumnName(Number(port)), user]));
}

function keyOf({ mac }: DeviceDraft): string {
  return mac;
}
