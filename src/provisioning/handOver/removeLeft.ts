import { asteriskOf, whereOf } from '../../domain/addresses.ts';
import type { Line } from '../../domain/device.ts';
import { isRefusal } from '../../domain/errors.ts';
import type { Contact } from '../../domain/registrations.ts';
import type { Hearing, Ports } from '../ports.ts';
import { isCertainly, placeOfLine, type Owners, type Sensed } from './placeOfLine.ts';

/**
 * A phone that has gone to another Asterisk has left its registration at the one before: calls would ring there until it runs out.
 * It ends once it is certain that both are the phone's, and heard that the other one is the later.
 */
export async function removeLeft(
  ports: Pick<Ports, 'registrar'> & Pick<Hearing, 'hasCaughtUp' | 'heardAt'>,
  { lines, owners }: { readonly lines: readonly Line[]; readonly owners: Owners },
  heard: Sensed,
): Promise<void> {
  if (!heard.isWatched || ports.registrar.asterisks.length < 2) return;
  for (const line of lines) {
    const { current, certain } = placeOfLine(line, owners, heard, ports);
    if (current === undefined || !certain || heard.places.at(-1) !== whereOf(current.uri)) continue;
    for (const [contact, owner] of owners) {
      const isElsewhere = asteriskOf(contact.uri) !== asteriskOf(current.uri);
      if (isElsewhere && isCertainly(owner, line.id)) await removeIfReached(ports, contact);
    }
  }
}

async function removeIfReached({ registrar }: Pick<Ports, 'registrar'>, contact: Contact): Promise<void> {
  try {
    await registrar.remove(contact);
  } catch (error) {
    // It ends at the next look, or by itself.
    if (!isRefusal(error, 'unavailable')) throw error;
  }
}
