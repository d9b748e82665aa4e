import { COLUMNS } from '../../api/tables.ts';
import { DEVICE_SETTINGS } from '../../domain/deviceSettings.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { LINE_SETTINGS } from '../../domain/lineSettings.ts';
import { wordOr, wordsFor, type Page } from '../page.ts';

const SETTINGS = { ...LINE_SETTINGS, ...DEVICE_SETTINGS };

/** A table of users or of devices, to be looked through before anything is done. */
export const IMPORT: Page = {
  path: '/t/:tenant/import/:what',
  view: 'import',
  async load(looking) {
    const { at, tenant, visitor, here, language } = looking;
    const { what } = at;
    if (what !== 'users' && what !== 'devices') throw new SelfprovError('not_found', 'there are no tables of these');
    if (!visitor.rights.has('change'))
      throw new SelfprovError('unauthorized', 'you may look, and not import', { reason: 'forbidden' });
    const isUsers = what === 'users';
    const columns = columnsIn(language, COLUMNS[what]);
    const usual = columns.flatMap(({ name, isSetting }) => (isSetting || /^user-\d/.test(name) ? [] : [name]));
    return {
      ...{ title: wordsFor(looking)(`import.${what}`), tenant, here, isUsers, columns, usual: usual.join(', ') },
      operation: isUsers ? 'importUsers' : 'importDevices',
      exported: isUsers ? 'exportUsers' : 'exportDevices',
      blank: {
        name: `${what}.csv`,
        href: `data:text/csv;charset=utf-8,${encodeURIComponent(`\uFEFF${usual.join(',')}\r\n`)}`,
      },
    };
  },
};

/** Columns with what stands in them. A setting has the name of its option. */
export function columnsIn(language: string, names: readonly string[]) {
  return names.map((name) => {
    const setting = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const its = Object.entries(SETTINGS).find(([each]) => each === setting)?.[1];
    const about = wordOr(language, `columns.${name.replace(/-\d+$/, '-n')}`, '');
    if (about !== '' || its === undefined) return { name, about, isSetting: false };
    const how = wordOr(language, `hints.${setting}`, its.placeholder);
    return { name, about: `${wordOr(language, `settings.${setting}`, its.about)}: ${how}`, isSetting: true };
  });
}
