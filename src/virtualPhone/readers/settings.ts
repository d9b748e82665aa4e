import type { Settings } from './reading.ts';

/** The numbers that a pattern finds in the names of settings, in order, each once. */
export function numbersIn(settings: Settings, pattern: RegExp): readonly number[] {
  const found = [...settings.keys()].flatMap((key) => pattern.exec(key)?.slice(1, 2).map(Number) ?? []);
  return [...new Set(found)].toSorted((one, other) => one - other);
}

/** The parts of a reading that are there: what is empty in a file is missing in a reading. */
export function unlessEmpty<T extends Readonly<Record<string, string>>>(parts: T): Partial<T> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== '')) as Partial<T>;
}

/** One setting per line, its name and value as the pattern finds them; throws at another line and at a name that is there already. */
export function settingPerLine(lines: readonly string[], pattern: RegExp): Settings {
  const settings = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = pattern.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a setting: ${JSON.stringify(line)}`);
    if (settings.has(name)) throw new Error(`${name} stands there twice`);
    settings.set(name, value);
  }
  return settings;
}
