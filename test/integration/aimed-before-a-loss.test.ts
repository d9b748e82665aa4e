import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { Contact } from '../../src/domain/registrations.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations, type RegistrationWatch } from '../../src/provisioning/handOver/registrationWatch.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const OTHER = '001565aabb66';

/** Compares as often as it takes until nothing is believed any more that nobody told of. */
async function catchUp(core: TestCore, watch: RegistrationWatch): Promise<void> {
  for (; !watch.hasCaughtUp(); core.pass(2000)) await watch.compare();
}

describe('A stranger whose contact aims at the place of another phone', () => {
  let core: TestCore;
  before(async () => {
    core = await openTestCore();
  });
  after(() => core.close());

  it('does not keep that phone from being told, also when the link to Asterisk was lost for a moment', async () => {
    const planted: Contact[] = [];
    const registrar = {
      ...core.registrar,
      allContacts: async () => [...(await core.registrar.allContacts(null)), ...planted],
      contacts: async (aor: string) =>
        [...(await core.registrar.contacts(aor)), ...planted].filter((contact) => contact.aor === aor),
    };
    const watch = watchRegistrations({ ...core, registrar });
    const ports: TestCore = {
      ...core,
      registrar,
      ...watch,
    };
    await catchUp(core, watch);
    core.registrar.onAuthenticated = watch.heard;

    const line = await enrol(core, MAC);
    await core.registrar.register({
      ...{ user: line.endpoint, authName: line.authName, password: line.secret.reveal(), address: HOME, port: 5060 },
      ...{ viaAddress: HOME, viaPort: 5060, callId: '1', userAgent: 'x', expires: 600 },
    });
    await noteRegistrations(ports, line.endpoint);

    const strangers = await enrol(core, OTHER, '192.0.2.66');
    planted.push({
      ...{ aor: strangers.endpoint, uri: `sip:x@${HOME}:5060`, id: `${strangers.endpoint};@1`, callId: '66' },
      ...{ address: HOME, viaAddress: '192.0.2.66', viaPort: 5060, userAgent: 'x', expiresAt: core.now() + 600_000 },
    });
    watch.heard(strangers.endpoint, '192.0.2.66:5060');
    await noteRegistrations(ports, strangers.endpoint);
    expect((await core.store.line(strangers.id))?.contact, 'seen through').to.equal(null);

    watch.lost();
    await catchUp(core, watch);
    // It goes on renewing it, from where it is.
    watch.heard(strangers.endpoint, '192.0.2.66:5060');
    await noteRegistrations(ports, strangers.endpoint);

    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    watch.heard(line.endpoint, `${HOME}:5060`);
    await assign(ports, MAC, user.id);
    for (let i = 0; i < 8; i++) {
      core.pass(60_000);
      await driveHandOvers(ports, (error) => expect.fail(String(error)));
    }
    const why = (await core.store.events({ mac: MAC, limit: 3 })).map(({ detail }) => detail);
    expect(core.registrar.sent.length, JSON.stringify(why)).to.be.greaterThan(0);
  });
});
