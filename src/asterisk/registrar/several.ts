import { asteriskOf, type AsteriskName } from '../../domain/addresses.ts';
import { SelfprovError } from '../../domain/errors.ts';
import type { Registrar } from '../../domain/ports.ts';
import type { Contact } from '../../domain/registrations.ts';

/** One of several Asterisks. */
export interface Part {
  readonly name: string;
  readonly registrar: Registrar;
  /** Whether it can be asked. */
  readonly isUp: () => boolean;
}

/**
 * Registrations of several Asterisks as one. Each keeps its own, and each phone is told through the one that it is registered
 * at. One that is down is left out; one that fails in the midst fails the question.
 */
export function severalRegistrars(parts: readonly Part[]): Registrar {
  const there = (): readonly Registrar[] => {
    const up = parts.filter(({ isUp }) => isUp()).map(({ registrar }) => registrar);
    if (up.length === 0) throw new SelfprovError('unavailable', 'no Asterisk can be reached');
    return up;
  };
  const named = (asterisk: AsteriskName): Registrar => {
    const part = parts.find(({ name }) => name === asterisk);
    if (part?.isUp() !== true) throw new SelfprovError('unavailable', `Asterisk ${asterisk} cannot be reached`);
    return part.registrar;
  };
  const at = (contact: string): Registrar => named(asteriskOf(contact));

  return {
    asterisks: parts.map(({ name }) => name),
    away: () => parts.filter(({ isUp }) => !isUp()).map(({ name }) => name),
    async contacts(aor) {
      return flat(there().map((registrar) => registrar.contacts(aor)));
    },
    allContacts: async (asterisk) => named(asterisk).allContacts(asterisk),
    contactsAt: async (contact) => at(contact).contactsAt(contact),
    remove: async (contact) => at(contact.uri).remove(contact),
    announce: async (contact) => at(contact.uri).announce(contact),
    notify: async (contact, notification) => at(contact).notify(contact, notification),
    async authsOf(endpoint) {
      const [first] = there();
      return first?.authsOf(endpoint);
    },
    forget: async (stale) => named(stale.asterisk).forget(stale),
  };
}

async function flat(all: readonly Promise<readonly Contact[]>[]): Promise<readonly Contact[]> {
  return (await Promise.all(all)).flat();
}
