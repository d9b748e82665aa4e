import { asteriskOf, whereOf, type AsteriskName } from '../../domain/addresses.ts';
import type { Line } from '../../domain/device.ts';
import { currentOf, type Contact, type Latest, type Owner } from '../../domain/registrations.ts';
import type { Hearing } from '../ports.ts';

/** Whose each contact of an AOR is. */
export type Owners = ReadonlyMap<Contact, Owner | undefined>;

/**
 * The phone has not registered from where its contact says that it is. Asterisk puts the source of a REGISTER into one
 * contact, and only where there is no Record-Route: whoever has an account can name anybody else's place.
 */
export function hasAimed({ hasCaughtUp, heardAt }: Sense, { aor, uri }: Contact, disbelieved: string | null): boolean {
  const heard = heardAt(whereOf(uri)).find(({ endpoint }) => endpoint === aor);
  if (heard?.isProven === true) return false;
  return uri === disbelieved || (hasCaughtUp(asteriskOf(uri)) && heard === undefined);
}

export type Sense = Pick<Hearing, 'hasCaughtUp' | 'heardAt'>;

/** `away`: Asterisks that could not be asked. */
export type Sensed = Omit<Latest, 'known'> & { readonly away: readonly AsteriskName[] };

/** Nobody can tell whether it is still there: what is known of it stays. */
export function isUnknown({ contact }: Line, current: Contact | undefined, { away }: Sensed): boolean {
  return current === undefined && contact !== null && away.includes(asteriskOf(contact));
}

/** Where the phone of a line is, by its contacts; and the latest of them that it has aimed. */
export function placeOfLine(
  line: Line,
  owners: Owners,
  heard: Sensed,
  sense: Sense,
): { readonly current: Contact | undefined; readonly certain: boolean; readonly disbelieved: string | null } {
  const all = [...owners].flatMap(([contact, owner]) => (owner?.key === line.id ? contact : []));
  const aimed = all.filter((contact) => hasAimed(sense, contact, line.disbelieved));
  const believed = all.filter((contact) => !aimed.includes(contact));
  const current = currentOf(believed, { ...heard, known: line.contact });
  const certain = current !== undefined && isCertainly(owners.get(current), line.id);
  return { current, certain, disbelieved: aimed.at(-1)?.uri ?? null };
}

export function isCertainly(owner: Owner | undefined, key: string): boolean {
  return owner?.key === key && owner.certain;
}
