import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileFamily } from './compileFamily.ts';
import { keyOf, type Compiled } from './compiled.ts';
import type { Family } from '../family/family.ts';
import { familySchema, type FamilyData } from '../family/schema.ts';
import type { Mistakes } from './mistakes.ts';
import { sampleView } from '../view/sample.ts';
import { compileAccepted } from '../pattern/pattern.ts';
import { acceptedTemplates, parseTemplates } from '../template/template.ts';
import { accepted, readText, readYaml, type YamlFile } from './yamlFile.ts';

/** The last directory that has this file. */
export function findFile(directories: readonly string[], ...path: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, ...path)).findLast((file) => existsSync(file));
}

/** Reads, compiles and checks one family; `undefined` when it is too broken to be compiled. */
export function readFamilyFolder(
  directories: readonly string[],
  id: string,
  mistakes: Mistakes,
  compiled: Compiled,
): Family | undefined {
  const file = findFile(directories, id, 'family.yaml');
  if (file === undefined) {
    mistakes.add(id, undefined, 'there is no family.yaml in this folder');
    return undefined;
  }
  const text = readText(file, mistakes);
  const files = templatesOf(directories, id);
  const texts = new Map([...files].map(([name, path]) => [name, readText(path, mistakes) ?? '']));
  const key = keyOf([['family.yaml', text ?? ''], ...texts]);
  const known = compiled.get(key) as FamilyData | undefined;
  if (known !== undefined)
    return compileFamily(id, accepted(file, known), acceptedTemplates(texts), mistakes, compileAccepted);

  const source = text === undefined ? undefined : readYaml(file, text, familySchema, mistakes);
  const templates = parseTemplates(texts, ({ name, line, reason }) =>
    mistakes.add(files.get(name) ?? name, line, reason),
  );
  if (source === undefined) return undefined;
  const family = compileFamily(id, source, templates, mistakes);
  checkTemplates(family, source, files, mistakes);
  compiled.keep(key, source.data);
  return family;
}

function checkTemplates(
  family: Family,
  source: YamlFile<FamilyData>,
  files: ReadonlyMap<string, string>,
  mistakes: Mistakes,
): void {
  const { templates } = family;
  const shape = sampleView(family);
  family.data.files.forEach(({ template, role }, at) => {
    if (!templates.has(template)) {
      mistakes.add(source.file, source.lineOf(['files', at, 'template']), `there is no ${template} in this folder`);
    }
    for (const problem of templates.problems(template, shape, role)) {
      mistakes.add(files.get(problem.name) ?? problem.name, problem.line, problem.reason);
    }
  });
}

/** The templates of all directories by name, in an order that does not depend on the file system. */
function templatesOf(directories: readonly string[], id: string): ReadonlyMap<string, string> {
  return new Map(
    directories
      .map((directory) => join(directory, id))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) =>
        readdirSync(folder)
          .toSorted()
          .map((name) => [name, join(folder, name)] as const),
      )
      .filter(([name]) => name.endsWith('.mustache')),
  );
}
