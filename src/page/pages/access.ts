import { ROLES, SCOPES } from '../../domain/access.ts';
import { actsFor, allowed, hiddenOf, wordsFor, type Page } from '../page.ts';

export const ACCESS: Page = {
  path: '/t/:tenant/access',
  view: 'access',
  nav: { word: 'access', right: 'access', isMore: true },
  async load(looking) {
    const { ask, here, visitor } = looking;
    const [administrators, tokens] = await Promise.all([ask('listAdministrators'), ask('listTokens')]);
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const all = say('all');
    return {
      ...{
        title: say('access.title'),
        here,
        roles: Object.keys(ROLES).map((value) => ({ value, label: say(`access.roles.${value}`) })),
        ownTenant: visitor.tenantId,
      },
      administrators: administrators.items.map(({ tenantId, ...each }) => ({
        ...{ ...each, role: say(`access.roles.${each.role}`), tenant: tenantId ?? all },
        hidden: hiddenOf({ name: each.name }, here),
        roleChoices: Object.keys(ROLES).map((value) => ({
          value,
          label: say(`access.roles.${value}`),
          isChosen: value === each.role,
        })),
        acts: allowed([
          act('access', 'inviteAdministrator', 'access.invite', { name: each.name }, 'access.inviteSure'),
          act('access', 'removeAdministrator', 'access.remove', { name: each.name }, 'access.removeSure'),
        ]),
      })),
      // A token can have no right that who makes it has not.
      scopes: Object.entries(SCOPES)
        .filter(([, rights]) => rights.every((right) => visitor.rights.has(right)))
        .map(([scope]) => ({ scope, about: say(`access.scope.${scope}`), isUsual: scope === 'read' })),
      days: ['30', '90', '365', ''].map((value) => ({
        ...{
          value,
          text: value === '' ? say('access.forEver') : `${value} ${say('access.days')}`,
          isChosen: value === '90',
        },
      })),
      isAnyToken: tokens.items.length > 0,
      tokens: tokens.items.map((token) => ({
        ...{ ...token, scopes: token.scopes.join(', '), tenant: token.tenantId ?? all },
        acts: allowed([act('access', 'removeToken', 'access.remove', { name: token.name }, 'access.removeSure')]),
      })),
    };
  },
};
