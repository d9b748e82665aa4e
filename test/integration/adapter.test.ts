import { expect } from 'chai';
import { addTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { usersHolding, type Line } from '../../src/domain/device.ts';
import type { User } from '../../src/domain/user.ts';
import type { Secret } from '../../src/domain/secret.ts';
import { giveDevice, moveDevice } from '../../src/administration/whoseDevice.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { admit, type Admitted } from '../../src/provisioning/files/admit.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { assignDevice } from '../../src/provisioning/handOver/assignDevice.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';
import { stateOfDevice } from '../support/steps.ts';

const MAC = '000b82aabb01';
const HOME = '203.0.113.7';

describe('An adapter with two ports', () => {
  let core: TestCore;
  let ann: User;
  let bo: User;
  beforeEach(async () => {
    core = { ...(await openTestCore()), portsOf: () => 2 };
    ({ user: ann } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' }));
    ({ user: bo } = await addUser(core, { tenantId: 'default', extension: '1501', name: 'Bo' }));
  });
  afterEach(() => core.close());

  async function ask(token: Secret | null = null, address = HOME): Promise<Admitted | undefined> {
    const claim = { token, address };
    const seen = { family: 'grandstream-ht', model: 'HT802', firmware: null, address };
    const admitted = await admit({ ...core, tenantId: 'default' }, { mac: MAC, claim, seen, isProvisional: false });
    if (admitted !== undefined) await recordFetch(core, admitted, claim);
    return admitted;
  }
  const lines = async (): Promise<readonly string[]> =>
    (await core.store.lines(MAC)).map(
      ({ slot, userId, endpoint }) => `${slot} ${userId === null ? 'nobody' : endpoint}`,
    );
  const tokens = async (): Promise<number> =>
    new Set((await core.store.lines(MAC)).map(({ token }) => token.reveal())).size;
  async function call(line: Line | undefined, user: User): Promise<void> {
    const caller = { contact: `sip:x@${HOME}:5060`, address: HOME, identity: null };
    await assignDevice(core, {
      ...{ mac: MAC, slot: line?.slot ?? 0, userId: user.id, actor: 'phone' },
      call: { lineId: line?.id ?? '', caller },
    });
  }

  it('is known on each port by what it looked like, also after its last user has given it back', async () => {
    const [first, second] = (await ask())?.lines ?? [];
    await call(first, ann);
    const looks = { callId: 'two', address: HOME, viaAddress: '192.168.1.12', viaPort: 5062, userAgent: 'HT802' };
    await core.store.updateLine(second?.id ?? '', { seenAs: looks });
    await releaseDevice(core, { mac: MAC, slot: 1, actor: 'test' });
    const after = (await core.store.lines(MAC)).find(({ slot }) => slot === 2);
    expect(after?.id).to.not.equal(second?.id);
    expect(after?.seenAs).to.deep.equal(looks);
  });

  it('has a default line on each port, all in one file', async () => {
    const asked = await ask();
    expect(await lines()).to.deep.equal(['1 nobody', '2 nobody']);
    expect(await tokens()).to.equal(1);
    expect(asked?.lines.map(({ slot }) => slot)).to.deep.equal([1, 2]);
    expect(new Set(asked?.lines.map(({ endpoint }) => endpoint)).size).to.equal(2);
    await ask(null, '198.51.100.1');
    expect(await lines(), 'a stranger gets lines of his own').to.have.length(4);
  });

  it('gets the second port when it says for the first time that it has one', async () => {
    core = { ...core, portsOf: ({ model }) => (model === null ? 1 : 2) };
    const seen = { family: 'grandstream-ht', model: null, firmware: null, address: HOME };
    const claim = { token: null, address: HOME };
    const first = await admit({ ...core, tenantId: 'default' }, { mac: MAC, claim, seen, isProvisional: false });
    expect(await lines()).to.deep.equal(['1 nobody']);
    await ask(first?.lines[0]?.token);
    expect(await lines()).to.deep.equal(['1 nobody', '2 nobody']);
    expect(await tokens()).to.equal(1);
  });

  it('is handed over port by port to different users, by a call from each', async () => {
    const [one, two] = (await ask())?.lines ?? [];
    await ask(null, '198.51.100.1');
    await call(one, ann);
    expect(await lines(), 'what strangers had is gone').to.deep.equal(['1 1500', '2 nobody']);
    expect(await ask(one?.token), 'the token that it holds is taken until it has fetched').to.not.equal(undefined);
    const token = usersHolding(await core.store.lines(MAC))?.token ?? null;
    await ask(token);
    await call(two, bo);
    expect(await lines()).to.deep.equal(['1 1500', '2 1501']);
    expect(await stateOfDevice(core, MAC)).to.equal('handing_over');
    const file = await ask(token);
    expect(file?.lines.map(({ endpoint }) => endpoint)).to.deep.equal(['1500', '1501']);
    const fetched = (await core.store.handOversOf(MAC)).map(({ slot, fetchedAt }) => [slot, fetchedAt !== null]);
    expect(fetched).to.deep.equal([
      [1, true],
      [2, true],
    ]);
    expect(await ask(null), 'nobody gets it without proof').to.equal(undefined);
  });

  it('is taken from one user, and stays the other’s', async () => {
    const [one, two] = (await ask())?.lines ?? [];
    await call(one, ann);
    await call(two, bo);
    const held = usersHolding(await core.store.lines(MAC))?.token ?? null;
    await ask(held);
    await releaseDevice(core, { mac: MAC, slot: 1, actor: 'test' });
    expect(await lines()).to.deep.equal(['1 nobody', '2 1501']);
    expect((await ask(held))?.lines.map(({ slot }) => slot)).to.deep.equal([1, 2]);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    expect(await lines()).to.deep.equal(['1 nobody', '2 nobody']);
    expect(usersHolding(await core.store.lines(MAC))).to.equal(undefined);
    expect((await ask(held, '198.51.100.9'))?.lines, 'a former user’s token is worth nothing elsewhere').to.have.length(
      2,
    );
    expect(await lines()).to.have.length(4);
  });

  it('which missed its file still gets the next one', async () => {
    const [one, two] = (await ask())?.lines ?? [];
    await call(one, ann);
    await call(two, bo);
    await releaseDevice(core, { mac: MAC, slot: 1, actor: 'test' });
    const file = await ask(one?.token);
    expect(file?.lines.map(({ endpoint }) => endpoint === '1501' || endpoint.startsWith('phone-'))).to.deep.equal([
      true,
      true,
    ]);
  });

  it('which got both of its users before it fetched still gets the next one, with one port or with none', async () => {
    for (const slots of [[1], [2], [1, 2]]) {
      await core.store.removeDevice(MAC);
      const [one, two] = (await ask())?.lines ?? [];
      await call(one, ann);
      await call(two, bo);
      for (const slot of slots) await releaseDevice(core, { mac: MAC, slot, actor: 'test' });
      // Its calls may come through a proxy, and its requests from elsewhere, while somebody has a port.
      const asked = await ask(one?.token, slots.length === 1 ? '198.51.100.20' : HOME);
      expect(asked?.admission, `without ${slots.join(' and ')}`).to.include({ proof: 'previous_token' });
    }
  });

  it('given to others while it fetches shows next, on each port, by the file that it has read', async () => {
    const [, second] = (await ask())?.lines ?? [];
    await call(second, ann);
    const token = orNotFound((await core.store.lines(MAC))[0], 'line').token;
    await ask(token);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    const claim = { token, address: HOME };
    const seen = { family: 'grandstream-ht', model: 'HT802', firmware: null, address: HOME };
    const reads = await admit({ ...core, tenantId: 'default' }, { mac: MAC, claim, seen, isProvisional: false });
    await giveDevice(core, { mac: MAC, tenantId: 'default', extension: '1501', slot: 1 });
    await giveDevice(core, { mac: MAC, tenantId: 'default', extension: '1500', slot: 2 });
    await releaseDevice(core, { mac: MAC, slot: 2, actor: 'test' });
    await recordFetch(core, orNotFound(reads, 'file'), claim);
    expect(await ask(token, '198.51.100.9'), 'what it had before').to.equal(undefined);
    const has = orNotFound(reads?.lines[0], 'line').token;
    expect((await ask(has))?.lines.map(({ endpoint }) => endpoint)).to.include('1501');
  });

  it('moved to another tenant before it has been told that its user is gone is told where it is', async () => {
    await addTenant(core, { id: 'acme' });
    const [, second] = (await ask())?.lines ?? [];
    await call(second, ann);
    await ask((await core.store.lines(MAC))[0]?.token ?? null);
    const { contact } = orNotFound(await core.store.handOver(MAC, 2), 'hand-over');
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    await moveDevice(core, MAC, 'acme');
    const all = await core.store.handOversOf(MAC);
    expect(all.map((each) => each.contact)).to.deep.equal([contact]);
  });

  it('is not one user’s on two ports', async () => {
    const [one, two] = (await ask())?.lines ?? [];
    await call(one, ann);
    expect(await refusalOf(call(two, ann))).to.include({ reason: 'already_assigned' });
  });

  it('is given by an administrator, a port at a time, also before it has ever asked', async () => {
    await ask();
    const assign = (slot: number, user: User): Promise<void> =>
      assignDevice(core, { mac: MAC, slot, userId: user.id, actor: 'cli:test' });
    await assign(2, bo);
    expect(await lines()).to.deep.equal(['1 nobody', '2 1501']);
    expect(await refusalOf(assign(2, ann))).to.include({ reason: 'already_assigned' });
    await assign(1, ann);
    expect(await lines()).to.deep.equal(['1 1500', '2 1501']);
  });

  it('is told once when it gets all of its users at once, and on each port if it has not fetched then', async () => {
    for (const [at, { endpoint, authName, secret }] of ((await ask())?.lines ?? []).entries()) {
      await core.registrar.register({
        ...{ user: endpoint, authName, password: secret.reveal(), address: HOME, port: 5060 + at, expires: 3600 },
        ...{ viaAddress: HOME, viaPort: 5060 + at, callId: String(at), userAgent: 'x' },
      });
      await noteRegistrations(core, endpoint);
    }
    await assignDevice(core, { mac: MAC, slot: 1, userId: ann.id, actor: 'cli:test' });
    await assignDevice(core, { mac: MAC, slot: 2, userId: bo.id, actor: 'cli:test' });
    const drive = (): Promise<void> => driveHandOvers(core, (error) => expect.fail(String(error)));
    await drive();
    expect(core.registrar.sent).to.have.length(1);
    const attempts = async (): Promise<readonly number[]> =>
      (await core.store.handOversOf(MAC)).map((handOver) => handOver.attempts);
    expect(await attempts()).to.deep.equal([1, 1]);
    core.pass(core.times.pauses[0] ?? 0);
    await drive();
    expect(core.registrar.sent).to.have.length(3);
    expect(await attempts()).to.deep.equal([2, 2]);
  });

  it('is not given by an administrator while several claim to be it, unless one is named', async () => {
    const asked = await ask();
    await ask(null, '198.51.100.1');
    const given = { mac: MAC, slot: 1, userId: ann.id, actor: 'cli:test' };
    expect(await refusalOf(assignDevice(core, given))).to.include({ reason: 'contested' });
    const account = asked?.lines[0]?.authName ?? '';
    await assignDevice(core, { ...given, account });
    expect(await lines()).to.deep.equal(['1 1500', '2 nobody']);
  });
});
