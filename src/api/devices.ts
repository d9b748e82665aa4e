import { z } from 'zod';
import { checkMay } from '../administration/apiTokens.ts';
import { searchDevices, showDevice } from '../administration/deviceList.ts';
import { addDevice, changeDevice, newUrl } from '../administration/devices.ts';
import { effectiveOfDevice, keysLeftOut } from '../administration/effective.ts';
import { syncDevice } from '../administration/syncs.ts';
import { blockDevice, giveDevice, moveDevice, unblockDevice, unlockDevice } from '../administration/whoseDevice.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { formatMac } from '../domain/mac.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../provisioning/handOver/removeDevice.ts';
import { filterOf, FILTER } from './deviceFilter.ts';
import { checkOurs, DEVICE, oneDevice, seenBy, settingsSeenBy, shown, type AtDevice } from './deviceShown.ts';
import { EVENT } from './events.ts';
import { operation, type Asked } from './operation.ts';
import { extension, inTenant, mac, macShown, nothing, pageOf, paging, SETTING, settingTexts } from './schemas.ts';

const text = z.string();
const WITH_EVENTS = z.object({ ...DEVICE.shape, events: z.array(EVENT) }).meta({ id: 'DeviceWithEvents' });
const WITH_URL = z
  .object({ mac: macShown, url: text.meta({ description: 'where it asks from now on: a secret' }) })
  .meta({ id: 'DeviceUrl' });

const about = { tag: 'devices' } as const;
const path = '/tenants/{tenant}/devices/{mac}';

/** A verb of one device, which answers how the device is then. */
function verb<Id extends string>(
  id: Id,
  word: string,
  right: 'help' | 'change',
  summary: string,
  work: (asked: Asked<AtDevice, unknown, unknown>) => Promise<unknown>,
) {
  return operation({
    ...{ ...about, id, method: 'post', path: `${path}/${word}`, right, status: 200, summary },
    ...{ at: oneDevice, query: nothing, body: null, answer: DEVICE },
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
    summary: 'phones and adapters, by MAC, or the newest first',
    at: inTenant,
    query: paging.extend({
      ...FILTER,
      order: z.enum(['mac', 'newest']).default('mac').meta({ description: '`newest`: who asked first last' }),
      after: mac.exactOptional().meta({ description: '`next` of the answer before' }),
    }),
    body: null,
    answer: pageOf(DEVICE).extend({ count: z.number().int().meta({ description: 'how many there are in all' }) }),
    async work({ core, facts, visitor, at, query }) {
      const { limit, order, after } = query;
      // One more says whether there are any behind.
      const wanted = { ...filterOf(at.tenant, query), order, limit: limit + 1 };
      const found = await searchDevices(core, facts, after === undefined ? wanted : { ...wanted, after });
      const devices = found.devices.slice(0, limit);
      const last = devices.at(-1);
      return {
        items: devices.map((device) => seenBy(visitor, at.tenant, device)),
        next: last === undefined || found.devices.length <= limit ? null : formatMac(last.mac),
        count: found.count,
      };
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
    at: oneDevice,
    query: z.strictObject({ events: z.coerce.number().int().min(0).max(1000).default(100) }),
    ...{ body: null, answer: WITH_EVENTS },
    async work(asked) {
      await checkOurs(asked, true);
      const { core, facts, at, visitor } = asked;
      const { events, ...device } = await showDevice(core, facts, at.mac, asked.query.events);
      // It may have been another tenant's before.
      const isSeen = ({ tenantId }: { tenantId: string }): boolean =>
        visitor.tenantId === null || tenantId === at.tenant;
      return { ...seenBy(visitor, at.tenant, device), events: events.filter(isSeen) };
    },
  }),
  operation({
    ...about,
    ...{ id: 'changeDevice', method: 'patch', path, right: 'change', status: 200 },
    summary: 'change what is this device’s alone; it has it at its next fetch',
    ...{ at: oneDevice, query: nothing, answer: DEVICE },
    body: z.strictObject({
      note: text.nullable().exactOptional(),
      serial: text.nullable().exactOptional(),
      profile: text.nullable().exactOptional(),
      settings: settingTexts(DEVICE_SETTINGS).exactOptional(),
    }),
    async work(asked) {
      await checkOurs(asked);
      const { settings = {}, note, ...change } = asked.body;
      const noted = note === undefined ? {} : { note: note ?? '' };
      await changeDevice(asked.core, asked.at.mac, { ...change, ...noted, texts: settings });
      return shown(asked);
    },
  }),
  operation({
    ...about,
    ...{ id: 'removeDevice', method: 'delete', path, right: 'change', status: 204 },
    summary: 'forget a device; it is enrolled anew when it asks again',
    ...{ at: oneDevice, query: nothing, body: null, answer: null },
    async work(asked) {
      await checkOurs(asked);
      await removeDevice(asked.core, { mac: asked.at.mac, actor: asked.core.actor });
    },
  }),
  operation({
    ...about,
    ...{ id: 'getDeviceSettings', method: 'get', path: `${path}/settings`, right: 'see', status: 200 },
    summary: 'the settings as they hold, and who says so; secrets are masked',
    ...{ at: oneDevice, query: nothing, body: null, answer: z.array(SETTING) },
    async work(asked) {
      await checkOurs(asked, true);
      const { core, facts, at } = asked;
      const keys = await keysLeftOut(core, facts.families(), at.mac);
      return settingsSeenBy(asked, [...(await effectiveOfDevice(core, at.mac)), ...keys]);
    },
  }),
  operation({
    ...about,
    ...{ id: 'assignDevice', method: 'post', path: `${path}/assign`, right: 'help', status: 200 },
    summary: 'give a device to a user, as the call would',
    ...{ at: oneDevice, query: nothing, answer: DEVICE },
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
    ...{ at: oneDevice, query: nothing, answer: DEVICE },
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
    ...{ at: oneDevice, query: nothing, answer: null },
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
    ...{ at: oneDevice, query: nothing, body: null, answer: WITH_URL },
    async work(asked) {
      await checkOurs(asked);
      return { mac: asked.at.mac, url: await newUrl(asked.core, asked.facts, asked.at.mac) };
    },
  }),
  verb('syncDevice', 'sync', 'help', 'have a device fetch its file now', ({ core, at }) => syncDevice(core, at.mac)),
  verb('rebootDevice', 'reboot', 'help', 'have a device restart now, which fetches its file', ({ core, at }) =>
    syncDevice(core, at.mac, { reboots: true }),
  ),
  verb('unlockDevice', 'unlock', 'help', 'forget the wrong PINs counted for a device', ({ core, at }) =>
    unlockDevice(core, at.mac),
  ),
  verb('blockDevice', 'block', 'change', 'take it from whoever has it, and let nobody have it', ({ core, at }) =>
    blockDevice(core, at.mac),
  ),
  verb('unblockDevice', 'unblock', 'change', 'let users have it again', ({ core, at }) => unblockDevice(core, at.mac)),
] as const;
