import type { AnswerOf } from '../../api/operations.ts';
import { isNowhere } from '../../domain/handOver.ts';
import { partOf } from '../apiWords.ts';
import { actsFor, attentionTo, deviceAt, FEW, userAt, usersOf, wordOr, wordsFor, type Page } from '../page.ts';
import { modelOf, type Device } from './devices.ts';

export const OVERVIEW: Page = {
  path: '/t/:tenant',
  view: 'overview',
  nav: { word: 'overview', right: 'see' },
  async load(looking) {
    const { ask, at, here, language, openUrl, tenant } = looking;
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const devices = (state: string, limit: number, order = 'mac') =>
      ask('listDevices', { at, query: { state, order, limit: String(limit) } });
    const [assigned, unassigned, registered, failed, underWay, blocked, locked, health] = await Promise.all([
      devices('assigned', 1),
      devices('unassigned', FEW, 'newest'),
      devices('registered', 1),
      devices('failed', FEW),
      devices('handing_over', FEW),
      devices('blocked', 1),
      ask('listUsers', { at, query: { locked: 'true', limit: String(FEW) } }),
      ask('getHealth'),
    ]);
    const count = (state: string, label: string, { count: number }: AnswerOf<'listDevices'>, kind = '') => ({
      ...{ count: number, label: say(`overview.${label}`), kind: number > 0 ? kind : '' },
      href: `/t/${tenant}/devices?state=${state}`,
    });
    const shown = (device: Device) => ({
      ...{ mac: device.mac, href: deviceAt(tenant, device.mac), model: modelOf(device) },
    });
    return {
      ...{ title: say('overview.title'), openUrl, here, connect: `/t/${tenant}/connect` },
      counts: [
        count('assigned', 'assigned', assigned),
        count('registered', 'registered', registered),
        count('unassigned', 'unassigned', unassigned),
        count('failed', 'failedCount', failed, 'bad'),
        count('blocked', 'blocked', blocked),
      ],
      underWay: underWay.items.map((device) => ({
        ...shown(device),
        users: usersOf(device),
        isNowhere: isNowhere(device.handOver),
        steps: stepsOf(device.handOver, say),
      })),
      hasFailed: failed.items.length > 0,
      failed: failed.items.map((device) => ({
        ...{ ...shown(device), users: usersOf(device), note: attentionTo(device, say) },
        sync: act('help', 'syncDevice', 'device.sync', { tenant, mac: device.mac }),
      })),
      hasLocked: locked.items.length > 0,
      locked: locked.items.map(({ extension, name }) => ({
        ...{ extension, name, href: userAt(tenant, extension) },
        unlock: act('help', 'unlockUser', 'user.unlock', { tenant, extension }),
      })),
      newDevices: unassigned.items.map((device) => ({
        ...{ ...shown(device), address: device.address, createdAt: device.createdAt },
      })),
      allNew: `/t/${tenant}/devices?state=unassigned&order=newest`,
      countNew: unassigned.count > FEW ? unassigned.count : null,
      health: Object.entries(health).map(([name, { ok, state, warning = null }]) => ({
        ...{
          name: partOf(language, name),
          state: wordOr(language, `health.states.${state}`, state),
          warning,
          kind: ok ? (warning === null ? 'good' : 'busy') : 'bad',
        },
      })),
    };
  },
};

/** The steps of a hand-over with the seconds since it was accepted. */
function stepsOf(handOver: Device['handOver'], say: (path: string) => string) {
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
    label: say(`steps.${name}`),
    state: at === null ? (index === now ? 'now' : 'to-come') : 'passed',
    seconds: at === null || index === 0 ? null : String(Math.round((Date.parse(at) - begun) / 1000)),
  }));
}
