import { SelfprovError } from '../../domain/errors.ts';
import type { Families, FileAsked } from '../family/family.ts';
import type { FileData } from '../family/schema.ts';
import { encode, ESCAPES } from '../template/formats.ts';
import type { TemplateSet } from '../template/template.ts';
import type { View } from '../template/viewTypes.ts';
import { describeUnplaced } from './unplacedKeys.ts';

/** A file as it goes out. */
export interface RenderedFile {
  readonly contentType: string;
  readonly body: Buffer;
  /** For people: what was asked for and is not in it. */
  readonly notes: readonly string[];
}

/** Makes a file from its template. Throws `not_found` when the family does not make such a file. */
export function renderFile(families: Families, file: FileAsked, view: View): RenderedFile {
  const { entry, templates } = templateOf(families, file);
  const unplaced = view.unplaced_lines.map(
    ({ index, label }) => `line ${index} “${label}”: no place for its server is left`,
  );
  const notes = file.role === 'device' ? [...unplaced, ...view.unplaced_keys.map(describeUnplaced)] : [];
  const text = renderText(templates, entry, view);
  return { contentType: entry.content_type, body: encode(text, entry.encoding, entry.format), notes };
}

/** A file that was made, for people. */
export function textOf(families: Families, file: FileAsked, body: Buffer): string {
  return body.toString(templateOf(families, file).entry.encoding === 'utf-8' ? 'utf8' : 'latin1');
}

/** What a file is made by. Same error as `renderFile`. */
export function templateOf(
  families: Families,
  file: FileAsked,
): { readonly entry: FileData; readonly templates: TemplateSet } {
  const family = families.byId.get(file.familyId);
  const entry = file.kind === 'template' ? family?.files.get(file.name) : undefined;
  if (family === undefined || entry === undefined) {
    throw new SelfprovError('not_found', `${file.familyId} has no template for ${file.name}.`);
  }
  return { entry, templates: family.templates };
}

/** The file before it is encoded. */
export function renderText(templates: TemplateSet, entry: FileData, view: View): string {
  const text = templates.render(entry.template, view, ESCAPES[entry.format]);
  const limit = entry.max_line;
  const lines = text.split('\n').filter((line) => limit === undefined || line.length <= limit);
  return lines.join(entry.line_ending === 'crlf' ? '\r\n' : '\n');
}
