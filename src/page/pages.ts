import { ROLES, type Right, type Visitor } from '../domain/access.ts';
import { STEPS } from '../domain/journal.ts';
import { word } from './render.ts';

/** Asks an operation of the API by its name, as whoever looks; gives its answer. Rejects as it does. */
export type Ask = <Answer = Json>(
  id: string,
  asked: { readonly at?: object; readonly query?: object },
) => Promise<Answer>;
type Json = Readonly<Record<string, unknown>>;

export interface Looking {
  readonly ask: Ask;
  readonly visitor: Visitor;
  readonly language: string;
  readonly at: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Path and query of what is looked at. */
  readonly here: string;
  readonly openUrl: string;
}

/** One page: what it is called by, and what its view shows. */
export interface Page {
  readonly path: string;
  readonly view: string;
  load(looking: Looking): Promise<{ readonly title: string } & Json>;
}

interface Device {
  readonly mac: string;
  readonly number: number;
  readonly tenantId: string;
  readonly isBlocked: boolean;
  readonly serial: string | null;
  readonly remark: string;
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly state: string;
  readonly address: string | null;
  readonly seenAt: string;
  readonly createdAt: string;
  readonly extension: string | null;
  readonly lines: readonly Line[];
  readonly registered: boolean;
  readonly locked: boolean;
  readonly handOver: HandOver | null;
  readonly note: string | null;
}
interface Line {
  readonly slot: number;
  readonly account: string;
  readonly extension: string | null;
  readonly registered: boolean;
}
interface HandOver {
  readonly kind: string;
  readonly state: string;
  readonly acceptedAt: string;
  readonly notifiedAt: string | null;
  readonly fetchedAt: string | null;
  readonly registeredAt: string | null;
}
interface User {
  readonly extension: string;
  readonly endpoint: string;
  readonly loginId: string | null;
  readonly provisioningId: string | null;
  readonly name: string;
  readonly profile: string;
  readonly selfProvisioning: boolean;
  readonly devices: readonly string[];
  readonly locked: boolean;
  readonly createdAt: string;
}
interface File {
  readonly name: string;
  readonly content: string;
}
interface Sync {
  readonly id: number;
  readonly state: string;
  readonly what: string;
  readonly startedAt: string;
  readonly actor: string;
  readonly counts: Readonly<Record<'waiting' | 'told' | 'fetched' | 'back' | 'lost' | 'by_itself', number>>;
}
interface Administrator {
  readonly name: string;
  readonly role: string;
  readonly tenantId: string | null;
  readonly hasPassword: boolean;
}
interface Token {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly usedAt: string | null;
}
interface Event {
  readonly at: string;
  readonly step: string;
  readonly mac: string | null;
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
interface List<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly count: number;
}

const STATES = ['unassigned', 'assigned', 'handing_over', 'failed', 'registered', 'unregistered', 'blocked'];
/** Of a table, and of the parts of the overview. */
const ROWS = 50;
const FEW = 10;

const deviceAt = (tenant: string, mac: string): string => `/t/${tenant}/devices/${mac}`;
const userAt = (tenant: string, extension: string): string => `/t/${tenant}/users/${encodeURIComponent(extension)}`;
const modelOf = ({ family, model }: Device): string => `${family} ${model ?? ''}`.trim();

