import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Families, Family } from '../family/family.ts';
import { NOTHING_COMPILED, type Compiled } from './compiled.ts';
import { readFamilyFolder } from './familyFolder.ts';
import { collectMistakes } from './mistakes.ts';
import type { Mistakes } from './mistakes.ts';
import { readNotPhones } from './notPhones.ts';
import { orderFamilies } from './orderFamilies.ts';
import { readTimeZones } from './timeZoneFile.ts';

/**
 * Reads `<directory>/<family>/family.yaml`, the templates beside it, `<directory>/not-phones.yaml` and
 * `<directory>/time-zones.json`. A file in a later directory takes the place of the same file in an earlier one: so a
 * site replaces one template, a whole `family.yaml`, or adds a family. Throws `invalid` with every mistake in every
 * file, one per line; whoever reloads keeps the set it has. What is in `compiled` is taken as it is.
 */
export function loadFamilies(directories: readonly string[], compiled: Compiled = NOTHING_COMPILED): Families {
  const mistakes = collectMistakes();
  const present = directories.filter((directory) => existsSync(directory));
  for (const directory of directories) {
    if (!present.includes(directory)) mistakes.add(directory, undefined, 'there is no such directory');
  }
  const ids = [...new Set(present.flatMap(folders))].toSorted();
  const read = ids.flatMap((id) => readFamilyFolder(present, id, mistakes, compiled) ?? []);
  const all = orderFamilies(read, mistakes);
  checkPaths(all, mistakes);
  const families: Families = {
    all,
    byId: new Map(all.map((family) => [family.id, family])),
    ouis: collectOuis(all, mistakes),
    notPhones: readNotPhones(present, mistakes, compiled),
    timeZones: readTimeZones(
      present.map((directory) => join(directory, 'time-zones.json')).filter((file) => existsSync(file)),
      mistakes,
      compiled,
    ),
  };
  mistakes.throwAny();
  return families;
}

/** Linked ones too. */
function folders(directory: string): readonly string[] {
  return readdirSync(directory).filter(
    (name) => !name.startsWith('.') && statSync(join(directory, name), { throwIfNoEntry: false })?.isDirectory(),
  );
}

/** Which family a MAC prefix means when nothing else tells; two claims are a mistake. */
function collectOuis(all: readonly Family[], mistakes: Mistakes): ReadonlyMap<string, Family> {
  const owners = new Map<string, Family>();
  for (const family of all) {
    const prefixes = [...family.data.oui, ...family.data.models.table.flatMap((model) => model.oui)];
    for (const prefix of new Set(prefixes)) {
      const owner = owners.get(prefix);
      if (owner === undefined) owners.set(prefix, family);
      else mistakes.add(`${family.id}/family.yaml`, undefined, `the OUI ${prefix} is claimed by ${owner.id} too`);
    }
  }
  return owners;
}

/** A name that two makers claim alone would go to whichever comes first, unless a model's number in it decides. */
function checkPaths(all: readonly Family[], mistakes: Mistakes): void {
  const owners = new Map<string, Family>();
  for (const family of all) {
    for (const { pattern, shared } of family.paths) {
      if (shared || pattern.includes('(?<code>')) continue;
      const owner = owners.get(pattern.toLowerCase());
      if (owner === undefined) owners.set(pattern.toLowerCase(), family);
      else if (owner.data.vendor !== family.data.vendor) {
        mistakes.add(
          `${family.id}/family.yaml`,
          undefined,
          `${pattern} is claimed by ${owner.id} too: mark both as shared`,
        );
      }
    }
  }
}
