import type { Key } from '../../domain/deviceSettings.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { Family } from '../family/family.ts';
import { markEnds, safeText, slotView } from './slots.ts';
import type { KeyView, LineView, SlotView } from '../template/viewTypes.ts';

/** A key of a kind that families may have a word for. */
export type SpelledKey = Key & { readonly kind: Exclude<Key['kind'], 'self_provisioning'> };

/** The line key and the set-up key that a bootstrap file sets. */
const BOOTSTRAP_KEYS = 2;

/** The key of a bootstrap file that dials the self-provisioning extension. */
export function setUpKey(tenant: Tenant, line: number): SpelledKey {
  return { kind: 'speed_dial', label: `Set up ${tenant.extension}`, value: tenant.extension, line };
}

/** What the self-provisioning key stands for is the tenant's to say; phones know it as a speed dial. */
export function spelledOut(tenant: Tenant, keys: readonly Key[]): readonly SpelledKey[] {
  return keys.map((key) => {
    const { kind, line, label } = key;
    if (kind !== 'self_provisioning') return { ...key, kind };
    return label === '' ? setUpKey(tenant, line) : { ...setUpKey(tenant, line), label };
  });
}

/** One line key for each line, then the others; kinds that the family cannot spell and keys the model lacks are left out. */
export function keyViews(
  family: Family,
  limit: number,
  lines: readonly LineView[],
  others: readonly SpelledKey[],
): readonly KeyView[] {
  const spellings = family.data.spelling.key;
  const lineKeys = lines.map((line) => ({ kind: 'line' as const, label: line.label, value: null, line: line.index }));
  const wanted = [...lineKeys, ...others].filter((key) => spellings[key.kind] !== undefined).slice(0, limit);
  const lineCount = wanted.filter((key) => key.kind === 'line').length;
  return markEnds(
    wanted.map((key, at) => {
      const position0 = key.kind === 'line' ? at : at - lineCount;
      return {
        ...slotView(at + 1, family.data.fields.keys),
        position: position0 + 1,
        position0,
        kind: key.kind,
        spelling: spellings[key.kind] ?? key.kind,
        is_line: key.kind === 'line',
        is_speed_dial: key.kind === 'speed_dial',
        is_blf: key.kind === 'blf',
        is_park: key.kind === 'park',
        is_transfer: key.kind === 'transfer',
        is_voicemail: key.kind === 'voicemail',
        label: key.label,
        safe_label: safeText(key.label),
        value: key.value,
        line: key.line,
        line0: key.line - 1,
        host: lines.find((line) => line.index === key.line)?.host ?? lines[0]?.host ?? '',
      };
    }),
  );
}

export function unusedKeyViews(family: Family, limit: number, used: number, isBootstrap: boolean): readonly SlotView[] {
  const end = isBootstrap ? limit : Math.min(limit, BOOTSTRAP_KEYS);
  const slots = Array.from({ length: Math.max(0, end - used) }, (_, at) => used + at + 1);
  return markEnds(slots.map((slot) => slotView(slot, family.data.fields.keys)));
}
