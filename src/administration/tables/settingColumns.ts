import { Secret } from '../../domain/secret.ts';
import type { SettingsOf } from '../../domain/settings.ts';
import { INHERIT, optionOf, settingsIn, type Texts } from '../settings.ts';
import type { Column } from './kind.ts';

/** A column for each setting, named like its option; `says` is what a thing itself says of them. Secrets are not exported. */
export function settingColumns<T extends object, Draft extends { readonly texts: Texts }, Thing>(
  settings: SettingsOf<T>,
  says: (thing: Thing) => object,
): readonly Column<Draft, Thing>[] {
  return settingsIn(settings).map(([name, setting]) => {
    // Thousands of lines say the same of a setting, and some are slow to read.
    const good = new Set<string>([INHERIT]);
    return {
      name: optionOf(name).slice(2),
      read(draft, cell) {
        if (!good.has(cell.trim())) setting.read(cell);
        good.add(cell.trim());
        return { ...draft, texts: { ...draft.texts, [name]: cell } };
      },
      show(thing) {
        const value = (says(thing) as Readonly<Record<string, unknown>>)[name];
        return value === undefined || value instanceof Secret ? '' : setting.show(value);
      },
    };
  });
}
