import type { Family, FileAsked, PathRule } from '../family/family.ts';
import type { FamilyData, FileData, RuleData } from '../family/schema.ts';
import type { Mistakes } from './mistakes.ts';
import { compileModels } from '../family/models.ts';
import type { Models } from '../family/models.ts';
import { DEEPEST_PATH } from '../recognise/path.ts';
import { compileRule } from '../family/rule.ts';
import type { CompilePattern } from '../pattern/pattern.ts';
import type { Rule } from '../family/rule.ts';
import type { TemplateSet } from '../template/template.ts';
import type { YamlFile } from './yamlFile.ts';

/** Compiles one family's patterns and tables; what is wrong with them is added to the mistakes. */
export function compileFamily(
  id: string,
  source: YamlFile<FamilyData>,
  templates: TemplateSet,
  mistakes: Mistakes,
  compile?: CompilePattern,
): Family {
  const { data } = source;

  function refuse(path: readonly PropertyKey[], reason: string): void {
    mistakes.add(source.file, source.lineOf(path), `${path.join('.')}: ${reason}`);
  }

  function attempt<T>(path: readonly PropertyKey[], work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      refuse(path, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  function rules(
    list: keyof FamilyData & ('user_agents' | 'sip_user_agents' | 'vendor_classes' | 'certificates'),
  ): Rule[] {
    return data[list].flatMap((rule, at) => attempt([list, at], () => compileRule(rule, compile)) ?? []);
  }

  function pathRules(list: 'paths' | 'uploads', kind: FileAsked['kind']): PathRule[] {
    return data[list].flatMap((rule, at) => {
      const file: FileAsked = { familyId: id, kind, name: rule.pattern, role: null };
      return attempt([list, at], () => pathRule(rule, file, rule.shared, compile)) ?? [];
    });
  }

  const fileRules = data.files.flatMap((file, at) => {
    const asked: FileAsked = { familyId: id, kind: 'template', name: file.name, role: file.role };
    const rule = { ...file, pattern: file.pattern ?? namePattern(file.name) };
    return attempt(['files', at], () => pathRule(rule, asked, file.shared, compile)) ?? [];
  });

  checkFiles(data, refuse);
  checkTables(data, refuse);
  return {
    id,
    data,
    models: attempt(['models'], () => compileModels(data.models, compile)) ?? NO_MODELS,
    userAgents: rules('user_agents'),
    sipUserAgents: rules('sip_user_agents'),
    vendorClasses: rules('vendor_classes'),
    certificates: rules('certificates'),
    paths: [...fileRules, ...pathRules('uploads', 'upload'), ...pathRules('paths', 'other')],
    files: new Map(data.files.map((file) => [file.name, file])),
    templates,
  };
}

const NO_MODELS: Models = compileModels({
  defaults: { lines: 1, keys: 0, banks: [], ports: 1, quirks: {} },
  table: [],
});

function pathRule(rule: RuleData, file: FileAsked, shared: boolean, compile?: CompilePattern): PathRule {
  const depth = rule.pattern.replace(/\[[^\]]*\]/g, '').split('/').length;
  if (depth > DEEPEST_PATH) throw new Error(`a path pattern covers ${DEEPEST_PATH} segments at most`);
  return { file, read: compileRule(rule, compile), depth, pattern: rule.pattern, shared };
}

/** A name of `files` as a pattern: what stands in braces varies. */
function namePattern(name: string): string {
  return name
    .replace(/[.*+?^$()[\]|\\]/g, '\\$&')
    .replace('{model}', '(?<model>[a-z0-9]+)')
    .replace('{code}', '(?<code>[a-z0-9]+)');
}

type Refuse = (path: readonly PropertyKey[], reason: string) => void;

function checkFiles(data: FamilyData, refuse: Refuse): void {
  data.files.forEach((file: FileData, at) => {
    if (data.files.findIndex((other) => other.name === file.name) !== at)
      refuse(['files', at], `${file.name} occurs twice`);
  });
  const own = data.files.filter(({ role }) => role === 'device');
  if (own.length > 0 && own.every(({ lines }) => lines === 'no'))
    refuse(['files'], 'one file of a device at least must have its lines');
  if (data.files.length > 0 && data.notify === undefined) refuse(['files'], 'a family with files needs notify');
}

/** Every entry of a table has the keys of the first: a missing one would be looked for further out by the template. */
function checkTables(data: FamilyData, refuse: Refuse): void {
  for (const [name, table] of Object.entries(data.fields)) {
    const entries = Object.entries(table);
    const wanted = Object.keys(entries[0]?.[1] ?? {})
      .toSorted()
      .join();
    entries.forEach(([at, entry]) => {
      if (Object.keys(entry).toSorted().join() !== wanted)
        refuse(['fields', name, at], 'must have the keys of the first entry');
    });
  }
  checkBanks(data, refuse);
  checkPorts(data, refuse);
  data.models.table.forEach((model, at) => {
    for (const quirk of Object.keys(model.quirks)) {
      if (!Object.hasOwn(data.models.defaults.quirks, quirk)) {
        refuse(['models', 'table', at, 'quirks', quirk], 'needs a value in models.defaults.quirks too');
      }
    }
  });
}

/** A port beyond the lines would have a line that no file carries. */
function checkPorts({ fields, models: { defaults, table } }: FamilyData, refuse: Refuse): void {
  const refuseMany = (path: readonly PropertyKey[], ports: number, lines: number): void => {
    if (ports > lines || (fields.lines.length > 0 && ports > fields.lines.length))
      refuse(path, 'a port needs a line of its own');
  };
  refuseMany(['models', 'defaults', 'ports'], defaults.ports, defaults.lines);
  table.forEach(({ ports = defaults.ports, lines = defaults.lines }, at) =>
    refuseMany(['models', 'table', at, 'ports'], ports, lines),
  );
}

/** A bank without fields of its own would be given those of something further out by the template. */
function checkBanks({ fields, models }: FamilyData, refuse: Refuse): void {
  if (Object.keys(fields.banks).length === 0) return;
  for (const { name } of [...models.defaults.banks, ...models.table.flatMap(({ banks }) => banks ?? [])]) {
    if (!Object.hasOwn(fields.banks, name)) refuse(['fields', 'banks'], `has nothing for ${name}`);
  }
}
