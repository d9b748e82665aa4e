import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Settings } from './reading.ts';

/** How a document of settings that stand in attributes looks. */
interface Shape {
  /** The elements from the root down to the settings' own. */
  readonly path: readonly string[];
  /** The attribute that names a setting; its value is in `value`. */
  readonly name: string;
}

interface Element {
  readonly [name: string]: string | readonly Element[] | undefined;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  trimValues: false,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

/** Reads `<param name="…" value="…"/>` and the like; a setting that stands there twice is refused. */
export function readAttributePairs(file: string, { path, name }: Shape): Settings {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not XML: ${valid.err.msg} in line ${valid.err.line}`);
  const found = path.reduce<readonly Element[]>(
    (elements, step) => elements.flatMap((element) => children(element, step)),
    [parser.parse(file) as Element],
  );
  if (found.length === 0) throw new Error(`there is no ${path.join('/')}`);
  const settings = new Map<string, string>();
  for (const element of found) {
    const key = attribute(element, name);
    if (key === '' || settings.has(key)) throw new Error(`the setting ${JSON.stringify(key)} is refused`);
    settings.set(key, attribute(element, 'value'));
  }
  return settings;
}

function children(element: Element, name: string): readonly Element[] {
  const found = element[name];
  return typeof found === 'object' ? found : [];
}

function attribute(element: Element, name: string): string {
  const found = element[`@${name}`];
  return typeof found === 'string' ? found : '';
}

/** The numbers that a pattern finds in the names of settings, in order. */
export function numbersIn(settings: Settings, pattern: RegExp): readonly number[] {
  const found = [...settings.keys()].flatMap((key) => pattern.exec(key)?.slice(1, 2).map(Number) ?? []);
  return [...new Set(found)].toSorted((one, other) => one - other);
}
