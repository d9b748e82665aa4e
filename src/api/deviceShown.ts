import { z } from 'zod';
import { ATTENTIONS, showDevice, type DeviceShown } from '../administration/deviceList.ts';
import type { SettingShown } from '../administration/effective.ts';
import type { Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import type { Asked } from './operation.ts';
import { inTenant, mac, macShown, time } from './schemas.ts';

const text = z.string();
const LINE = z
  .object({
    slot: z.number().int().meta({ description: 'from 1, as on the phone' }),
    account: text.meta({ description: 'the name that it registers by' }),
    extension: text.nullable().meta({ description: 'whose it is; `null`: a default line' }),
    name: text.nullable().meta({ description: 'of that user' }),
    address: text.nullable().meta({ description: 'where the file with it was last given to; `null`: it was not' }),
    tenantId: text,
    registered: z.boolean(),
    asterisk: text.nullable().meta({ description: 'where, of several' }),
  })
  .meta({ id: 'Line' });
export const HAND_OVER = z
  .object({
    id: text,
    mac: macShown,
    slot: z.number().int(),
    kind: z.enum(['assign', 'release']),
    state: z.enum(['open', 'done', 'failed']),
    failure: z.enum(['not_notified', 'not_fetched', 'not_registered']).nullable(),
    lineId: text,
    aor: text,
    leaves: text.nullable(),
    contact: text.nullable(),
    contactsBefore: z.array(text).nullable(),
    address: text.nullable(),
    windowEndsAt: time,
    acceptedAt: time,
    notifiedAt: time.nullable(),
    fetchedAt: time.nullable(),
    registeredAt: time.nullable(),
    attempts: z.number().int().meta({ description: 'how often it was told to fetch' }),
    nextAttemptAt: time.nullable(),
  })
  .meta({ id: 'HandOver' });
export const DEVICE = z
  .object({
    mac: macShown,
    number: z.number().int().meta({ description: 'short, for people' }),
    tenantId: text.nullable().meta({ description: '`null`: a tenant’s that is not for you to see' }),
    isBlocked: z.boolean(),
    serial: text.nullable(),
    remark: text.meta({ description: 'an administrator’s own' }),
    family: text,
    model: text.nullable(),
    firmware: text.nullable(),
    state: z.enum(['unassigned', 'handing_over', 'assigned']),
    address: text.nullable(),
    seenAt: time,
    createdAt: time,
    extension: text.nullable().meta({ description: 'of its users, separated by commas' }),
    lines: z.array(LINE),
    registered: z.boolean(),
    locked: z.boolean(),
    handOver: HAND_OVER.nullable().meta({ description: 'the latest' }),
    attention: z
      .object({ kind: z.enum(ATTENTIONS), address: text.nullable().meta({ description: 'whom it is about' }) })
      .nullable()
      .meta({ description: 'what `note` says, for programs' }),
    note: text.nullable().meta({ description: 'what somebody should know or do; `null` when all is well' }),
  })
  .meta({ id: 'Device' });
export const oneDevice = inTenant.extend({ mac });
export type AtDevice = z.output<typeof oneDevice>;
export type AskedOfDevice = Pick<Asked<AtDevice, unknown, unknown>, 'core' | 'facts' | 'visitor' | 'at'>;

/** Rejects with `not_found` for one of another tenant; `isSeen`: a user of this tenant having a line on it is enough. */
export async function checkOurs({ core, at }: Pick<AskedOfDevice, 'core' | 'at'>, isSeen = false): Promise<void> {
  const device = await core.store.device(at.mac);
  const tenants = isSeen ? await tenantsOn(core.store, at.mac) : [];
  const isOurs = device?.tenantId === at.tenant || tenants.includes(at.tenant);
  orNotFound(isOurs ? device : undefined, `device ${formatMac(at.mac)}`);
}

/** The same, and rejects with `conflict` for one whose file has a line of a tenant that this visitor may not see. */
export async function checkOwn({ core, visitor, at }: Pick<AskedOfDevice, 'core' | 'visitor' | 'at'>): Promise<void> {
  await checkOurs({ core, at });
  const others = (await tenantsOn(core.store, at.mac)).filter((tenant) => tenant !== at.tenant);
  if (visitor.tenantId !== null && others.length > 0)
    throw new SelfprovError('conflict', 'a user of another tenant has a line of this device: its file is not for you');
}

/** Whose users have lines of it. */
async function tenantsOn(store: Store, of: Mac): Promise<readonly string[]> {
  const users = (await store.lines(of)).flatMap(({ userId }) => userId ?? []);
  return (await Promise.all(users.map(async (id) => (await store.user(id))?.tenantId))).filter(
    (id) => id !== undefined,
  );
}

export async function shown({ core, facts, visitor, at }: AskedOfDevice) {
  const { events, ...device } = await showDevice(core, facts, at.mac, 0);
  void events;
  return seenBy(visitor, at.tenant, device);
}

/** What somebody who is for this tenant alone sees of a device that users of several have, or that is another's. */
export function seenBy<T extends DeviceShown>({ tenantId: only }: Visitor, tenant: string, device: T) {
  if (only === null) return device;
  const lines = device.lines.filter(({ tenantId }) => tenantId === tenant);
  const { handOver } = device;
  const its = {
    lines,
    extension: lines.flatMap(({ extension }) => extension ?? []).join(', ') || null,
    handOver: lines.some(({ slot }) => slot === handOver?.slot) ? handOver : null,
  };
  if (device.tenantId === tenant) return { ...device, ...its };
  const others = { tenantId: null, serial: null, remark: '', address: null, attention: null, note: null };
  return { ...device, ...its, lines: lines.map((line) => ({ ...line, address: null })), ...others };
}

/** The same of its settings: the device's own are its owner's. */
export async function settingsSeenBy(
  { core, visitor, at }: AskedOfDevice,
  settings: readonly SettingShown[],
): Promise<readonly SettingShown[]> {
  if (visitor.tenantId === null) return settings;
  const { store } = core;
  const isOurs = (await store.device(at.mac))?.tenantId === at.tenant;
  const tenantOf = new Map<string, string | undefined>();
  for (const { endpoint, userId } of await store.lines(at.mac))
    tenantOf.set(endpoint, userId === null ? undefined : (await store.user(userId))?.tenantId);
  return settings.filter(({ name }) => {
    const [endpoint = '', ofLine] = name.split(' ');
    return ofLine === undefined ? isOurs : (tenantOf.get(endpoint) ?? (isOurs ? at.tenant : '')) === at.tenant;
  });
}
