import type { KeyBank, Model } from '../family/models.ts';
import type { Family } from '../family/family.ts';
import type { KeyBankView, KeyView, LineView, SlotView, View } from '../template/viewTypes.ts';
import { chooseKeys, type KeyRoom, type WantedKey } from './chooseKeys.ts';
import { markEnds, safeText, slotView } from './slots.ts';

/** The line key and the set-up key that a bootstrap file sets. */
const BOOTSTRAP_KEYS = 2;

type KeyViews = Pick<View, 'keys' | 'line_keys' | 'feature_keys' | 'unused_keys' | 'key_banks' | 'unplaced_keys'>;

/** A place for a key: one of the phone's own first, then those of modules. */
export interface Place {
  readonly bank: KeyBank;
  readonly page: number;
  /** From 1, on its page. */
  readonly place: number;
}

/** What a model has room for. A family that names each key by itself has as many of the phone's own as it names. */
export function keyRoom(family: Family, model: Model): KeyRoom {
  const named = family.data.fields.keys.length;
  const modules = model.banks.filter(({ optional }) => optional);
  return {
    kinds: new Set(Object.keys(family.data.spelling.key)),
    onPhone: named === 0 ? model.keys : Math.min(model.keys, named),
    onModules: modules.reduce((sum, { keys, pages }) => sum + keys * pages, 0),
  };
}

export function keyViews(
  family: Family,
  model: Model,
  lines: readonly LineView[],
  others: readonly WantedKey[],
  isBootstrap: boolean,
): KeyViews {
  const room = keyRoom(family, model);
  const { onPhone, onModules, unplaced } = chooseKeys(lines, others, room);
  const places = placesOf(model, room);
  const lineKeys = onPhone.filter(({ kind }) => kind === 'line').length;
  const view = (key: WantedKey, at: number): KeyView => {
    const position0 = at < lineKeys ? at : at - lineKeys;
    return { ...keyView(family, lines, key), ...placeView(family, places, at), position: position0 + 1, position0 };
  };
  const keys = onPhone.map(view);
  const onModule = onModules.map((key, at) => view(key, room.onPhone + at));
  const cleared = isBootstrap ? places.length : Math.min(places.length, BOOTSTRAP_KEYS);
  const free = places.flatMap((_, at) => {
    const isUsed = at < keys.length || (at >= room.onPhone && at < room.onPhone + onModule.length);
    return isUsed || at >= cleared ? [] : [placeView(family, places, at)];
  });
  return {
    keys: markEnds(keys),
    line_keys: markEnds(keys.filter((key) => key.is_line)),
    feature_keys: markEnds(keys.filter((key) => !key.is_line)),
    unused_keys: markEnds(free.filter(({ index }) => index <= room.onPhone)),
    key_banks: bankViews(family, places, [...keys, ...onModule], free),
    unplaced_keys: unplaced.map(({ key, why }) => ({ kind: key.asked, label: key.label, value: key.value, why })),
  };
}

/** In the order in which they are filled. */
export function placesOf({ banks }: Model, { onPhone, onModules }: KeyRoom): readonly Place[] {
  const pages = banks.flatMap((bank) => Array.from({ length: bank.pages }, (_, at) => ({ bank, page: at + 1 })));
  const places = pages.flatMap(({ bank, page }) =>
    Array.from({ length: bank.keys }, (_, at) => ({ bank, page, place: at + 1 })),
  );
  const own = places.filter(({ bank }) => !bank.optional).slice(0, onPhone);
  return [...own, ...places.filter(({ bank }) => bank.optional).slice(0, onModules)];
}

function placeView(family: Family, places: readonly Place[], at: number): SlotView & { place: number; place0: number } {
  const place = places[at]?.place ?? at + 1;
  return { ...slotView(at + 1, family.data.fields.keys), place, place0: place - 1 };
}

/** One for each page that has a key on it, or one to be cleared. */
function bankViews(
  family: Family,
  places: readonly Place[],
  keys: readonly KeyView[],
  free: readonly KeyBankView['unused_bank_keys'][number][],
): readonly KeyBankView[] {
  const isOn = (bank: Place, { index }: SlotView): boolean =>
    places[index - 1]?.bank === bank.bank && places[index - 1]?.page === bank.page;
  const pages = places.filter(({ place }) => place === 1);
  const views = pages.map((page, at) => ({
    ...slotView(at + 1, []),
    name: page.bank.name,
    page: page.page,
    page0: page.page - 1,
    fields: family.data.fields.banks[page.bank.name] ?? {},
    bank_keys: markEnds(keys.filter((key) => isOn(page, key))),
    unused_bank_keys: markEnds(free.filter((slot) => isOn(page, slot))),
  }));
  return markEnds(views.filter((bank) => bank.bank_keys.length + bank.unused_bank_keys.length > 0));
}

type Unplaced = Omit<KeyView, keyof SlotView | 'place' | 'place0' | 'position' | 'position0'>;

function keyView(family: Family, lines: readonly LineView[], key: WantedKey): Unplaced {
  const line = lines.find(({ index }) => index === key.line);
  return {
    kind: key.kind,
    spelling: family.data.spelling.key[key.kind] ?? key.kind,
    is_line: key.kind === 'line',
    is_speed_dial: key.kind === 'speed_dial',
    is_blf: key.kind === 'blf',
    is_park: key.kind === 'park',
    is_transfer: key.kind === 'transfer',
    is_voicemail: key.kind === 'voicemail',
    label: key.label,
    // A line's own label is made safe once.
    safe_label: line !== undefined && line.label === key.label ? line.safe_label : safeText(key.label),
    value: key.value,
    line: key.line,
    line0: key.line - 1,
    host: line?.host ?? lines[0]?.host ?? '',
    pickup_code: line?.pickup_code ?? null,
  };
}
