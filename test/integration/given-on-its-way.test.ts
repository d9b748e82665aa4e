import { expect } from 'chai';
import type { Line } from '../../src/domain/device.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { openStage, type Stage } from '../support/stage.ts';
import type { StagePhone } from '../support/stagePhone.ts';
import { waitFor } from '../support/wait.ts';

/** Whose it is changes again before the phone has fetched what it was told to fetch: it still has the file of before. */
describe('A phone that is somebody’s again before it has fetched', () => {
  let stage: Stage;
  let phone: StagePhone;
  beforeEach(async () => {
    stage = await openStage();
    phone = stage.phone();
    await stage.addUser('1500');
    await stage.addUser('1501');
    await phone.setUp('1500');
  });
  afterEach(() => stage.close());

  async function isOf(extension: string): Promise<void> {
    await stage.drive();
    expect(stage.told(), 'where it is registered as the one of before').to.include(phone.contact);
    await phone.comeBack();
    expect(phone.line.user).to.equal(extension);
    expect((await stage.steps(phone.mac)).at(-1)).to.equal('done');
  }

  it('after it was released', async () => {
    await stage.run(`device release ${phone.mac}`);
    await stage.run(`device assign ${phone.mac} 1501`);
    await isOf('1501');
  });

  it('after it was blocked', async () => {
    await stage.run(`device block ${phone.mac}`);
    await stage.run(`device unblock ${phone.mac}`);
    await stage.run(`device assign ${phone.mac} 1500`);
    await isOf('1500');
  });

  it('after it was moved to another tenant', async () => {
    await stage.run('tenant add acme');
    await stage.addUser('1600', { tenantId: 'acme' });
    await stage.run(`device release ${phone.mac}`);
    await stage.run(`device move ${phone.mac} --to acme`);
    await stage.run(`--tenant acme device assign ${phone.mac} 1600`);
    await isOf('acme-1600');
  });

  it('in the moment in which it fetches: it has read a file that is not its own any more', async () => {
    const { core } = stage;
    const [line] = await core.store.lines(phone.mac);
    const fetches = (token: Line['token'] | null): ReturnType<typeof admit> => {
      const claim = { token, address: '203.0.113.9' };
      const seen = { family: 'yealink', model: 'T46S', firmware: null, address: claim.address };
      return admit({ ...core, tenantId: 'default' }, { mac: phone.mac, claim, seen, isProvisional: false });
    };
    await stage.run(`device release ${phone.mac}`);
    await core.store.updateLine((await core.store.lines(phone.mac))[0]?.id ?? '', { address: '203.0.113.9' });
    const handOver = await core.store.handOver(phone.mac, 1);
    if (handOver !== undefined) await core.store.putHandOver({ ...handOver, address: '203.0.113.9' });
    const read = await fetches(line?.token ?? null);
    await stage.run(`device assign ${phone.mac} 1501`);
    if (read !== undefined) await recordFetch(core, read, { token: line?.token ?? null, address: '203.0.113.9' });
    const next = await fetches(read?.lines[0]?.token ?? null);
    expect(next?.lines.map(({ endpoint }) => endpoint)).to.deep.equal(['1501']);
  });

  it('after its user has been at a shared phone for a moment', async () => {
    const desk = stage.phone();
    await desk.plugIn();
    await stage.run(`device set ${desk.mac} --user-type hot_desk`);
    await desk.dial('*55', '1500#840271#1');
    await desk.comeBack();
    await desk.dial('*55', '1');
    await isOf('1500');
  });

  it('beside another phone of its user, and comes before anybody has told it', async () => {
    const second = stage.phone();
    await second.plugIn();
    await second.dial('*55', '1500#840271#1');
    const third = stage.phone();
    await third.plugIn();
    await stage.run(`device assign ${third.mac} 1500`);
    await third.comeBack();
    expect((await stage.steps(third.mac)).at(-1)).to.equal('done');
    expect(await stage.steps(second.mac), 'which is not back yet').to.not.include('done');
  });

  it('and comes back where it was without having restarted: what was there before is gone', async () => {
    const { registrar } = stage.core;
    const [before = expect.fail()] = await registrar.contacts('1500');
    await stage.run(`device release ${phone.mac}`);
    await stage.run(`device assign ${phone.mac} 1500`);
    await stage.drive();
    expect(await registrar.contacts('1500')).to.deep.equal([]);
    await phone.fetch();
    await waitFor(async () => (await stage.core.store.handOver(phone.mac, 1))?.fetchedAt !== null, {
      what: 'its fetch',
    });
    const { authUser: authName, password } = phone.line;
    const again = { ...before, user: '1500', authName, password, port: 5060, expires: 600 };
    expect(await registrar.register(again)).to.equal(200);
    await noteRegistrations(stage.core, '1500');
    const [after] = await registrar.contacts('1500');
    expect(after).to.include({ uri: before.uri, callId: before.callId });
    await stage.drive();
    expect((await stage.steps(phone.mac)).at(-1)).to.equal('done');
    expect(await registrar.contacts('1500'), 'is removed no more').to.deep.equal([after]);
  });

  it('and registers before it is told, while nobody could write down that its file has arrived', async () => {
    const { core } = stage;
    const second = stage.phone();
    await second.plugIn();
    const [{ token } = expect.fail()] = await core.store.lines(second.mac);
    await stage.addUser('1502');
    await stage.run(`device assign ${second.mac} 1502`);
    const claim = { token, address: second.address };
    const seen = { family: 'yealink', model: 'T46S', firmware: null, address: second.address };
    const read = await admit({ ...core, tenantId: 'default' }, { mac: second.mac, claim, seen, isProvisional: false });
    const [{ authName, secret } = expect.fail()] = read?.lines ?? [];
    const at = { address: second.address, port: 5060, viaAddress: second.address, viaPort: 5060, callId: 'same' };
    const registers = async (): Promise<void> => {
      await core.registrar.register({
        ...{ user: '1502', authName, password: secret.reveal(), ...at, userAgent: 'x', expires: 600 },
      });
      await noteRegistrations(core, '1502');
    };
    await registers();
    await stage.drive();
    await second.fetch();
    await waitFor(async () => (await core.store.handOver(second.mac, 1))?.fetchedAt !== null, { what: 'its fetch' });
    await registers();
    expect((await stage.steps(second.mac)).at(-1)).to.equal('done');
  });

  it('is told apart from one in the inventory of the same user, that has never been there', async () => {
    const { core } = stage;
    await stage.run('device add --mac 001565aabb77 --family yealink --user 1500');
    const [line] = await core.store.lines(phone.mac);
    const moved = { address: '10.9.9.9', port: 6000, viaAddress: '10.9.9.9', viaPort: 6000, callId: 'moved' };
    await core.registrar.register({
      ...{ user: '1500', authName: line?.authName ?? '', password: line?.secret.reveal() ?? '', ...moved },
      ...{ userAgent: 'x', expires: 600 },
    });
    await noteRegistrations(core, '1500');
    expect((await core.store.lines('001565aabb77'))[0]?.contact).to.equal(null);
    const [after] = await core.store.lines(phone.mac);
    expect(after?.contact).to.equal('sip:1500@10.9.9.9:6000');
    expect(after?.contactCertain).to.equal(true);
  });
});
