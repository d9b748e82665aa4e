import type { Command } from 'commander';
import type { SelfprovError } from '../domain/errors.ts';
import { inJson } from '../domain/inJson.ts';

/** What a command prints: `text` for people, `data` for `--json`. */
export interface Output {
  readonly data: unknown;
  readonly text: string;
  /** What the command fails with, once this has been printed. */
  readonly refusal?: SelfprovError;
}

/** Columns aligned under their headings; a word instead of a table when there are no rows. */
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  const all = [headings, ...rows];
  const widths = headings.map((_, i) => Math.max(...all.map((row) => [...(row[i] ?? '')].length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `name: value` lines, aligned, those of a value with several too; values that are `null` are left out. */
export function factsOf(facts: Readonly<Record<string, string | null>>): string {
  const shown = Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== null);
  const width = Math.max(...shown.map(([name]) => name.length)) + 2;
  const below = `\n${' '.repeat(width)}`;
  return shown.map(([name, value]) => `${`${name}:`.padEnd(width)}${value.replaceAll('\n', below)}`).join('\n');
}

/** Whether a program reads what this command prints. */
export function isForPrograms(command: Command): boolean {
  return command.optsWithGlobals()['json'] === true;
}

/** As this command prints it. */
export function printed(command: Command, { data, text }: Pick<Output, 'data' | 'text'>): string {
  return isForPrograms(command) ? inJson(data, 2) : text;
}

/** ISO 8601, local time with its offset, to the second: `2026-11-21T08:00:00+01:00`. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const offset = -date.getTimezoneOffset();
  const local = new Date(at + offset * 60_000).toISOString().slice(0, 19);
  const two = (part: number): string => String(Math.trunc(part)).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
}
