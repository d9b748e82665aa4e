import { asteriskOf, whereOf, type AsteriskName } from '../../domain/addresses.ts';
import type { Line } from '../../domain/device.ts';
import { currentOf, standing, type Contact, type Latest, type Owner } from '../../domain/registrations.ts';
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

/** As a line has them; `current` is what its `contact` names. */
export interface PlaceOfLine extends Pick<Line, 'disbelieved' | 'leftBehind'> {
  readonly current: Contact | undefined;
  readonly certain: boolean;
}

/** Where the phone of a line is, by its contacts; the latest of them that it has aimed, and those that it has left. */
export function placeOfLine(line: Line, owners: Owners, heard: Sensed, sense: Sense): PlaceOfLine {
  const all = [...owners].flatMap(([contact, owner]) => (owner?.key === line.id ? contact : []));
  const aimed = all.filter((contact) => hasAimed(sense, contact, line.disbelieved));
  const believed = all.filter((contact) => !aimed.includes(contact));
  const candidates = believed.filter((contact) => !line.leftBehind.includes(standing(contact)));
  const current = currentOf(candidates, { ...heard, known: line.contact });
  const certain = current !== undefined && isCertainly(owners.get(current), line.id);
  const leftBehind = believed.filter((contact) => contact !== current && isCertainly(owners.get(contact), line.id));
  return {
    ...{ current, certain, disbelieved: aimed.at(-1)?.uri ?? null },
    // What an Asterisk has that could not be asked is still there.
    leftBehind: [
      ...new Set([...leftBehind.map(standing), ...(heard.away.length > 0 ? line.leftBehind : [])]),
    ].toSorted(),
  };
}

export function isCertainly(owner: Owner | undefined, key: string): boolean {
  return owner?.key === key && owner.certain;
}
