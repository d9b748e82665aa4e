import { expect } from 'chai';
import { severalRegistrars } from '../../src/asterisk/registrar/several.ts';
import { atAsterisk, uriOf } from '../../src/domain/addresses.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import type { Registrar } from '../../src/domain/ports.ts';
import { userLine } from '../../src/domain/accounts.ts';
import type { Mac } from '../../src/domain/mac.ts';
import type { Contact } from '../../src/domain/registrations.ts';
import { newDevice } from '../../src/provisioning/files/enrolDevice.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import { aUser } from '../support/aUser.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { fakeRegistrar, type FakeRegistrar } from '../support/fakeRegistrar.ts';

const [ONE, OTHER] = ['001565aa0001', '001565aa0002'] as const;
const NAMES = ['a', 'b'] as const;
type Name = (typeof NAMES)[number];

/** Two phones of one user, and two Asterisks. */
describe('A phone that registers at another Asterisk', () => {
  let core: TestCore;
  let fakes: Readonly<Record<Name, FakeRegistrar>>;
  let ports: Parameters<typeof noteRegistrations>[0];
  let watch: ReturnType<typeof watchRegistrations>;

  beforeEach(async () => {
    core = await openTestCore();
    const [a, b] = [fakeRegistrar(core.store, core.now), fakeRegistrar(core.store, core.now)];
    fakes = { a, b };
    const isUp = (name: Name) => () => !fakes[name].isDown;
    const registrar = severalRegistrars(
      NAMES.map((name) => ({ name, registrar: named(name, fakes[name]), isUp: isUp(name) })),
    );
    watch = watchRegistrations({ ...core, registrar });
    ports = { ...core, ...watch, registrar };
    for (const name of NAMES) {
      fakes[name].onAuthenticated = (endpoint, place) => watch.heard(endpoint, atAsterisk(name, place));
      await watch.compare(name);
    }
    const user = await core.store.addUser(aUser('1500'));
    const tenant = orNotFound(await core.store.tenant('default'), 'tenant');
    for (const mac of [ONE, OTHER]) {
      const kind = { family: 'yealink', model: 'T46S', firmware: null, address: '203.0.113.1' };
      await core.store.addDevice(newDevice(mac, 'default', kind, core.now()));
      const credentials = { secret: core.secrets.sipSecret(), token: core.secrets.token(), now: core.now() };
      await core.store.addLine({ ...userLine(mac, 1, user, tenant, credentials), servedAt: core.now() });
    }
  });
  afterEach(() => core.close());

  async function register(mac: Mac, at: Name, { isNoted = true } = {}): Promise<void> {
    core.pass(5000);
    const line = orNotFound((await core.store.lines(mac))[0], 'line');
    const number = Number(mac.slice(-1));
    const status = await fakes[at].register({
      ...{ user: '1500', authName: line.authName, password: line.secret.reveal(), address: '203.0.113.1' },
      ...{ port: 6000 + number, viaAddress: `10.0.0.${number}`, viaPort: 5060, callId: `${mac}-${at}` },
      ...{ userAgent: `Phone ${mac}`, expires: 3600 },
    });
    expect(status).to.equal(200);
    if (isNoted) await noteRegistrations(ports, '1500');
  }

  async function phonesAt(name: Name): Promise<readonly string[]> {
    return (await fakes[name].contacts('1500')).map(({ userAgent }) => userAgent.slice(-12)).toSorted();
  }

  it('leaves none at the one before, and those of others stand', async () => {
    await register(ONE, 'a');
    await register(OTHER, 'a');
    await register(ONE, 'b');
    expect(await phonesAt('a')).to.deep.equal([OTHER]);
    expect(await phonesAt('b')).to.deep.equal([ONE]);
    await register(ONE, 'a');
    expect(await phonesAt('a')).to.deep.equal([ONE, OTHER]);
    expect(await phonesAt('b')).to.deep.equal([]);
  });

  it('while the one before is down leaves none there once it registers again', async () => {
    await register(ONE, 'a');
    fakes.a.isDown = true;
    watch.lost('a');
    await register(ONE, 'b');
    fakes.a.isDown = false;
    expect(await phonesAt('a')).to.deep.equal([ONE]);
    for (let time = 0; time < 2; time++) {
      core.pass(2000);
      await watch.compare('a');
    }
    await register(ONE, 'b');
    expect(await phonesAt('a')).to.deep.equal([]);
    expect(await phonesAt('b')).to.deep.equal([ONE]);
  });

  it('keeps both while nobody has heard which is the later', async () => {
    await register(ONE, 'a');
    for (const name of NAMES) watch.lost(name);
    await register(ONE, 'b', { isNoted: false });
    for (const name of NAMES) await watch.compare(name);
    await noteRegistrations({ ...ports, placesOf: () => [] }, '1500');
    expect(await phonesAt('a')).to.deep.equal([ONE]);
    expect(await phonesAt('b')).to.deep.equal([ONE]);
  });
});

function named(name: Name, fake: FakeRegistrar): Registrar {
  const at = (contact: Contact): Contact => ({ ...contact, uri: atAsterisk(name, contact.uri) });
  return {
    ...fake,
    asterisks: [name],
    contacts: async (aor) => (await fake.contacts(aor)).map(at),
    allContacts: async () => (await fake.allContacts(null)).map(at),
    contactsAt: async (contact) => (await fake.contactsAt(uriOf(contact))).map(at),
  };
}
