import { expect } from 'chai';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { aUser } from '../support/aUser.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const ADDRESS = '203.0.113.1';

/** Its router has given it another port. */
describe('A phone that has moved, and left a registration that lasts longer than the new one', () => {
  let core: TestCore;
  let watch: ReturnType<typeof watchRegistrations>;

  beforeEach(async () => {
    core = await openTestCore();
    begin();
    await watch.compare();
    await enrol(core, MAC, ADDRESS);
    // The account of a default line has one registration at a time.
    await assign(core, MAC, (await core.store.addUser(aUser('1500'))).id, ADDRESS);
    await register(40_000, 3600);
    await register(40_002, 60);
  });
  afterEach(() => core.close());

  /** A process that has heard of nothing yet. */
  function begin(): void {
    watch = watchRegistrations(core);
    core.registrar.onAuthenticated = watch.heard;
  }

  async function register(port: number, expires: number): Promise<void> {
    core.pass(1000);
    const { endpoint, authName, secret } = orNotFound((await core.store.lines(MAC))[0], 'line');
    const identity = { viaAddress: '192.168.1.9', viaPort: 5060, callId: 'one', userAgent: 'Phone 1.0' };
    await core.registrar.register({
      ...{ user: endpoint, authName, password: secret.reveal(), address: ADDRESS, port, expires },
      ...identity,
    });
    await noteRegistrations({ ...core, ...watch }, endpoint);
  }

  const portOf = (contact: string | null | undefined): string => /@[^:]*:(\d+)/.exec(contact ?? '')?.[1] ?? '';
  const place = async (): Promise<string> => portOf((await core.store.lines(MAC))[0]?.contact);

  async function look(): Promise<string> {
    const line = orNotFound((await core.store.lines(MAC))[0], 'line');
    await noteRegistrations({ ...core, ...watch }, line.endpoint);
    return place();
  }

  it('is where it has gone, also for a process that begins later', async () => {
    expect(await place()).to.equal('40002');
    begin();
    await watch.compare();
    expect(await look()).to.equal('40002');
  });

  it('is nowhere once the new one has run out', async () => {
    core.pass(61_000);
    expect(await look()).to.equal('');
  });

  it('is told where it has gone, also when the new one has run out before anybody looks', async () => {
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    core.pass(61_000);
    begin();
    await noteRegistrations({ ...core, ...watch }, '1500');
    expect(portOf((await core.store.handOver(MAC, 1))?.contact)).to.equal('40002');
  });

  it('is where it was when it has gone back, while nobody heard of it', async () => {
    begin();
    core.registrar.onAuthenticated = () => undefined;
    await register(40_000, 3600);
    await watch.compare();
    expect(await look()).to.equal('40000');
  });
});
