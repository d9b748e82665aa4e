import { z } from 'zod';
import { checkMay } from '../administration/apiTokens.ts';
import { searchDevices, showDevice } from '../administration/deviceList.ts';
import { addDevice, changeDevice, newUrl } from '../administration/devices.ts';
import { effectiveOfDevice, keysLeftOut } from '../administration/effective.ts';
import { syncDevice } from '../administration/syncs.ts';
import { blockDevice, giveDevice, moveDevice, unblockDevice, unlockDevice } from '../administration/whoseDevice.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { formatMac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../provisioning/handOver/removeDevice.ts';
import { EVENT } from './events.ts';
import { operation, type Asked } from './operation.ts';
import { extension, inTenant, mac, macShown, nothing, pageOf, paging, SETTING, settingTexts, time } from './schemas.ts';

const text = z.string();
const LINE = z
  .object({
    slot: z.number().int().meta({ description: 'from 1, as on the phone' }),
    account: text.meta({ description: 'the name that it registers by' }),
    extension: text.nullable().meta({ description: 'whose it is; `null`: a default line' }),
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
const DEVICE = z
  .object({
    mac: macShown,
    number: z.number().int().meta({ description: 'short, for people' }),
    tenantId: text,
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
    note: text.nullable().meta({ description: 'what somebody should know or do; `null` when all is well' }),
  })
  .meta({ id: 'Device' });
const WITH_EVENTS = z.object({ ...DEVICE.shape, events: z.array(EVENT) }).meta({ id: 'DeviceWithEvents' });
const WITH_URL = z
  .object({ mac: macShown, url: text.meta({ description: 'where it asks from now on: a secret' }) })
  .meta({ id: 'DeviceUrl' });

const one = inTenant.extend({ mac });
type At = z.output<typeof one>;

/** Rejects with `not_found` for one of another tenant; `isSeen`: a user of this tenant having a line on it is enough. */
export async function checkOurs(
  { core, at }: Pick<Asked<At, unknown, unknown>, 'core' | 'at'>,
  isSeen = false,
): Promise<void> {
  const device = await core.store.device(at.mac);
  const users = isSeen ? (await core.store.lines(at.mac)).flatMap(({ userId }) => userId ?? []) : [];
  const tenants = await Promise.all(users.map(async (id) => (await core.store.user(id))?.tenantId));
  const isOurs = device?.tenantId === at.tenant || tenants.includes(at.tenant);
  orNotFound(isOurs ? device : undefined, `device ${formatMac(at.mac)}`);
}

async function shown({ core, facts, at }: Pick<Asked<At, unknown, unknown>, 'core' | 'facts' | 'at'>) {
  const { events, ...device } = await showDevice(core, facts, at.mac, 0);
  void events;
  return device;
}

const about = { tag: 'devices' } as const;
const path = '/tenants/{tenant}/devices/{mac}';

/** A verb of one device, which answers how the device is then. */
function verb(
  id: string,
  word: string,
  right: 'help' | 'change',
  summary: string,
  work: (asked: Asked<At, unknown, unknown>) => Promise<unknown>,
) {
  return operation({
    ...{ ...about, id, method: 'post', path: `${path}/${word}`, right, status: 200, summary },
    ...{ at: one, query: nothing, body: null, answer: DEVICE },
    async work(asked) {
      await checkOurs(asked);
      await work(asked);
      return shown(asked);
    },
  });
}

export const DEVICES = [
  operation({
    ...about,
    ...{ id: 'listDevices', method: 'get', path: '/tenants/{tenant}/devices', right: 'see', status: 200 },
    summary: 'phones and adapters, by MAC',
    at: inTenant,
    query: paging.extend({
      search: text.default('').meta({
        description:
          'words, each a part of a MAC in any spelling, model, version, address, serial number, extension or name',
      }),
      state: z
        .enum(['unassigned', 'assigned', 'handing_over', 'failed', 'registered', 'unregistered', 'blocked'])
        .exactOptional(),
      family: text.exactOptional(),
      after: mac.exactOptional().meta({ description: '`next` of the answer before' }),
    }),
    body: null,
    answer: pageOf(DEVICE).extend({ count: z.number().int().meta({ description: 'how many there are in all' }) }),
    async work({ core, facts, at, query: { search, ...wanted } }) {
      const { devices, count } = await searchDevices(core, facts, { tenantId: at.tenant, text: search, ...wanted });
      const last = devices.at(-1);
      const isEnd = last === undefined || devices.length < wanted.limit;
      return { items: devices, next: isEnd ? null : formatMac(last.mac), count };
    },
  }),
  operation({
    ...about,
    ...{ id: 'addDevice', method: 'post', path: '/tenants/{tenant}/devices', right: 'secrets', status: 201 },
    summary: 'enter an app, or a phone before it has asked; the answer has its URL, which is a secret',
    once: ['url'],
    ...{ at: inTenant, query: nothing, answer: WITH_URL },
    body: z.strictObject({
      family: text,
      mac: mac.exactOptional().meta({ description: 'of a phone; an app gets one that is made up' }),
      model: text.exactOptional(),
      serial: text.exactOptional(),
      note: text.exactOptional(),
      profile: text.exactOptional().meta({ description: 'whose settings it has until a user has it' }),
      settings: settingTexts(DEVICE_SETTINGS).exactOptional(),
      users: z
        .record(z.string().regex(/^[1-9]\d{0,2}$/), text)
        .exactOptional()
        .meta({ description: 'whose it is when it comes: extension by port', example: { 1: '1500' } }),
    }),
    location: ({ mac: made }: { mac: string }, { tenant }: { tenant: string }) =>
      `/tenants/${tenant}/devices/${formatMac(made)}`,
    work: async ({ core, facts, at, body: { settings = {}, ...body } }) =>
      addDevice(core, facts, { tenantId: at.tenant, ...body, texts: settings }),
  }),
  operation({
    ...about,
    ...{ id: 'getDevice', method: 'get', path, right: 'see', status: 200 },
    summary: 'one device, with the latest of its events',
    at: one,
    query: z.strictObject({ events: z.coerce.number().int().min(0).max(1000).default(100) }),
    ...{ body: null, answer: WITH_EVENTS },
    async work(asked) {
      await checkOurs(asked, true);
      const { core, facts, at, visitor } = asked;
      const { events, ...device } = await showDevice(core, facts, at.mac, asked.query.events);
      // It may have been another tenant's before.
      const isSeen = ({ tenantId }: { tenantId: string }): boolean =>
        visitor.tenantId === null || tenantId === at.tenant;
      return { ...device, events: events.filter(isSeen) };
    },
  }),
  operation({
    ...about,
    ...{ id: 'changeDevice', method: 'patch', path, right: 'change', status: 200 },
    summary: 'change what is this device’s alone; it has it at its next fetch',
    ...{ at: one, query: nothing, answer: DEVICE },
    body: z.strictObject({
      note: text.exactOptional(),
      serial: text.nullable().exactOptional(),
      profile: text.nullable().exactOptional(),
      settings: settingTexts(DEVICE_SETTINGS).exactOptional(),
    }),
    async work(asked) {
      await checkOurs(asked);
      const { settings = {}, ...change } = asked.body;
      await changeDevice(asked.core, asked.at.mac, { ...change, texts: settings });
      return shown(asked);
    },
  }),
  operation({
    ...about,
    ...{ id: 'removeDevice', method: 'delete', path, right: 'change', status: 204 },
    summary: 'forget a device; it is enrolled anew when it asks again',
    ...{ at: one, query: nothing, body: null, answer: null },
    async work(asked) {
      await checkOurs(asked);
      await removeDevice(asked.core, { mac: asked.at.mac, actor: asked.core.actor });
    },
  }),
  operation({
    ...about,
    ...{ id: 'getDeviceSettings', method: 'get', path: `${path}/settings`, right: 'see', status: 200 },
    summary: 'the settings as they hold, and who says so; secrets are masked',
    ...{ at: one, query: nothing, body: null, answer: z.array(SETTING) },
    async work(asked) {
      await checkOurs(asked, true);
      const { core, facts, at } = asked;
      return [...(await effectiveOfDevice(core, at.mac)), ...(await keysLeftOut(core, facts.families(), at.mac))];
    },
  }),
  operation({
    ...about,
    ...{ id: 'assignDevice', method: 'post', path: `${path}/assign`, right: 'help', status: 200 },
    summary: 'give a device to a user, as the call would',
    ...{ at: one, query: nothing, answer: DEVICE },
    body: z.strictObject({
      extension,
      port: z.number().int().min(1).exactOptional().meta({ description: 'else the first that is nobody’s' }),
      account: text.exactOptional().meta({ description: 'where several claim to be this phone: the one that is' }),
    }),
    async work(asked) {
      await checkOurs(asked);
      const { port, ...body } = asked.body;
      const where = port === undefined ? {} : { slot: port };
      await giveDevice(asked.core, { mac: asked.at.mac, tenantId: asked.at.tenant, ...body, ...where });
      return shown(asked);
    },
  }),
  operation({
    ...about,
    ...{ id: 'releaseDevice', method: 'post', path: `${path}/release`, right: 'help', status: 200 },
    summary: 'take a device back from its users, or one port of it; it returns to its default line',
    ...{ at: one, query: nothing, answer: DEVICE },
    body: z.strictObject({ port: z.number().int().min(1).exactOptional() }),
    async work(asked) {
      await checkOurs(asked);
      const where = asked.body.port === undefined ? {} : { slot: asked.body.port };
      await releaseDevice(asked.core, { mac: asked.at.mac, actor: asked.core.actor, ...where });
      return shown(asked);
    },
  }),
  operation({
    ...about,
    ...{ id: 'moveDevice', method: 'post', path: `${path}/move`, right: 'change', status: 204 },
    summary: 'move a device that no user has to another tenant, where you may do so too',
    ...{ at: one, query: nothing, answer: null },
    body: z.strictObject({ to: text.meta({ description: 'id of a tenant' }) }),
    async work(asked) {
      await checkOurs(asked);
      checkMay(asked.visitor, 'change', asked.body.to);
      await moveDevice(asked.core, asked.at.mac, asked.body.to);
    },
  }),
  operation({
    ...about,
    ...{ id: 'newDeviceUrl', method: 'post', path: `${path}/url`, right: 'secrets', status: 200 },
    summary: 'a new URL for a device that has lost its own, which is worth nothing from then on',
    once: ['url'],
    ...{ at: one, query: nothing, body: null, answer: WITH_URL },
    async work(asked) {
      await checkOurs(asked);
      return { mac: asked.at.mac, url: await newUrl(asked.core, asked.facts, asked.at.mac) };
    },
  }),
  verb('syncDevice', 'sync', 'help', 'have a device fetch its file now', ({ core, at }) => syncDevice(core, at.mac)),
  verb('unlockDevice', 'unlock', 'help', 'forget the wrong PINs counted for a device', ({ core, at }) =>
    unlockDevice(core, at.mac),
  ),
  verb('blockDevice', 'block', 'change', 'take it from whoever has it, and let nobody have it', ({ core, at }) =>
    blockDevice(core, at.mac),
  ),
  verb('unblockDevice', 'unblock', 'change', 'let users have it again', ({ core, at }) => unblockDevice(core, at.mac)),
] as const;
