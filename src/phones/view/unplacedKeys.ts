import type { Key } from '../../domain/deviceSettings.ts';
import { SelfprovError } from '../../domain/errors.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { Families } from '../family/family.ts';
import type { UnplacedKeyView } from '../template/viewTypes.ts';
import { chooseKeys, wantedKeys } from './chooseKeys.ts';
import { keyRoom } from './keys.ts';

const REASONS: Readonly<Record<UnplacedKeyView['why'], string>> = {
  no_such_key: 'this family has no such key',
  no_such_line: 'there is no such line',
  no_room: 'no key is left',
  module: 'on an expansion module',
};

/** For people: a key that was asked for and that a phone does not get, or only on a module. */
export function describeUnplaced({ kind, value, label, why }: UnplacedKeyView): string {
  const shown = label === '' || label === value ? '' : ` “${label}”`;
  return `${kind}${value === null ? '' : ` ${value}`}${shown}: ${REASONS[why]}`;
}

interface Wanted {
  readonly family: string;
  readonly model: string | null;
  readonly tenant: Tenant;
  /** Slots of the device's lines. */
  readonly lines: readonly number[];
  readonly keys: readonly Key[];
}

/** The same of a device with these lines. Throws `not_found` when the family is not loaded. */
export function unplacedKeys(families: Families, wanted: Wanted): readonly string[] {
  const family = families.byId.get(wanted.family);
  if (family === undefined) throw new SelfprovError('not_found', `There is no family ${wanted.family}.`);
  const lines = wanted.lines.map((index) => ({ index, label: String(index) }));
  const room = keyRoom(family, family.models.get(wanted.model));
  return chooseKeys(lines, wantedKeys(wanted.tenant, wanted.keys), room).unplaced.map(({ key, why }) =>
    describeUnplaced({ kind: key.asked, label: key.label, value: key.value, why }),
  );
}
