import type { Key, KeyKind } from '../../domain/deviceSettings.ts';
import type { Tenant } from '../../domain/tenant.ts';

/** A key as a phone knows it: by a kind that families may have a word for. */
export interface WantedKey extends Omit<Key, 'kind'> {
  readonly kind: Exclude<KeyKind, 'self_provisioning'>;
  /** What was asked for. */
  readonly asked: KeyKind;
  /** The how manieth of those that were asked for, from 0, for who draws them. */
  readonly nth?: number;
}

/** A key that a phone does not get, or only where something is plugged in. */
export interface UnplacedKey {
  readonly key: WantedKey;
  /** `module`: it is written for an expansion module, which may not be there. */
  readonly why: 'no_such_key' | 'no_such_line' | 'no_room' | 'module';
}

export interface Chosen {
  /** For the phone itself: line keys first, then the others in the order they were given in. */
  readonly onPhone: readonly WantedKey[];
  readonly onModules: readonly WantedKey[];
  readonly unplaced: readonly UnplacedKey[];
}

export interface KeyRoom {
  /** Kinds that the family has a word for. */
  readonly kinds: ReadonlySet<string>;
  readonly onPhone: number;
  readonly onModules: number;
}

/** What goes last when there are too few keys; of the same rank, what was given first stays. */
const RANKS: Readonly<Record<KeyKind, number>> = {
  line: 0,
  self_provisioning: 1,
  voicemail: 2,
  park: 3,
  transfer: 3,
  blf: 4,
  speed_dial: 5,
};

/** The key that dials the self-provisioning extension. */
export function setUpKey(tenant: Tenant, line: number): WantedKey {
  const { extension } = tenant;
  return { kind: 'speed_dial', asked: 'self_provisioning', label: `Set up ${extension}`, value: extension, line };
}

/** What the self-provisioning key stands for is the tenant's to say; phones know it as a speed dial. */
export function wantedKeys(tenant: Tenant, keys: readonly Key[]): readonly WantedKey[] {
  return keys.map((key) => {
    const { kind, line, label } = key;
    if (kind !== 'self_provisioning') return { ...key, kind, asked: kind };
    return label === '' ? setUpKey(tenant, line) : { ...setUpKey(tenant, line), label };
  });
}

/**
 * One line key for each line, then what is wanted beside them. What matters least goes to expansion modules first, and is
 * left out when they are full too.
 */
export function chooseKeys(
  lines: readonly { readonly index: number; readonly label: string }[],
  others: readonly WantedKey[],
  room: KeyRoom,
): Chosen {
  const labelOf = (line: number): string | undefined => lines.find(({ index }) => index === line)?.label;
  const own = lines.map(({ index, label }) => lineKey(index, label));
  const more = others.map((key) =>
    isLineKey(key) && key.label === '' ? { ...key, label: labelOf(key.line) ?? '' } : { ...key },
  );
  const all = [...own, ...more.filter(isLineKey), ...more.filter((key) => !isLineKey(key))];

  const isKnown = ({ kind }: WantedKey): boolean => room.kinds.has(kind);
  const hasLine = (key: WantedKey): boolean => !isLineKey(key) || labelOf(key.line) !== undefined;
  const ranked = all
    .filter((key) => isKnown(key) && hasLine(key))
    .toSorted((one, other) => RANKS[one.asked] - RANKS[other.asked]);
  const onPhone = new Set(ranked.slice(0, room.onPhone));
  const onModules = new Set(ranked.slice(room.onPhone, room.onPhone + room.onModules));

  const why = (key: WantedKey): UnplacedKey['why'] | undefined => {
    // Phones that have no word for a line key have keys for their lines all the same.
    if (!isKnown(key)) return own.includes(key) ? undefined : 'no_such_key';
    if (!hasLine(key)) return 'no_such_line';
    if (onModules.has(key)) return 'module';
    return onPhone.has(key) ? undefined : 'no_room';
  };
  return {
    onPhone: all.filter((key) => onPhone.has(key)),
    onModules: all.filter((key) => onModules.has(key)),
    unplaced: all.flatMap((key) => {
      const reason = why(key);
      return reason === undefined ? [] : [{ key, why: reason }];
    }),
  };
}

function isLineKey({ kind }: WantedKey): boolean {
  return kind === 'line';
}

function lineKey(line: number, label: string): WantedKey {
  return { kind: 'line', asked: 'line', label, value: null, line };
}
