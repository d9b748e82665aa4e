import type { AnswerOf } from '../../api/operations.ts';
import { attentionTo, deviceAt, nextOf, notEmpty, ROWS, usersOf, wordsFor, type Page } from '../page.ts';

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
    const { after = '', order = '' } = query;
    const filter = filterIn(query);
    const { search = '', state = '', family = '', profile = '', own = '' } = filter;
    const wanted = { ...filter, limit: String(ROWS), ...notEmpty({ after, order }) };
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
      orders: ['mac', 'newest'].map((value) => ({
        value,
        label: say(`devices.orders.${value}`),
        isChosen: value === order,
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
        ...{ number: device.number, users: usersOf(device), seenAt: device.seenAt, address: device.address },
        ...{ note: attentionTo(device, say) ?? device.remark, ...shownState(device, say) },
      })),
      next: nextOf(next, { ...filter, order }),
    };
  },
};

/** What a device is at the moment, in a word, and how that is. */
export function shownState({ isBlocked, state, registered, handOver }: Device, say: (path: string) => string) {
  if (isBlocked) return { kind: 'bad', stateLabel: say('states.blocked') };
  if (handOver?.state === 'failed') return { kind: 'bad', stateLabel: say('states.failed') };
  if (state === 'handing_over') return { kind: 'busy', stateLabel: say('states.handing_over') };
  const where = registered ? 'registered' : 'unregistered';
  return { kind: registered ? 'good' : '', stateLabel: `${say(`states.${state}`)}, ${say(`states.${where}`)}` };
}