export const PAGES: readonly Page[] = [
  {
    path: '/t/:tenant',
    view: 'overview',
    async load({ ask, language, at, here, openUrl, visitor }) {
      const { tenant = '' } = at;
      const devices = (state: string, limit: number) =>
        ask<List<Device>>('listDevices', { at, query: { state, limit: String(limit) } });
      const [assigned, unassigned, registered, failed, underWay, blocked, locked, health] = await Promise.all([
        devices('assigned', 1),
        devices('unassigned', FEW),
        devices('registered', 1),
        devices('failed', FEW),
        devices('handing_over', FEW),
        devices('blocked', 1),
        ask<List<User>>('listUsers', { at, query: { locked: 'true', limit: String(FEW) } }),
        ask<Readonly<Record<string, Part>>>('getHealth', {}),
      ]);
      const act = actOf(visitor, language, here);
      const count = (state: string, label: string, { count: number }: List<Device>, kind = '') => ({
        ...{ count: number, label: word(language, `overview.${label}`), kind: number > 0 ? kind : '' },
        href: `/t/${tenant}/devices?state=${state}`,
      });
      return {
        ...{ title: word(language, 'overview.title'), openUrl, here },
        counts: [
          count('assigned', 'assigned', assigned),
          count('registered', 'registered', registered),
          count('unassigned', 'unassigned', unassigned),
          count('failed', 'failedCount', failed, 'bad'),
          count('blocked', 'blocked', blocked),
        ],
        underWay: underWay.items.map((device) => ({
          ...{ mac: device.mac, href: deviceAt(tenant, device.mac), model: modelOf(device) },
          extension: device.extension ?? word(language, 'nobodys'),
          steps: stepsOf(device.handOver, language),
        })),
        hasFailed: failed.items.length > 0,
        failed: failed.items.map((device) => ({
          ...{ mac: device.mac, href: deviceAt(tenant, device.mac), model: modelOf(device) },
          ...{ extension: device.extension, note: device.note },
          sync: act('help', 'syncDevice', 'device.sync', { tenant, mac: device.mac }),
        })),
        hasLocked: locked.items.length > 0,
        locked: locked.items.map(({ extension, name }) => ({
          ...{ extension, name, href: userAt(tenant, extension) },
          unlock: act('help', 'unlockUser', 'user.unlock', { tenant, extension }),
        })),
        newDevices: unassigned.items.map((device) => ({
          ...{ mac: device.mac, href: deviceAt(tenant, device.mac), model: modelOf(device) },
          ...{ address: device.address, seenAt: device.seenAt },
        })),
        health: Object.entries(health).map(([name, { ok, state, warning = null }]) => ({
          ...{ name, state, warning, kind: ok ? (warning === null ? 'good' : 'busy') : 'bad' },
        })),
      };
    },
  },
  {
    path: '/t/:tenant/devices',
    view: 'devices',
    async load({ ask, language, at, query }) {
      const { tenant = '' } = at;
      const { search = '', state = '', after = '' } = query;
      const wanted = { search, limit: String(ROWS), ...notEmpty({ state, after }) };
      const { items, count, next } = await ask<List<Device>>('listDevices', { at, query: wanted });
      return {
        ...{ title: word(language, 'devices.title'), search, count, isAny: items.length > 0 },
        states: STATES.map((value) => ({
          ...{ value, label: word(language, `states.${value}`), isChosen: value === state },
        })),
        devices: items.map((device) => ({
          ...{
            mac: device.mac,
            href: deviceAt(tenant, device.mac),
            model: modelOf(device),
            note: device.note ?? device.remark,
          },
          ...{ extension: device.extension, seenAt: device.seenAt, address: device.address },
          ...shownState(device, language),
        })),
        next:
          next === null ? null : `?${new URLSearchParams({ ...notEmpty({ search, state }), after: next }).toString()}`,
      };
    },
  },
  {
    path: '/t/:tenant/devices/:mac',
    view: 'device',
    async load({ ask, language, at, here, visitor }) {
      const [{ events, ...device }, settings, file] = await Promise.all([
        ask<Device & { readonly events: readonly Event[] }>('getDevice', { at }),
        ask<readonly object[]>('getDeviceSettings', { at }),
        // There is none for a phone of a family that is only recognised.
        ask<File>('getDeviceFile', { at }).catch(() => null),
      ]);
      const { tenant = '' } = at;
      const where = { tenant, mac: device.mac };
      const act = actOf(visitor, language, here);
      const isUsers = device.state !== 'unassigned';
      const { stateLabel } = shownState(device, language);
      return {
        title: `${device.mac} ${modelOf(device)}`,
        ...{ here, note: device.note, settings, file },
        facts: factsIn(language, {
          'device.number': String(device.number),
          'devices.state': stateLabel,
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
          ...(isUsers ? [act('help', 'releaseDevice', 'device.release', where, 'device.releaseSure')] : []),
          ...(device.locked ? [act('help', 'unlockDevice', 'device.unlock', where)] : []),
          device.isBlocked
            ? act('change', 'unblockDevice', 'device.unblock', where)
            : act('change', 'blockDevice', 'device.block', where, 'device.blockSure'),
          act('secrets', 'newDeviceUrl', 'device.newUrl', where, 'device.newUrlSure'),
          act('change', 'removeDevice', 'device.remove', where, 'device.removeSure', `/t/${tenant}/devices`),
        ]),
        lines: device.lines.map(({ slot, account, extension, registered }) => ({
          ...{ slot, account, whose: extension ?? word(language, 'nobodys') },
          state: word(language, registered ? 'states.registered' : 'states.unregistered'),
        })),
        events: events.toReversed().map(shownEvent),
      };
    },
  },
  {
    path: '/t/:tenant/users',
    view: 'users',
    async load({ ask, language, at, query, here, visitor }) {
      const { tenant = '' } = at;
      const { search = '', after = '' } = query;
      const wanted = { search, limit: String(ROWS), ...notEmpty({ after }) };
      const { items, next } = await ask<List<User>>('listUsers', { at, query: wanted });
      return {
        ...{ title: word(language, 'users.title'), search, tenant, here, isAny: items.length > 0 },
        ...{ mayChange: visitor.rights.has('change'), isNone: items.length === 0 && search === '' },
        users: items.map(({ extension, name, devices, profile, locked }) => ({
          ...{ extension, name, profile, href: userAt(tenant, extension), phones: devices.join(' ') },
          state: locked ? word(language, 'users.locked') : '',
        })),
        next: next === null ? null : `?${new URLSearchParams({ ...notEmpty({ search }), after: next }).toString()}`,
      };
    },
  },
  {
    path: '/t/:tenant/users/:extension',
    view: 'user',
    async load({ ask, language, at, here, visitor }) {
      const [user, settings] = await Promise.all([
        ask<User>('getUser', { at }),
        ask<readonly object[]>('getUserSettings', { at }),
      ]);
      const { tenant = '' } = at;
      const where = { tenant, extension: user.extension };
      const act = actOf(visitor, language, here);
      return {
        title: `${user.extension} ${user.name}`,
        ...{ settings, name: user.name, profile: user.profile, selfProvisioning: user.selfProvisioning },
        facts: factsIn(language, {
          'users.profile': user.profile,
          'user.endpoint': user.endpoint,
          'user.loginId': user.loginId,
          'user.provisioningId': user.provisioningId,
          'user.selfProvisioning': word(language, user.selfProvisioning ? 'yes' : 'no'),
          'devices.state': user.locked ? word(language, 'users.locked') : null,
        }),
        phones: user.devices.map((mac) => ({ mac, href: deviceAt(tenant, mac) })),
        acts: allowed([
          act('help', 'newPin', 'user.newPin', where, 'user.newPinSure'),
          ...(user.locked ? [act('help', 'unlockUser', 'user.unlock', where)] : []),
          act('change', 'removeUser', 'user.remove', where, 'user.removeSure', `/t/${tenant}/users`),
        ]),
        ...{ mayChange: visitor.rights.has('change'), hidden: hiddenOf(where, here) },
      };
    },
  },
  {
    path: '/t/:tenant/events',
    view: 'events',
    async load({ ask, language, at, query, here }) {
      const { tenant = '' } = at;
      const { mac = '', extension = '', step = '', actor = '', after = '' } = query;
      const wanted = notEmpty({ mac, extension, step, actor });
      const paged = { ...wanted, ...notEmpty({ after }) };
      const { items, next } = await ask<List<Event>>('listEvents', {
        at,
        query: { ...paged, limit: String(2 * ROWS) },
      });
      return {
        ...{ title: word(language, 'events.title'), mac, extension, actor, here, isAny: items.length > 0 },
        isLive: after === '',
        steps: STEPS.map((value) => ({ value, isChosen: value === step })),
        events: items.map((event) => ({
          ...shownEvent(event),
          ...{ mac: event.mac, href: event.mac === null ? null : deviceAt(tenant, event.mac) },
        })),
        next: next === null ? null : `?${new URLSearchParams({ ...wanted, after: next }).toString()}`,
      };
    },
  },
  {
    path: '/t/:tenant/syncs',
    view: 'syncs',
    async load({ ask, language, at, here, visitor }) {
      const { tenant = '' } = at;
      const [{ items }, families] = await Promise.all([
        ask<List<Sync>>('listSyncs', { at, query: { limit: String(FEW) } }),
        ask<List<{ readonly id: string }>>('listFamilies', {}),
      ]);
      const act = actOf(visitor, language, here);
      return {
        ...{ title: word(language, 'syncs.title'), tenant, here, mayChange: visitor.rights.has('change') },
        ...{ isAny: items.length > 0, families: families.items },
        syncs: items.map(({ counts, ...sync }) => {
          const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
          const over = counts.back + counts.lost + counts.by_itself;
          const where = { tenant, id: String(sync.id) };
          const lost = counts.lost === 0 ? '' : `, ${counts.lost} ${word(language, 'syncs.lost')}`;
          const isOver = sync.state === 'done' || sync.state === 'cancelled';
          return {
            ...{ ...sync, total, over, kind: sync.state === 'stopped' ? 'bad' : isOver ? '' : 'busy' },
            progress: `${over} / ${total} ${word(language, 'syncs.of')}${lost}`,
            acts: allowed([
              ...(sync.state === 'running' ? [act('change', 'pauseSync', 'syncs.pause', where)] : []),
              ...(['paused', 'stopped'].includes(sync.state)
                ? [act('change', 'resumeSync', 'syncs.resume', where)]
                : []),
              ...(isOver ? [] : [act('change', 'cancelSync', 'syncs.cancel', where, 'syncs.cancelSure')]),
            ]),
          };
        }),
      };
    },
  },
  {
    path: '/t/:tenant/access',
    view: 'access',
    async load({ ask, language, here, visitor }) {
      const [administrators, tokens] = await Promise.all([
        ask<List<Administrator>>('listAdministrators', {}),
        ask<List<Token>>('listTokens', {}),
      ]);
      const act = actOf(visitor, language, here);
      const all = word(language, 'all');
      return {
        ...{ title: word(language, 'access.title'), here, roles: Object.keys(ROLES), ownTenant: visitor.tenantId },
        administrators: administrators.items.map(({ tenantId, ...each }) => ({
          ...{ ...each, tenant: tenantId ?? all },
          acts: allowed([
            act('access', 'inviteAdministrator', 'access.invite', { name: each.name }, 'access.inviteSure'),
            act('access', 'removeAdministrator', 'access.remove', { name: each.name }, 'access.removeSure'),
          ]),
        })),
        isAnyToken: tokens.items.length > 0,
        tokens: tokens.items.map((token) => ({
          ...{ ...token, scopes: token.scopes.join(', ') },
          acts: allowed([act('access', 'removeToken', 'access.remove', { name: token.name }, 'access.removeSure')]),
        })),
      };
    },
  },
];

