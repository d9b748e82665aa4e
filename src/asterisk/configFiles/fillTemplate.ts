import { readFileSync } from 'node:fs';

/** The text of a template with each `@NAME@` replaced. A name without a value is a mistake in the template. */
export function fillTemplate(file: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(file, 'utf8').replace(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${file}: nothing to put in place of @${name}@`);
    return value;
  });
}
