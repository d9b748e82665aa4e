import { ROLES } from '../../domain/access.ts';
import { actsFor, allowed, wordsFor, type Page } from '../page.ts';

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
};
