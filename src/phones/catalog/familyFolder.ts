import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileFamily } from './compileFamily.ts';
import type { Family } from '../family/family.ts';
import { familySchema } from '../family/schema.ts';
import type { Mistakes } from './mistakes.ts';
import { sampleView } from '../view/sample.ts';
import { parseTemplates } from '../template/template.ts';
import type { TemplateSet } from '../template/template.ts';
import { readText, readYamlFile } from './yamlFile.ts';

/** The last directory that has this file. */
export function findFile(directories: readonly string[], ...path: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, ...path)).findLast((file) => existsSync(file));
}

/** Reads, compiles and checks one family; `undefined` when it is too broken to be compiled. */
export function readFamilyFolder(directories: readonly string[], id: string, mistakes: Mistakes): Family | undefined {
  const file = findFile(directories, id, 'family.yaml');
  if (file === undefined) {
    mistakes.add(id, undefined, 'there is no family.yaml in this folder');
    return undefined;
  }
  const source = readYamlFile(file, familySchema, mistakes);
  const templates = loadTemplates(directories, id, mistakes);
  if (source === undefined) return undefined;

  const family = compileFamily(id, source, templates, mistakes);
  const shape = sampleView(family);
  family.data.files.forEach(({ template, role }, at) => {
    if (!templates.has(template)) {
      mistakes.add(file, source.lineOf(['files', at, 'template']), `there is no ${template} in this folder`);
    }
    for (const problem of templates.problems(template, shape, role)) {
      mistakes.add(findFile(directories, id, problem.name) ?? problem.name, problem.line, problem.reason);
    }
  });
  return family;
}

/** Templates of all directories; those that cannot be read or parsed are mistakes. */
function loadTemplates(directories: readonly string[], id: string, mistakes: Mistakes): TemplateSet {
  const files = new Map(
    directories
      .map((directory) => join(directory, id))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => [name, join(folder, name)] as const))
      .filter(([name]) => name.endsWith('.mustache')),
  );
  const texts = new Map([...files].map(([name, file]) => [name, readText(file, mistakes) ?? '']));
  return parseTemplates(texts, ({ name, line, reason }) => mistakes.add(files.get(name) ?? name, line, reason));
}
