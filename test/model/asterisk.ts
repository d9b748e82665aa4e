import { SelfprovError } from '../../src/domain/errors.ts';
import type { FakeRegistrar } from '../support/fakeRegistrar.ts';
import type { Gates } from './gates.ts';
import type { Oracle } from './oracle.ts';
import type { Phone } from './phones.ts';

/** Asterisk as selfprov reaches it, each step of which the explorer chooses; the oracle sees what it is told to do. */
export interface Asterisk {
  /** For one life of selfprov's process. */
  reached(): FakeRegistrar;
  /** ARI alone: AMI stays. */
  ariIsDown: boolean;
}

/** `onTold`: the phone that a check-sync has reached, if it is the one that was meant. */
export function asteriskOf(
  registrar: FakeRegistrar,
  gates: Gates,
  oracle: Oracle,
  note: (what: string) => void,
  onTold: (phone: Phone) => void,
): Asterisk {
  const needsAri = (): void => {
    if (asterisk.ariIsDown) throw new SelfprovError('unavailable', 'ARI is down');
  };
  const carriedOut: FakeRegistrar = {
    ...registrar,
    async announce(contact) {
      needsAri();
      return registrar.announce(contact);
    },
    async authsOf(endpoint) {
      needsAri();
      return registrar.authsOf(endpoint);
    },
    async notify(uri, notification) {
      await registrar.notify(uri, notification);
      const [, mac = '', by] = notification.event.split(';');
      const reached = oracle.phoneAt(uri);
      await oracle.checkTold(mac, uri, by === 'sync');
      if (reached?.mac === mac) onTold(reached);
    },
    async remove(contact) {
      const standing = await registrar.contactsAt(contact.uri);
      await oracle.checkRemoval(
        contact,
        standing.some(({ callId }) => callId === contact.callId),
      );
      needsAri();
      note(`remove ${contact.uri}`);
      await registrar.remove(contact);
    },
  };
  const asterisk: Asterisk = {
    ariIsDown: false,
    reached() {
      const guarded = gates.guard(carriedOut, 'asterisk', true);
      return {
        ...guarded,
        // What is known without asking.
        away: registrar.away,
        async notify(uri, notification) {
          oracle.checkAim(notification.event.split(';')[1] ?? '', uri, await registrar.allContacts(null));
          return guarded.notify(uri, notification);
        },
      };
    },
  };
  return asterisk;
}
