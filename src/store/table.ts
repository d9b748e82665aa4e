import { Secret } from '../domain/secret.ts';
import type { Sealer } from '../secrets/sealer.ts';

/** A row as the database gives it: column names in snake_case, types that differ between SQLite and PostgreSQL. */
export type Row = Record<string, unknown>;

/**
 * How a field lies in its column. `list` is comma-separated text, `secret` is sealed, also within `json`; null is null in all
 * of them.
 */
type Kind = 'text' | 'number' | 'boolean' | 'json' | 'list' | 'secret';

/** One table and the type that its rows are. */
export interface Table<T> {
  readonly name: string;
  /** Only the fields present in `value`. */
  toRow(value: Partial<T>): Row;
  fromRow(row: Row): T;
  readonly columns: readonly string[];
  /** The same as `fromRow`, of the values in the order of `columns`. */
  fromValues(values: readonly unknown[]): T;
}

export function table<T>(name: string, kinds: Readonly<Record<keyof T & string, Kind>>, sealer: Sealer): Table<T> {
  const fields = Object.entries<Kind>(kinds).map(([field, kind]) => ({ field, kind, column: columnOf(field) }));
  return {
    name,
    toRow(value) {
      const row: Row = {};
      for (const { field, kind, column } of fields) {
        const content = value[field as keyof T];
        if (content !== undefined) row[column] = content === null ? null : encode(kind, content, sealer);
      }
      return row;
    },
    fromRow(row) {
      const value: Row = {};
      for (const { field, kind, column } of fields) {
        const content = row[column];
        value[field] = content === null || content === undefined ? null : decode(kind, content, sealer);
      }
      return value as T;
    },
    columns: fields.map(({ column }) => column),
    fromValues(values) {
      const value: Row = {};
      for (let at = 0; at < fields.length; at++) {
        const [content, field] = [values[at], fields[at]];
        if (field !== undefined) value[field.field] = content == null ? null : decode(field.kind, content, sealer);
      }
      return value as T;
    },
  };
}

function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function encode(kind: Kind, content: unknown, sealer: Sealer): unknown {
  if (kind === 'json') return JSON.stringify(content, sealing(sealer));
  if (kind === 'list') return (content as readonly string[]).join(',');
  if (kind === 'secret') return sealer.seal(content as Secret);
  return content;
}

function decode(kind: Kind, content: unknown, sealer: Sealer): unknown {
  if (kind === 'text') return String(content);
  if (kind === 'number') return Number(content);
  if (kind === 'boolean') return content === true || content === 1;
  if (kind === 'json') return parse(content as string, sealer);
  if (kind === 'list') return (content as string).split(',').filter((part) => part !== '');
  return sealer.open(content as string);
}

/** `JSON.stringify` asks a value for `toJSON` first, so the value is looked up where it stands. */
function sealing(sealer: Sealer) {
  return function (this: Row, name: string, text: unknown): unknown {
    const value = this[name];
    return value instanceof Secret ? { sealed: sealer.seal(value) } : text;
  };
}

/** Few texts have a secret in them, and looking at each value takes most of the time. */
function parse(text: string, sealer: Sealer): unknown {
  return text.includes('"sealed"') ? JSON.parse(text, opening(sealer)) : (JSON.parse(text) as unknown);
}

function opening(sealer: Sealer) {
  return (_name: string, value: unknown): unknown => {
    const isSealed =
      typeof value === 'object' && value !== null && 'sealed' in value && typeof value.sealed === 'string';
    return isSealed ? sealer.open(value.sealed as string) : value;
  };
}
