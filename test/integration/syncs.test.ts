import { expect } from 'chai';
import { changeDevice } from '../../src/administration/devices.ts';
import { addProfile } from '../../src/administration/profiles.ts';
import { changeSync, startSync, syncDevice, USUAL_PACE, type Pace } from '../../src/administration/syncs.ts';
import { showSync } from '../../src/administration/syncProgress.ts';
import { addTemplate, DEVICE_TEMPLATES } from '../../src/administration/templates.ts';
import { changeUser } from '../../src/administration/users.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { fetchOwnFile, manyDevices, registerPhone, restart, type OwnPhone } from '../support/manyDevices.ts';
import { refusalOf } from '../support/refusal.ts';
import { enrol } from '../support/steps.ts';

const tenantId = 'default';
const fail = (error: unknown): never => {
  throw error;
};

describe('A sync over the store', () => {
  let core: TestCore;
  let drive: () => Promise<void>;
  let phones: readonly OwnPhone[];

  beforeEach(async () => {
    core = await openTestCore();
    drive = syncDriver(core, fail);
  });
  afterEach(() => core.close());

  const start = (pace: Partial<Pace> = {}) => startSync(core, tenantId, { all: true }, { ...USUAL_PACE, ...pace });
  const states = async (id = 1): Promise<readonly string[]> =>
    (await core.store.syncItems(id)).map(({ state }) => state);
  const lastEvent = async () => (await core.store.events({ limit: 1 }))[0];
  const told = (): readonly (OwnPhone | undefined)[] =>
    core.registrar.sent.map(({ uri }) => phones.find(({ user }) => uri.startsWith(`sip:${user.extension}@`)));

  /** The server looks once a second, for so long; every phone that is told does this. */
  async function run(
    seconds: number,
    onTold: (phone: OwnPhone) => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      const before = core.registrar.sent.length;
      await drive();
      core.pass(1000);
      for (const phone of told().slice(before)) if (phone !== undefined) await onTold(phone);
    }
  }
  const comesBack = (phone: OwnPhone): Promise<void> => restart(core, phone, 'second');

  it('tells each device once, at its pace, and is done when all are back', async () => {
    phones = await manyDevices(core, 8, { perAddress: 1 });
    await start({ perMinute: 6 });
    await run(61, comesBack);
    expect(told()).to.have.length(7);
    await run(20, comesBack);
    expect(new Set(told()).size).to.equal(8);
    expect(told()).to.have.length(8);
    expect(await core.store.sync(1)).to.include({ state: 'done' });
    const event = await lastEvent();
    expect(event).to.include({ step: 'sync_done', actor: 'selfprov' });
    expect(event?.detail).to.include({ sync: 1, back: 8, lost: 0, waiting: 0 });
  });

  it('lets the phones behind one address restart a few a minute', async () => {
    phones = await manyDevices(core, 10, { perAddress: 5 });
    await start({ perMinute: 600, perAddress: 2 });
    await run(60, comesBack);
    expect(told()).to.have.length(4);
    await run(60, comesBack);
    expect(told()).to.have.length(8);
  });

  it('stops by itself when too many of those that went first do not come back, and names them', async () => {
    phones = await manyDevices(core, 30, { perAddress: 1 });
    await start({ perMinute: 600, canary: 5, mostLost: 1 });
    const broken = new Set(phones.slice(0, 2));
    await run(16 * 60, async (phone) => (broken.has(phone) ? fetchOwnFile(core, phone) : comesBack(phone)));
    expect(told()).to.have.length(5);
    expect(await core.store.sync(1)).to.include({ state: 'stopped', canaryPassedAt: null });
    const event = await lastEvent();
    expect(event).to.include({ step: 'sync_stopped' });
    expect(event?.detail).to.include({ back: 3, lost: 2, devices: [...broken].map(({ mac }) => mac).join(' ') });
    await changeSync(core, tenantId, 1, 'resume');
    await run(30, comesBack);
    expect(await states()).to.include.members(['lost', 'back']);
    expect(await core.store.sync(1)).to.include({ state: 'done' });
  });

  it('goes on in a new process, and tells nobody again', async () => {
    phones = await manyDevices(core, 6, { perAddress: 1 });
    await start();
    await run(3, comesBack);
    drive = syncDriver(core, fail);
    await run(10, comesBack);
    expect(new Set(told()).size).to.equal(6);
    expect(told()).to.have.length(6);
    expect(await core.store.sync(1)).to.include({ state: 'done' });
  });

  it('tells nobody again whom a process was telling when it died', async () => {
    phones = await manyDevices(core, 1);
    await start();
    let isSending = (): void => {};
    const sending = new Promise<void>((resolve) => (isSending = resolve));
    const registrar = {
      ...core.registrar,
      notify: () => {
        isSending();
        return new Promise<void>(() => {});
      },
    };
    void syncDriver({ ...core, registrar }, fail)();
    await sending;
    await run(9 * 60);
    expect(await states()).to.deep.equal(['told']);
    await run(2 * 60);
    expect(told()).to.deep.equal([]);
    expect(await core.store.syncItem(1, phones[0]?.mac ?? '')).to.include({ why: 'nobody knows whether it was told' });
  });

  it('waits for Asterisk: who could not be told is told when it is there again, once', async () => {
    phones = await manyDevices(core, 3, { perAddress: 1 });
    await start();
    core.registrar.isDown = true;
    await run(5);
    expect(await states()).to.deep.equal(['waiting', 'waiting', 'waiting']);
    core.registrar.isDown = false;
    await run(5, comesBack);
    expect(told()).to.have.length(3);
    expect(await states()).to.deep.equal(['back', 'back', 'back']);
  });

  it('tells nobody while it is paused, nobody more once it is cancelled, and follows those that were told', async () => {
    phones = await manyDevices(core, 6, { perAddress: 1 });
    await start();
    await run(2);
    await changeSync(core, tenantId, 1, 'pause');
    await run(5);
    expect(told()).to.have.length(2);
    await changeSync(core, tenantId, 1, 'resume');
    await run(1);
    await changeSync(core, tenantId, 1, 'cancel');
    expect((await lastEvent())?.detail).to.include({ told: 3, waiting: 3 });
    expect(await lastEvent()).to.include({ step: 'sync_cancelled', actor: 'test' });
    for (const phone of told().slice(0, 2)) if (phone !== undefined) await comesBack(phone);
    await run(11 * 60);
    expect(told()).to.have.length(3);
    expect(await states()).to.deep.equal(['back', 'back', 'lost', 'waiting', 'waiting', 'waiting']);
    expect(await refusalOf(changeSync(core, tenantId, 1, 'resume'))).to.include({ code: 'conflict' });
  });

  it('leaves alone a device that is removed or released meanwhile, before it is told or after', async () => {
    phones = await manyDevices(core, 4, { perAddress: 1 });
    const [first, second, third, fourth] = phones.map(({ mac }) => mac);
    await start({ backWithin: 60_000 });
    await run(2);
    await removeDevice(core, { mac: first ?? '', actor: 'test' });
    await releaseDevice(core, { mac: second ?? '', actor: 'test' });
    await removeDevice(core, { mac: third ?? '', actor: 'test' });
    await releaseDevice(core, { mac: fourth ?? '', actor: 'test' });
    await run(3);
    expect((await core.store.syncItems(1)).map(({ state, why }) => [state, why])).to.deep.equal([
      ['by_itself', 'its line has ended'],
      ['by_itself', 'its line has ended'],
      ['by_itself', 'it has been removed'],
      ['by_itself', 'it is being handed over, and told by that'],
    ]);
    expect(told()).to.have.length(2);
    expect(await core.store.sync(1)).to.include({ state: 'done' });
  });

  it('leaves a device to itself that is not registered, or whose registration may be another’s', async () => {
    phones = await manyDevices(core, 2, { perAddress: 1 });
    const [one, other] = await Promise.all(phones.map(({ mac }) => core.store.lines(mac)));
    await core.store.updateLine(one?.[0]?.id ?? '', { contact: null });
    await core.store.updateLine(other?.[0]?.id ?? '', { contactCertain: false });
    await start();
    await run(1);
    expect(told()).to.deep.equal([]);
    expect((await core.store.syncItems(1)).map(({ why }) => why)).to.deep.equal([
      'it is not registered',
      'its registration may be another phone’s',
    ]);
  });

  it('does not take for its return what came before: a fetch before it was told, a registration before its fetch', async () => {
    phones = await manyDevices(core, 1);
    const [phone] = phones as [OwnPhone];
    const registers = async (): Promise<void> => {
      core.pass(2000);
      await registerPhone(core, phone, 'first');
      await noteRegistrations(core, phone.user.endpoint);
    };
    await start();
    await fetchOwnFile(core, phone);
    await run(1);
    await registers();
    expect(await states()).to.deep.equal(['told']);
    await fetchOwnFile(core, phone);
    await noteRegistrations(core, phone.user.endpoint);
    await run(1);
    expect(await states()).to.deep.equal(['fetched']);
    await registers();
    expect(await states()).to.deep.equal(['back']);
  });

  it('is about the devices that are wanted, each of its models among the first', async () => {
    const kinds = [
      { family: 'yealink', model: 'T46S' },
      { family: 'yealink', model: 'T54W' },
      { family: 'snom', model: 'D785' },
    ] as const;
    phones = await manyDevices(core, 7, { kindAt: (at) => kinds[Math.min(2, Math.max(0, at - 3))] ?? kinds[0] });
    await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'Desk', texts: {} });
    await addProfile(core, [], tenantId, { name: 'Sales', deviceTemplate: 'Desk' });
    for (const { user } of phones.slice(0, 2)) await changeUser(core, user, { profile: 'Sales' });
    await enrol(core, '001565aabb01', '10.0.0.9', 'snom');
    const macsOf = async (wanted: Parameters<typeof startSync>[2]): Promise<readonly string[]> => {
      const { id } = await startSync(core, tenantId, wanted, USUAL_PACE);
      await changeSync(core, tenantId, id, 'cancel');
      return (await core.store.syncItems(id)).map(({ mac }) => mac);
    };
    const sales = phones.slice(0, 2).map(({ mac }) => mac);
    expect(await macsOf({ profile: 'Sales' })).to.deep.equal(sales);
    expect(await macsOf({ deviceTemplate: 'desk' })).to.deep.equal(sales);
    expect(await macsOf({ family: 'snom' }))
      .to.have.length(3)
      .and.include('001565aabb01');
    expect(await macsOf({ family: 'snom', profile: 'Default' })).to.have.length(2);
    expect(await macsOf({ lineTemplate: 'Default' })).to.have.length(7);
    const all = await macsOf({ all: true });
    expect(all).to.have.length(8);
    expect(all.slice(0, 3)).to.include.members([phones[0]?.mac, phones[4]?.mac, phones[5]?.mac]);
  });

  it('finds a device that no user has by the template of the profile that it was entered with', async () => {
    const mac = '001565aabb01';
    await enrol(core, mac);
    await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'Lobby', texts: {} });
    await addProfile(core, [], tenantId, { name: 'Lobby', deviceTemplate: 'Lobby' });
    await changeDevice(core, mac, { profile: 'Lobby' });
    const wanted = (deviceTemplate: string) => startSync(core, tenantId, { deviceTemplate }, USUAL_PACE);
    expect(await refusalOf(wanted('Default'))).to.include({ code: 'not_found' });
    expect(await core.store.syncItems((await wanted('Lobby')).id)).to.have.length(1);
  });

  it('is refused without a word about which devices, for none, and while another is under way', async () => {
    phones = await manyDevices(core, 1);
    expect(await refusalOf(startSync(core, tenantId, {}, USUAL_PACE))).to.include({ code: 'invalid' });
    expect(await refusalOf(startSync(core, tenantId, { family: 'snom' }, USUAL_PACE))).to.include({
      code: 'not_found',
    });
    expect(await refusalOf(start({ perMinute: 0 }))).to.include({ code: 'invalid' });
    await start();
    expect(await refusalOf(start())).to.include({ code: 'conflict' });
  });

  it('that has stopped by itself is not resumed while another is under way: nobody is told by two', async () => {
    phones = await manyDevices(core, 3, { perAddress: 1 });
    await start({ canary: 1, mostLost: 0, canaryWithin: 60_000 });
    await run(70);
    await start();
    expect(await refusalOf(changeSync(core, tenantId, 1, 'resume'))).to.include({ code: 'conflict' });
    await changeSync(core, tenantId, 2, 'cancel');
    expect(await changeSync(core, tenantId, 1, 'resume')).to.include({ state: 'running' });
  });

  describe('of one device', () => {
    it('tells it at once, also while its neighbours have been told', async () => {
      phones = await manyDevices(core, 3);
      await start({ perAddress: 2, perMinute: 600 });
      await run(1);
      await syncDevice(core, phones[2]?.mac ?? '');
      await run(1, comesBack);
      expect(told().at(-1)).to.equal(phones[2]);
      await drive();
      expect(await core.store.sync(2)).to.include({ state: 'done' });
      const steps = await core.store.events({ mac: phones[2]?.mac ?? '', limit: 9 });
      expect(steps.map(({ step }) => step)).to.include.members(['sync_started', 'notified', 'sync_done']);
    });

    it('has it restart when that is meant, and says so', async () => {
      phones = await manyDevices(core, 2);
      const [{ mac }] = phones as [OwnPhone];
      await syncDevice(core, mac, { reboots: true });
      await drive();
      await start();
      await drive();
      expect(core.registrar.sent.map(({ notification: { event } }) => event)).to.deep.equal([
        'check-sync;reboot=true',
        'check-sync',
      ]);
      const [started] = await core.store.events({ mac, step: 'sync_started', limit: 1 });
      expect(started?.detail).to.include({ reboots: true });
      expect(await command(core, 'sync', 'show', '1')).to.contain('told to restart');
    });

    it('says in words when it cannot be told', async () => {
      phones = await manyDevices(core, 1);
      const [{ mac }] = phones as [OwnPhone];
      const [line] = await core.store.lines(mac);
      const why = async (): Promise<string> => (await refusalOf(command(core, 'device', 'sync', mac))).message;
      await core.store.updateLine(line?.id ?? '', { contactCertain: false });
      expect(await why()).to.match(/^00:15:65:00:4e:20 cannot be told: its registration may be another phone’s\./);
      await core.store.updateLine(line?.id ?? '', { contact: null });
      expect(await why()).to.contain('it is not registered');
      await releaseDevice(core, { mac, actor: 'test' });
      expect(await why()).to.contain('it is being handed over');
    });
  });

  it('is shown with its states, a line for each minute, and the devices that need a look', async () => {
    phones = await manyDevices(core, 4, { perAddress: 1 });
    const [line] = await core.store.lines(phones[3]?.mac ?? '');
    await core.store.updateLine(line?.id ?? '', { contact: null });
    const started = await command(core, 'sync', 'start', '--all', '--per-minute', '2');
    expect(started).to.equal('Sync 1 tells 4 devices: selfprov sync show 1');
    await run(95, comesBack);
    const shown = await command(core, 'sync', 'show', '1');
    expect(shown).to.match(/^Sync: +1, done\nDevices: +4 by all\nPace: +2 a minute, 5 behind one address\n/);
    expect(shown).to.match(/MINUTE {2}TOLD {2}FETCHED {2}BACK {2}LOST\n0 +2 +2 +2 +0\n1 +1 +1 +1 +0\n/);
    expect(shown).to.match(/00:15:65:00:4e:23 +by itself .*it is not registered/);
    expect(shown).not.to.contain('00:15:65:00:4e:20');
    expect(await command(core, 'sync', 'show', '1', '--devices')).to.contain('00:15:65:00:4e:20');
    expect(await command(core, 'sync', 'list')).to.match(/1 +done +all +4 +3 +0/);
    expect(await showSync(core, tenantId, 1)).to.have.deep.nested.property('counts.back', 3);
    expect((await refusalOf(command(core, 'sync', 'cancel', '1'))).message).to.equal(
      'sync 1 cannot cancel: it is done',
    );
    expect(await refusalOf(command(core, 'sync', 'show', '9'))).to.include({ code: 'not_found' });
  });
});