interface Part {
  readonly ok: boolean;
  readonly state: string;
  readonly warning?: string;
}

/** The steps of a hand-over with the seconds since it was accepted. */
function stepsOf(handOver: HandOver | null, language: string) {
  if (handOver === null) return [];
  const begun = Date.parse(handOver.acceptedAt);
  const all = [
    ['accepted', handOver.acceptedAt],
    ['notified', handOver.notifiedAt],
    ['fetched', handOver.fetchedAt],
    ['registered', handOver.registeredAt],
  ] as const;
  const now = all.findIndex(([, at]) => at === null);
  return all.map(([name, at], index) => ({
    label: word(language, `steps.${name}`),
    state: at === null ? (index === now ? 'now' : 'to-come') : 'passed',
    seconds: at === null || index === 0 ? null : String(Math.round((Date.parse(at) - begun) / 1000)),
  }));
}

function shownState({ isBlocked, state, registered, handOver }: Device, language: string) {
  if (isBlocked) return { kind: 'bad', stateLabel: word(language, 'states.blocked') };
  if (handOver?.state === 'failed') return { kind: 'bad', stateLabel: word(language, 'states.failed') };
  if (state === 'handing_over') return { kind: 'busy', stateLabel: word(language, 'states.handing_over') };
  const where = registered ? 'registered' : 'unregistered';
  return {
    kind: registered ? 'good' : '',
    stateLabel: `${word(language, `states.${state}`)}, ${word(language, `states.${where}`)}`,
  };
}

