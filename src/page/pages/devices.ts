import type { AnswerOf } from '../../api/operations.ts';
import {
  actsFor,
  allowed,
  deviceAt,
  factsIn,
  hiddenOf,
  nextOf,
  notEmpty,
  ROWS,
  shownLines,
  wordsFor,
  type Page,
} from '../page.ts';
import { heldSettings } from '../apiWords.ts';
import { eventsIn } from '../shownEvent.ts';

export type Device = AnswerOf<'listDevices'>['items'][number];

const STATES = ['unassigned', 'assigned', 'handing_over', 'failed', 'registered', 'unregistered', 'blocked'];

export const modelOf = ({ family, model }: Device): string => `${family} ${model ?? ''}`.trim();

/** What devices are looked for by, as far as it is said. */
export function filterIn(query: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { search = '', state = '', family = '', profile = '', own = '' } = query;
  return notEmpty({ search, state, family, profile, own });
}

export const DEVICE_LIST: Page = {
  path: '/t/:tenant/devices',
  view: 'devices',
  nav: { word: 'devices', right: 'see' },
  async load(looking) {
    const { ask, at, query, tenant, visitor } = looking;
    const say = wordsFor(looking);
    const { after = '' } = query;
    const filter = filterIn(query);
    const { search = '', state = '', family = '', profile = '', own = '' } = filter;
    const wanted = { ...filter, limit: String(ROWS), ...notEmpty({ after }) };
    const [{ items, count, next }, families, profiles, tenants] = await Promise.all([
      ask('listDevices', { at, query: wanted }),
      ask('listFamilies'),
      ask('listProfiles', { at, query: { limit: '500' } }),
      visitor.tenantId === null ? ask('listTenants', { query: { limit: '500' } }) : { items: [] },
    ]);
    const others = tenants.items.filter(({ id }) => id !== tenant);
    const mayChange = visitor.rights.has('change');
    return {
      ...{ title: say('devices.title'), tenant, search, count, isAny: items.length > 0 },
      states: STATES.map((value) => ({ value, label: say(`states.${value}`), isChosen: value === state })),
      families: families.items
        .filter(({ served }) => served)
        .map(({ family: value }) => ({ value, isChosen: value === family })),
      profiles: profiles.items.map(({ name }) => ({ value: name, isChosen: name === profile })),
      owners: ['true', 'false'].map((value) => ({
        value,
        label: say(`devices.owners.${value}`),
        isChosen: value === own,
      })),
      filter: Object.entries(filter).map(([name, value]) => ({ name, value })),
      isAll: count > items.length,
      deeds: visitor.rights.has('help')
        ? {
            mayChange,
            ...(others.length > 0 && mayChange ? { tenants: others.map(({ id, name }) => ({ id, name })) } : {}),
          }
        : null,
      mayImport: mayChange,
      devices: items.map((device) => ({
        ...{ mac: device.mac, href: deviceAt(tenant, device.mac), model: modelOf(device) },
        ...{ extension: device.extension, seenAt: device.seenAt, address: device.address },
        ...{ note: device.note ?? device.remark, ...shownState(device, say) },
      })),
      next: nextOf(next, filter),
    };
  },
};

export const ONE_DEVICE: Page = {
  path: '/t/:tenant/devices/:mac',
  view: 'device',
  async load(looking) {
    const { ask, at, here, visitor, language, tenant } = looking;
    const [{ events, ...device }, settings, file, since] = await Promise.all([
      ask('getDevice', { at }),
      ask('getDeviceSettings', { at }),
      // There is none for a phone of a family that is only recognised.
      ask('getDeviceFile', { at }).catch(() => null),
      ask('getDeviceFileChanges', { at }).catch(() => null),
    ]);
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const where = { tenant, mac: device.mac };
    const isUsers = device.state !== 'unassigned';
    return {
      title: `${device.mac} ${modelOf(device)}`,
      ...{
        here,
        note: device.note,
        settings: heldSettings(language, settings),
        file,
        keysHref: `${deviceAt(tenant, device.mac)}/keys`,
      },
      since: since === null ? null : shownSince(since),
      facts: factsIn(language, {
        'device.number': String(device.number),
        'devices.state': shownState(device, say).stateLabel,
        'devices.whose': device.extension,
        'device.version': device.firmware,
        'device.serial': device.serial,
        'device.remark': device.remark,
        'device.address': device.address,
        'device.tenant': device.tenantId,
      }),
      give: visitor.rights.has('help') && !device.isBlocked ? { hidden: hiddenOf(where, here) } : null,
      acts: allowed([
        act('help', 'syncDevice', 'device.sync', where),
        act('help', 'rebootDevice', 'device.reboot', where, 'device.rebootSure'),
        ...(isUsers ? [act('help', 'releaseDevice', 'device.release', where, 'device.releaseSure')] : []),
        ...(device.locked ? [act('help', 'unlockDevice', 'device.unlock', where)] : []),
        device.isBlocked
          ? act('change', 'unblockDevice', 'device.unblock', where)
          : act('change', 'blockDevice', 'device.block', where, 'device.blockSure'),
        act('secrets', 'newDeviceUrl', 'device.newUrl', where, 'device.newUrlSure'),
        act('change', 'removeDevice', 'device.remove', where, 'device.removeSure', `/t/${tenant}/devices`),
      ]),
      lines: device.lines.map(({ slot, account, extension, registered }) => ({
        ...{ slot, account, whose: extension ?? say('nobodys') },
        state: say(registered ? 'states.registered' : 'states.unregistered'),
      })),
      events: events.toReversed().map(eventsIn(looking)),
    };
  },
};

/** What it has fetched, and what is different now. */
function shownSince({ fetchedAt, items }: AnswerOf<'getDeviceFileChanges'>) {
  return {
    fetchedAt,
    files: items.map(({ name, givenAt, isCurrent, lines }) => ({
      ...{ name, givenAt, isCurrent, isUnknown: givenAt === null, isDifferent: lines.length > 0, ...shownLines(lines) },
      isSecret: givenAt !== null && !isCurrent && lines.length === 0,
    })),
  };
}

function shownState({ isBlocked, state, registered, handOver }: Device, say: (path: string) => string) {
  if (isBlocked) return { kind: 'bad', stateLabel: say('states.blocked') };
  if (handOver?.state === 'failed') return { kind: 'bad', stateLabel: say('states.failed') };
  if (state === 'handing_over') return { kind: 'busy', stateLabel: say('states.handing_over') };
  const where = registered ? 'registered' : 'unregistered';
  return { kind: registered ? 'good' : '', stateLabel: `${say(`states.${state}`)}, ${say(`states.${where}`)}` };
}
