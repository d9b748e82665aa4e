import { SelfprovError } from '../../domain/errors.ts';
import { wordsFor, type Page } from '../page.ts';

/** A table of users or of devices, to be looked through before anything is done. */
export const IMPORT: Page = {
  path: '/t/:tenant/import/:what',
  view: 'import',
  async load(looking) {
    const { at, tenant, visitor, here } = looking;
    const { what } = at;
    if (what !== 'users' && what !== 'devices') throw new SelfprovError('not_found', 'there are no tables of these');
    if (!visitor.rights.has('change'))
      throw new SelfprovError('unauthorized', 'you may look, and not import', { reason: 'forbidden' });
    const isUsers = what === 'users';
    return {
      ...{ title: wordsFor(looking)(`import.${what}`), tenant, here, isUsers },
      operation: isUsers ? 'importUsers' : 'importDevices',
      exported: isUsers ? 'exportUsers' : 'exportDevices',
      columns: isUsers ? 'extension, name, profile, pin …' : 'mac, family, model, serial, note, user …',
    };
  },
};
