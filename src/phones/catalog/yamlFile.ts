import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { keyOf, type Compiled } from './compiled.ts';
import type { Mistakes } from './mistakes.ts';

/** A checked YAML file that still knows its lines. */
export interface YamlFile<Data> {
  readonly file: string;
  readonly data: Data;
  /** The line of the value at this path, or of the nearest one around it. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Reads and checks one file; `undefined` when anything is wrong with it, which is then among the mistakes. */
export function readYamlFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  mistakes: Mistakes,
  compiled: Compiled,
): YamlFile<z.infer<Schema>> | undefined {
  const text = readText(file, mistakes);
  if (text === undefined) return undefined;
  const key = keyOf([[basename(file), text]]);
  const known = compiled.get(key);
  if (known !== undefined) return accepted(file, known as z.infer<Schema>);
  const read = readYaml(file, text, schema, mistakes);
  if (read !== undefined) compiled.keep(key, read.data);
  return read;
}

/** What was accepted before has no mistakes whose lines could be asked for. */
export function accepted<Data>(file: string, data: Data): YamlFile<Data> {
  return { file, data, lineOf: () => undefined };
}

/** As `readYamlFile` does, of a text that was read. */
export function readYaml<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
  mistakes: Mistakes,
): YamlFile<z.infer<Schema>> | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });

  function lineOf(path: readonly PropertyKey[]): number | undefined {
    for (let depth = path.length; depth >= 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth), true);
      const at = rangeStart(node);
      if (at !== undefined) return lines.linePos(at).line;
    }
    return undefined;
  }

  for (const error of document.errors) mistakes.add(file, lines.linePos(error.pos[0]).line, firstLine(error.message));
  if (document.errors.length > 0) return undefined;

  const result = schema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (result.success) return { file, data: result.data, lineOf };
  for (const issue of result.error.issues) {
    // An unknown key is reported at the place it is in; it stands on a line of its own.
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    for (const path of keys.length === 0 ? [issue.path] : keys.map((key) => [...issue.path, key])) {
      mistakes.add(
        file,
        lineOf(path),
        `${path.join('.') || 'file'}: ${keys.length === 0 ? issue.message : 'unknown key'}`,
      );
    }
  }
  return undefined;
}

/** The file as text; `undefined`, and a mistake, when it cannot be read. */
export function readText(file: string, mistakes: Mistakes): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    mistakes.add(file, undefined, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
