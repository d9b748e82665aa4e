/**
 * A deep, frozen copy without prototypes, so that a template finds in it what was put there and nothing else. Anything
 * but JSON data is a programming error.
 */
export function plain<T>(value: T): T {
  // The copy has the same keys and values, so it has the same type; only TypeScript cannot see that.
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return Object.freeze(value.map(copy));
  if (typeof value !== 'object' || value === undefined) throw new TypeError(`a view cannot hold a ${typeof value}`);
  const made: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of Object.entries(value)) made[key] = copy(entry);
  return Object.freeze(made);
}
