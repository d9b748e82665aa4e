import { createHash } from 'node:crypto';
import { SelfprovError } from '../../src/domain/errors.ts';
import type { Notification, Registrar, Store } from '../../src/domain/ports.ts';
import type { Contact } from '../../src/domain/registrations.ts';

/** A REGISTER as it arrives, its digest already worked out to the password. */
export interface Register {
  readonly user: string;
  readonly authName: string;
  readonly password: string;
  /** Where the packet comes from. */
  readonly address: string;
  readonly port: number;
  readonly viaAddress: string;
  readonly viaPort: number;
  readonly callId: string;
  readonly userAgent: string;
  /** Seconds; 0 unregisters. */
  readonly expires: number;
}

/**
 * What Asterisk's registrar does, over the accounts that are in the store: a contact a source address and port, renewed
 * by the next REGISTER from there, dropped when the AOR has too many; it lives on when its account has gone.
 */
export interface FakeRegistrar extends Registrar {
  /** Asterisk cannot be asked, and answers no phone. */
  isDown: boolean;
  /** Endpoints that the administrator has in pjsip.conf; they hide those of the same name. */
  readonly foreign: Set<string>;
  readonly sent: { readonly uri: string; readonly notification: Notification }[];
  /** The status of the answer; `undefined` when there is none. */
  register(request: Register): Promise<200 | 401 | undefined>;
  /** Told once an account has been proven, with its name. */
  onAuthenticated: (endpoint: string) => void;
}

interface Kept extends Contact {
  readonly seq: number;
}

export function fakeRegistrar(
  store: Store,
  now: () => number,
  order: <T>(all: T[]) => T[] = (all) => all,
): FakeRegistrar {
  const kept = new Map<string, Kept>();
  let seq = 0;

  function ask(): void {
    if (fake.isDown) throw new SelfprovError('unavailable', 'Asterisk is down');
  }
  function standing(): readonly Kept[] {
    for (const [id, { expiresAt }] of kept) if (expiresAt <= now()) kept.delete(id);
    return order([...kept.values()]);
  }
  async function accountOf({ user, authName, password }: Register): Promise<{ readonly room: number } | undefined> {
    if (fake.foreign.has(user)) return undefined;
    const line = (await store.linesOfEndpoint(user)).find((each) => each.authName === authName);
    if (line === undefined || line.secret.reveal() !== password) return undefined;
    const owner = line.userId === null ? undefined : await store.user(line.userId);
    const profile = owner && (await store.profile(owner.profileId));
    return { room: profile === undefined ? 1 : profile.phoneLimit * 2 };
  }

  const fake: FakeRegistrar = {
    isDown: false,
    foreign: new Set(),
    sent: [],
    onAuthenticated: () => {},

    async register(request) {
      if (fake.isDown) return undefined;
      const { user: aor, address, port, viaAddress, viaPort, callId, userAgent, expires } = request;
      const account = await accountOf(request);
      if (account === undefined) return 401;
      const host = address.includes(':') ? `[${address}]` : address;
      const uri = `sip:${aor}@${host}:${port}`;
      const id = `${aor};@${createHash('md5').update(uri).digest('hex')}`;
      kept.delete(id);
      if (expires > 0) {
        const expiresAt = now() + expires * 1000;
        kept.set(id, { aor, uri, id, address, viaAddress, viaPort, callId, userAgent, expiresAt, seq: seq++ });
      }
      const ofAor = standing()
        .filter((contact) => contact.aor === aor)
        .toSorted((one, other) => one.seq - other.seq);
      for (const oldest of ofAor.slice(0, Math.max(0, ofAor.length - account.room))) kept.delete(oldest.id);
      fake.onAuthenticated(aor);
      return 200;
    },

    async contacts(aor) {
      ask();
      return standing().filter((contact) => contact.aor === aor);
    },
    async allContacts() {
      ask();
      return standing();
    },
    async contactsAt(uri) {
      ask();
      return standing().filter((contact) => contact.uri === uri);
    },
    async remove({ id, callId }) {
      ask();
      if (kept.get(id)?.callId === callId) kept.delete(id);
    },
    async notify(uri, notification) {
      ask();
      if (!/^sips?:/.test(uri) || /[\r\n]/.test(notification.event)) {
        throw new SelfprovError('invalid', 'Asterisk would not send it', { reason: 'ami_refused' });
      }
      fake.sent.push({ uri, notification });
    },
    async authsOf(endpoint) {
      ask();
      if (fake.foreign.has(endpoint)) return [endpoint];
      const auths = (await store.linesOfEndpoint(endpoint)).map(({ authName }) => authName);
      return auths.length === 0 ? undefined : auths;
    },
  };
  return fake;
}
