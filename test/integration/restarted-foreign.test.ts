import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { Contact } from '../../src/domain/registrations.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations, type RegistrationWatch } from '../../src/provisioning/handOver/registrationWatch.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
/** Of the administrator's own pjsip.conf; it has got the address of the phone, which was unplugged. */
const FOREIGN: Contact = {
  ...{ aor: '2000', uri: `sip:2000@${HOME}:5060`, id: '2000;@1', callId: 'own', userAgent: 'own', address: HOME },
  ...{ viaAddress: HOME, viaPort: 5060, expiresAt: Infinity },
};

describe('A phone of the administrator’s own at the address of a phone that was unplugged', () => {
  let core: TestCore;
  let ports: TestCore;
  let watch: RegistrationWatch;
  /** Of selfprov; the store and Asterisk stay. */
  function restart(): void {
    const registrar = {
      ...core.registrar,
      allContacts: async () => [...(await core.registrar.allContacts(null)), ...foreign],
      contacts: async (aor: string) =>
        [...(await core.registrar.contacts(aor)), ...foreign].filter((contact) => contact.aor === aor),
    };
    watch = watchRegistrations({ ...core, registrar });
    ports = {
      ...core,
      registrar,
      ...watch,
    };
    core.registrar.onAuthenticated = watch.heard;
  }
  const foreign: Contact[] = [];
  beforeEach(async () => {
    foreign.length = 0;
    core = await openTestCore();
    restart();
    await watch.compare();
  });
  afterEach(() => core.close());

  async function ready(): Promise<void> {
    for (const line of [await enrol(core, MAC), undefined]) {
      const { user } = line
        ? { user: undefined }
        : await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
      const its = line ?? (await assign(ports, MAC, user?.id ?? ''));
      await core.registrar.register({
        ...{ user: its.endpoint, authName: its.authName, password: its.secret.reveal(), address: HOME, port: 5060 },
        ...{ viaAddress: HOME, viaPort: 5060, callId: `call-${its.endpoint}`, userAgent: 'x', expires: 600 },
      });
      await noteRegistrations(ports, its.endpoint);
    }
    expect(await core.store.handOver(MAC, 1)).to.include({ state: 'done' });
    core.pass(120_000);
  }
  async function release(): Promise<void> {
    await releaseDevice(ports, { mac: MAC, actor: 'test' });
    await driveHandOvers(ports, (error) => expect.fail(String(error)));
  }

  it('is not told to restart when that one is released', async () => {
    await ready();
    foreign.push(FOREIGN);
    watch.heard('2000', `${HOME}:5060`);
    await release();
    expect(core.registrar.sent).to.deep.equal([]);
  });
  it('is not told to restart when that one is released after selfprov was restarted', async () => {
    await ready();
    foreign.push(FOREIGN);
    watch.heard('2000', `${HOME}:5060`);
    restart();
    await watch.compare();
    // And renewed since: heard, from exactly this place.
    watch.heard('2000', `${HOME}:5060`);
    await release();
    expect(core.registrar.sent).to.deep.equal([]);
  });
  it('is not told to restart when the registration of that one has run out, and selfprov was restarted', async () => {
    await ready();
    core.pass(700_000);
    foreign.push(FOREIGN);
    watch.heard('2000', `${HOME}:5060`);
    expect((await core.registrar.contacts('1500')).length).to.equal(0);
    // Nobody has looked since: selfprov was not running when it ran out.
    restart();
    await releaseDevice(ports, { mac: MAC, actor: 'test' });
    await watch.compare();
    watch.heard('2000', `${HOME}:5060`);
    await driveHandOvers(ports, (error) => expect.fail(String(error)));
    expect(core.registrar.sent).to.deep.equal([]);
  });
  it('is not told to restart when it came there while the link to Asterisk was down', async () => {
    await ready();
    watch.lost();
    foreign.push(FOREIGN);
    await watch.compare();
    watch.heard('2000', `${HOME}:5060`);
    await release();
    expect(core.registrar.sent).to.deep.equal([]);
  });
});
