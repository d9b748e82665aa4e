import type { Key } from '../../domain/deviceSettings.ts';
import { SelfprovError } from '../../domain/errors.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { Families } from '../family/family.ts';
import { chooseKeys, wantedKeys, type UnplacedKey, type WantedKey } from './chooseKeys.ts';
import { keyRoom, placesOf } from './keys.ts';

interface Wanted {
  readonly family: string;
  /** `null`: one that nobody knows. */
  readonly model: string | null;
  readonly tenant: Tenant;
  /** Slots of the device's lines. */
  readonly lines: readonly number[];
  readonly keys: readonly Key[];
}

/** A key of a phone, and what is on it. */
export interface PlacedKey {
  /** From 1, on its page. */
  readonly place: number;
  /** The how manieth of `keys`, from 0; `null`: nothing, or a line's own. */
  readonly key: number | null;
  /** The slot of the line that has it without being asked for. */
  readonly line: number | null;
}

/** Keys that stand together. */
export interface LaidOutPage {
  /** Of the bank, as in `family.yaml`. */
  readonly name: string;
  readonly page: number;
  readonly pages: number;
  /** On an expansion module, which may not be there. */
  readonly optional: boolean;
  readonly places: readonly PlacedKey[];
}

export interface LaidOut {
  readonly pages: readonly LaidOutPage[];
  /** Keys that a phone of this kind does not get. */
  readonly left: readonly { readonly key: number; readonly why: Exclude<UnplacedKey['why'], 'module'> }[];
}

/** Where the keys of a device with these lines stand. Throws `not_found` when the family is not loaded. */
export function layOutKeys(families: Families, { family: id, model: name, tenant, lines, keys }: Wanted): LaidOut {
  const family = families.byId.get(id);
  if (family === undefined) throw new SelfprovError('not_found', `there is no family ${id}`);
  const model = family.models.get(name);
  const room = keyRoom(family, model);
  const wanted = wantedKeys(tenant, keys).map((key, nth) => ({ ...key, nth }));
  const labelled = lines.map((index) => ({ index, label: String(index) }));
  const { onPhone, onModules, unplaced } = chooseKeys(labelled, wanted, room);
  const on = (at: number): WantedKey | undefined =>
    onPhone[at] ?? (at < room.onPhone ? undefined : onModules[at - room.onPhone]);
  const pages: (Omit<LaidOutPage, 'places'> & { readonly places: PlacedKey[] })[] = [];
  for (const [at, { bank, page, place }] of placesOf(model, room).entries()) {
    if (place === 1) {
      const { name: of, pages: all, optional } = bank;
      pages.push({ name: of, page, pages: all, optional, places: [] });
    }
    const key = on(at);
    const line = key !== undefined && key.nth === undefined ? key.line : null;
    pages.at(-1)?.places.push({ place, key: key?.nth ?? null, line });
  }
  const left = unplaced.flatMap(({ key: { nth }, why }) =>
    nth === undefined || why === 'module' ? [] : [{ key: nth, why }],
  );
  return { pages, left };
}
