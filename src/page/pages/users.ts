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
  userAt,
  wordsFor,
  type Page,
} from '../page.ts';
import { heldSettings } from '../apiWords.ts';

export const USER_LIST: Page = {
  path: '/t/:tenant/users',
  view: 'users',
  nav: { word: 'users', right: 'see' },
  async load(looking) {
    const { ask, at, query, here, visitor, tenant } = looking;
    const say = wordsFor(looking);
    const { search = '', after = '' } = query;
    const wanted = { search, limit: String(ROWS), ...notEmpty({ after }) };
    const { items, next } = await ask('listUsers', { at, query: wanted });
    return {
      ...{ title: say('users.title'), search, tenant, here, isAny: items.length > 0 },
      ...{ mayChange: visitor.rights.has('change'), isNone: items.length === 0 && search === '' },
      users: items.map(({ extension, name, devices, profile, locked }) => ({
        ...{ extension, name, profile, href: userAt(tenant, extension), phones: devices.join(' ') },
        state: locked ? say('users.locked') : '',
      })),
      next: nextOf(next, { search }),
    };
  },
};

export const ONE_USER: Page = {
  path: '/t/:tenant/users/:extension',
  view: 'user',
  async load(looking) {
    const { ask, at, here, visitor, language, tenant } = looking;
    const [user, settings, its] = await Promise.all([
      ask('getUser', { at }),
      ask('getUserSettings', { at }),
      ask('getTenant', { at: { tenant } }),
    ]);
    const profile = await ask('getProfile', { at: { tenant, name: user.profile } });
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const where = { tenant, extension: user.extension };
    return {
      title: `${user.extension} ${user.name}`,
      ...{
        settings: heldSettings(language, settings),
        name: user.name,
        profile: user.profile,
        selfProvisioning: user.selfProvisioning,
      },
      facts: factsIn(language, {
        'users.profile': user.profile,
        'user.endpoint': user.endpoint,
        'user.loginId': user.loginId,
        'user.provisioningId': user.provisioningId,
        'user.selfProvisioning': say(user.selfProvisioning ? 'yes' : 'no'),
        'devices.state': user.locked ? say('users.locked') : null,
      }),
      call: profile.selfProvisioning ? callFor(user, its) : null,
      phones: user.devices.map((mac) => ({ mac, href: deviceAt(tenant, mac) })),
      acts: allowed([
        act('help', 'newPin', 'user.newPin', where, 'user.newPinSure'),
        ...(user.locked ? [act('help', 'unlockUser', 'user.unlock', where)] : []),
        act('change', 'removeUser', 'user.remove', where, 'user.removeSure', `/t/${tenant}/users`),
      ]),
      ...{ mayChange: visitor.rights.has('change'), hidden: hiddenOf(where, here) },
      letter: visitor.rights.has('help') ? { hidden: hiddenOf(where, here), asksPin: true } : null,
    };
  },
};

/** What is dialled and keyed in to set a phone up for this user, as the voice asks for it; `null` where that cannot be. */
function callFor(
  { extension, loginId, provisioningId, selfProvisioning }: AnswerOf<'getUser'>,
  { settings, ...its }: AnswerOf<'getTenant'>,
) {
  const isOff = settings['selfProvisioning'] === 'off' || settings['ivr'] === 'off' || !selfProvisioning;
  const number = { extension, user_id: loginId, provisioning_id: provisioningId }[
    settings['identifyBy'] ?? 'extension'
  ];
  if (isOff || number == null) return null;
  const asksPin = settings['authentication'] !== 'none';
  return { setUp: its.extension, giveBack: its.releaseExtension, number, asksPin };
}
