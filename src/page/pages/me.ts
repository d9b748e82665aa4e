import { factsIn, wordsFor, type Page } from '../page.ts';

/** Whoever looks: what one may do, and one's own password. */
export const ME: Page = {
  path: '/me',
  view: 'me',
  async load(looking) {
    const { ask, here, language } = looking;
    const { actor, rights, tenantId, hasPassword } = await ask('whoAmI');
    const say = wordsFor(looking);
    const name = actor.replace('page:', '');
    return {
      ...{ title: say('me.title'), here, hasPassword, person: name },
      facts: factsIn(language, {
        name,
        'device.tenant': tenantId ?? say('all'),
        'me.may': rights.map((right) => say(`me.rights.${right}`)).join('; '),
      }),
    };
  },
};