function shownEvent({ at, step, actor, detail }: Event) {
  const details = Object.entries(detail).filter(([, value]) => value !== null);
  return {
    ...{ at, actor, step: step.replaceAll('_', ' ') },
    detail: details.map(([name, value]) => `${name}: ${String(value)}`).join(', '),
  };
}

function factsIn(language: string, facts: Readonly<Record<string, string | null>>) {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => ({ name: word(language, name), value }));
}

/** A button that carries out an operation, `null` for who may not; `sure` is asked before. */
function actOf({ rights }: Visitor, language: string, here: string) {
  return (
    right: Right,
    operation: string,
    label: string,
    at: Readonly<Record<string, string>>,
    sure?: string,
    back = here,
  ) =>
    rights.has(right)
      ? {
          ...{ operation, label: word(language, label), hidden: hiddenOf(at, back), isGrave: sure !== undefined },
          sure: sure === undefined ? null : word(language, sure),
        }
      : null;
}

function allowed<T>(acts: readonly (T | null)[]): readonly T[] {
  return acts.filter((act) => act !== null);
}

function hiddenOf(at: Readonly<Record<string, string>>, back: string) {
  return [...Object.entries(at).map(([name, value]) => ({ name: `at.${name}`, value })), { name: 'back', value: back }];
}

function notEmpty(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}
