import type { Family } from '../family/family.ts';
import type { LineView, ProfileView, SlotView } from '../template/viewTypes.ts';
import { markEnds, slotView } from './slots.ts';

interface Shared {
  readonly lines: readonly LineView[];
  readonly unplaced_lines: readonly LineView[];
  readonly profiles: readonly ProfileView[];
  readonly unused_profiles: readonly SlotView[];
}

/**
 * Lines with the same settings of their server share a place for these, on phones that have fewer places than lines. When
 * there are too few, users' lines have them before default lines.
 */
export function shareProfiles({ data }: Family, lines: readonly LineView[]): Shared {
  const places = data.models.defaults.profiles;
  if (places === undefined) return { lines, unplaced_lines: [], profiles: [], unused_profiles: [] };
  const kinds = new Map<string, LineView[]>();
  for (const line of lines.toSorted((one, other) => Number(one.is_default) - Number(other.is_default)))
    kinds.set(kindOf(line), [...(kinds.get(kindOf(line)) ?? []), line]);
  const placed = [...kinds.keys()].slice(0, places);
  const profileOf = (line: LineView): number => placed.indexOf(kindOf(line)) + 1;
  const fields = data.fields.profiles;
  return {
    lines: lines.flatMap((line) => {
      const profile = profileOf(line);
      return profile === 0 ? [] : [{ ...line, profile, profile0: profile - 1 }];
    }),
    unplaced_lines: lines.filter((line) => profileOf(line) === 0),
    profiles: markEnds(
      placed.flatMap((kind, at) => {
        const its = kinds.get(kind) ?? [];
        return its.slice(0, 1).map((line) => profileView(slotView(at + 1, fields), line, its));
      }),
    ),
    unused_profiles: markEnds(
      Array.from({ length: places - placed.length }, (_, at) => slotView(placed.length + at + 1, fields)),
    ),
  };
}

function kindOf({ host, port, transport, outbound_proxy: proxy, srtp, expiry, codecs }: LineView): string {
  return JSON.stringify([host, port, transport.name, proxy, srtp, expiry, codecs.map(({ name }) => name)]);
}

function profileView(slot: SlotView, line: LineView, its: readonly LineView[]): ProfileView {
  const { host, port, transport, outbound_proxy, srtp, expiry, expiry_minutes, codecs, other_codecs } = line;
  return {
    ...slot,
    ...{ host, port, transport, outbound_proxy, srtp, expiry, expiry_minutes, codecs, other_codecs },
    is_default: its.every(({ is_default: isDefault }) => isDefault),
    mwi: its.some(({ mwi }) => mwi),
  };
}
