import { expect } from 'chai';
import { newUrl } from '../../src/administration/devices.ts';
import { addUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Line } from '../../src/domain/device.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { assignDevice } from '../../src/provisioning/handOver/assignDevice.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const OFFICE = '203.0.113.1';
const STRANGER = '192.0.2.66';
const DAY = 24 * 60 * 60_000;

describe('A line that somebody has', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  async function register(line: Line, expires: number): Promise<void> {
    await core.registrar.register({
      ...{ user: line.endpoint, authName: line.authName, password: line.secret.reveal(), expires },
      ...{ address: OFFICE, port: 40_001, viaAddress: '192.168.0.2', viaPort: 5060, callId: 'x', userAgent: 'x' },
    });
    await noteRegistrations(core, line.endpoint);
  }
  const ask = (token: Secret | null, address: string): ReturnType<typeof admit> =>
    admit(
      { ...core, tenantId: 'default' },
      {
        mac: MAC,
        claim: { token, address },
        seen: { family: 'yealink', model: 'T46S', firmware: null, address },
        isProvisional: false,
      },
    );

  it('is not given to a neighbour behind the same public address, token included, whenever its phone restarts', async () => {
    const line = await enrol(core, MAC, OFFICE);
    await register(line, 600);
    core.pass(30 * DAY);
    await register(line, 600);
    // An ordinary restart: it unregisters, and fetches with its token.
    await register(line, 0);
    await ask(line.token, OFFICE);
    const neighbours = await ask(null, OFFICE);
    const token = neighbours?.lines[0]?.token ?? null;
    await register(line, 600);

    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const caller = { contact: null, address: OFFICE, identity: null };
    const call = { lineId: line.id, caller };
    await assignDevice(core, { mac: MAC, slot: 1, userId: user.id, actor: 'phone', call });
    const answer = await ask(token, OFFICE);
    expect(answer?.admission.kind, 'what the neighbour gets with it').to.not.equal('user_file');
  });

  it('is not what an administrator makes a new URL of for somebody else', async () => {
    await enrol(core, MAC, HOME);
    core.pass(1000);
    const strangers = await enrol(core, MAC, STRANGER);
    const url = await newUrl(core, { families: () => ({ byId: new Map() }) as never, openUrl: () => 'http://x/' }, MAC);
    const token = new Secret(url.split('/').at(-2) ?? '');
    const answer = await ask(token, '10.0.0.99');
    expect(answer?.lines[0]?.authName).to.not.equal(strangers.authName);
  });
});
