import { createHash } from 'node:crypto';
import { placeOf } from '../../src/domain/addresses.ts';
import { authIdsOf, type Line } from '../../src/domain/device.ts';
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
  /** Host and port in its Contact; those of its Via unless given. */
  readonly contactHost?: string;
  readonly callId: string;
  readonly userAgent: string;
  /** Seconds; 0 unregisters. */
  readonly expires: number;
}

/**
 * What Asterisk's registrar does, over the accounts that are in the store: a contact a URI, made of where the packet came
 * from and of where the phone believes to be, renewed by the next REGISTER with the same; when the AOR has too many, those
 * go that would expire first. A contact lives on when its account has gone. `test/support/registrarContract.ts` holds it to
 * the real one.
 */
export interface FakeRegistrar extends Registrar {
  /** Asterisk cannot be asked, and answers no phone. */
  isDown: boolean;
  /** Endpoints that the administrator has in pjsip.conf; they hide those of the same name. */
  readonly foreign: Set<string>;
  /** AORs that hints and queues know. */
  readonly announced: Set<string>;
  readonly sent: { readonly uri: string; readonly notification: Notification }[];
  /** The status of the answer; `undefined` when there is none. `writing` takes as long as Asterisk does after the proof. */
  register(request: Register, writing?: () => Promise<void>): Promise<200 | 401 | undefined>;
  /** Told once an account has been proven, with its name and the place (`whereOf`) that proved it. */
  onAuthenticated: (endpoint: string, place: string) => void;
}

export function fakeRegistrar(
  store: Store,
  now: () => number,
  order: <T>(all: T[]) => T[] = (all) => all,
): FakeRegistrar {
  const kept = new Map<string, Contact>();

  function ask(): void {
    if (fake.isDown) throw new SelfprovError('unavailable', 'Asterisk is down');
  }
  function standing(): readonly Contact[] {
    for (const [id, { expiresAt }] of kept) if (expiresAt <= now()) kept.delete(id);
    return order([...kept.values()]);
  }
  async function accountOf({ user, authName, password }: Register): Promise<{ readonly room: number } | undefined> {
    if (fake.foreign.has(user)) return undefined;
    const lines = await store.linesOfEndpoint(user);
    const line = lines.find((each) =>
      credentialsOf(each).some((has) => isOpenedBy(has, each.realm, authName, password)),
    );
    if (line === undefined) return undefined;
    const owner = line.userId === null ? undefined : await store.user(line.userId);
    const profile = owner && (await store.profile(owner.profileId));
    return { room: profile === undefined ? 1 : Math.max(profile.phoneLimit, lines.length) * 2 };
  }

  const fake: FakeRegistrar = {
    isDown: false,
    foreign: new Set(),
    announced: new Set(),
    sent: [],
    onAuthenticated: () => {},

    async register(request, writing = async () => {}) {
      if (fake.isDown) return undefined;
      const { user: aor, callId, userAgent, address, viaAddress, viaPort, expires } = request;
      const account = await accountOf(request);
      if (account === undefined) return 401;
      fake.onAuthenticated(aor, placeOf(address, request.port));
      await writing();
      if (fake.isDown) return undefined;
      const uri = uriOf(request);
      const id = `${aor};@${createHash('md5').update(uri).digest('hex')}`;
      const others = standing().filter((contact) => contact.aor === aor && contact.id !== id);
      const renewed = standing().find((contact) => contact.id === id);
      kept.delete(id);
      if (expires > 0) {
        const first = renewed ?? { aor, uri, id, address, viaAddress, viaPort, callId };
        kept.set(id, { ...first, userAgent, expiresAt: inSeconds(now()) + expires * 1000 });
        const tooMany = Math.max(0, others.length + 1 - account.room);
        const nextToGo = others.toSorted((one, other) => one.expiresAt - other.expiresAt);
        for (const contact of nextToGo.slice(0, tooMany)) kept.delete(contact.id);
      }
      return 200;
    },

    asterisks: [null],
    away: () => [],
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
    async announce({ id, aor }) {
      ask();
      if (kept.has(id)) fake.announced.add(aor);
      return kept.has(id);
    },
    async notify(uri, notification) {
      ask();
      if (uri === '' || /[\r\n]/.test(uri + notification.event)) {
        throw new SelfprovError('invalid', 'Asterisk would not send it', { reason: 'ami_refused' });
      }
      fake.sent.push({ uri, notification });
    },
    async forget() {
      ask();
    },
    async authsOf(endpoint) {
      ask();
      if (fake.foreign.has(endpoint)) return [endpoint];
      const auths = (await store.linesOfEndpoint(endpoint)).flatMap(authIdsOf);
      // A longer list is cut off.
      return auths.length === 0 ? undefined : auths.join(',').slice(0, 127).split(',').filter(Boolean);
    },
  };
  return fake;
}

/** What Asterisk is told of a line. */
function credentialsOf({ authName, authUser, md5Credential, former }: Line): readonly Credential[] {
  return [
    { name: authUser ?? authName, md5Credential },
    ...(former === null || former.withdrawnAt !== null ? [] : [{ ...former, name: former.authName }]),
  ];
}

interface Credential {
  readonly name: string;
  readonly md5Credential: string;
}

function isOpenedBy({ name, md5Credential }: Credential, realm: string, user: string, password: string): boolean {
  return name === user && createHash('md5').update(`${name}:${realm}:${password}`).digest('hex') === md5Credential;
}

/** `rewrite_contact`: the source in place of what the phone wrote, which is kept where it is another host. */
function uriOf({ user, address, port, viaAddress, viaPort, contactHost }: Register): string {
  const written = contactHost ?? `${bracketed(viaAddress)}:${viaPort}`;
  const source = bracketed(address);
  const isOther = !written.startsWith(`${source}:`) && written !== source;
  return `sip:${user}@${source}:${port}${isOther ? `;x-ast-orig-host=${written}` : ''}`;
}

/** Asterisk's clock for registrations counts in whole seconds. */
function inSeconds(now: number): number {
  return Math.floor(now / 1000) * 1000;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
