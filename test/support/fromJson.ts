import { parseMac } from '../../src/domain/mac.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** What a command has printed with `--json`, as the types in src have it: instants as numbers, MACs without colons. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text, (name, value: unknown) => {
    if (typeof value === 'string' && INSTANT.test(value)) return Date.parse(value);
    if (name === 'devices' && Array.isArray(value)) return value.map(plain);
    return name === 'mac' ? plain(value) : value;
  }) as T;
}

function plain(value: unknown): unknown {
  return typeof value === 'string' ? (parseMac(value) ?? value) : value;
}
