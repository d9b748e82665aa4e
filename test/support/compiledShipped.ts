import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { templates } from './phoneFacts.ts';

/** What the build keeps of the shipped families. */
export function compiledShipped(): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  loadFamilies([templates], { get: () => undefined, keep: (key, data) => void (kept[key] = data) });
  return kept;
}
