import type { Settings } from './reading.ts';
import { attribute, descend, parseXml } from './xml.ts';

/** How a document of settings that stand in attributes looks. */
interface Shape {
  /** The elements from the root down to the settings' own. */
  readonly path: readonly string[];
  /** The attribute that names a setting; its value is in `value`. */
  readonly name: string;
}

/** Beside them there may be `<firmware><file url="…"/></firmware>`. Reads `<param name="…" value="…"/>` and the like; a setting that stands there twice is refused. */
export function readAttributePairs(file: string, { path, name }: Shape): Settings {
  const found = descend(parseXml(file), ...path);
  if (found.length === 0) throw new Error(`there is no ${path.join('/')}`);
  const settings = new Map<string, string>();
  for (const element of found) {
    const key = attribute(element, name);
    if (key === '' || settings.has(key)) throw new Error(`the setting ${JSON.stringify(key)} is refused`);
    settings.set(key, attribute(element, 'value'));
  }
  const firmware = descend(parseXml(file), ...path.slice(0, 1), 'firmware', 'file')[0];
  if (firmware !== undefined) settings.set('firmware', attribute(firmware, 'url'));
  return settings;
}
