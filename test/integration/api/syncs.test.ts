import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { formatMac } from '../../../src/domain/mac.ts';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import { syncDriver } from '../../../src/provisioning/sync/driveSyncs.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { command } from '../../support/command.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { manyDevices, restart, type OwnPhone } from '../../support/manyDevices.ts';
import { rotatingPhone } from '../../support/rotatingPhone.ts';

interface Sync {
  readonly id: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly minutes: readonly unknown[];
}
interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

describe('Syncs, new SIP passwords and hand-overs by the API', () => {
  let core: TestCore;
  let api: TestApi;
  let phones: readonly OwnPhone[];
  let drive: () => Promise<void>;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    phones = await manyDevices(core, 3);
    drive = syncDriver(core, (error) => {
      throw error;
    });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const at = { tenant: 'default', id: '1' };
  const first = (): OwnPhone => orNotFound(phones[0], 'phone');
  /** A program of another tenant. */
  async function stranger() {
    await addTenant(core, { id: 'acme' });
    return { token: await api.token(['read', 'write'], 'acme'), at: { ...at, tenant: 'acme' } };
  }

  it('say before how many phones that would be, and tell nobody', async () => {
    const count = async (body: object) => (await api.call<{ count: number }>('previewSync', { body })).body.count;
    expect(await count({ all: true })).to.equal(3);
    expect(await count({ deviceTemplate: 'Default' })).to.equal(3);
    expect(await count({ family: 'snom' })).to.equal(0);
    expect((await api.call('previewSync', { body: {} })).status).to.equal(400);
    expect(await command(core, 'sync', 'start', '--all', '--dry-run')).to.contain('3 devices');
    expect((await api.call<Page<Sync>>('listSyncs')).body.items).to.deep.equal([]);
  });

  it('tell phones at the pace that was said, and show how far each is', async () => {
    const started = await api.call<Sync>('startSync', { body: { all: true, perMinute: 1, lostAfterMinutes: 5 } });
    expect(started.status).to.equal(201);
    expect(started.body).to.deep.include({ id: 1, state: 'running', perMinute: 1, lostAfterMinutes: 5 });
    expect(started.headers.get('location')).to.equal('/api/v1/tenants/default/syncs/1');
    await drive();
    core.pass(1000);
    await restart(core, first(), 'second');
    await drive();
    const { body } = await api.call<Sync>('getSync', { at });
    expect([body.counts, body.minutes]).to.deep.equal([
      { waiting: 2, told: 0, fetched: 0, back: 1, lost: 0, by_itself: 0 },
      [{ minute: 0, told: 1, fetched: 1, back: 1, lost: 0 }],
    ]);
    const back = await api.call<Page<{ mac: string }>>('listSyncDevices', { at, query: { state: 'back' } });
    expect(back.body.items.map(({ mac }) => mac)).to.deep.equal([formatMac(first().mac)]);
    expect((await api.call<Page<Sync>>('listSyncs')).body.items).to.have.length(1);
  });

  it('can be held up, gone on with and given up, and only one is under way', async () => {
    await api.call('startSync', { body: { family: 'yealink' } });
    expect((await api.call('startSync', { body: { all: true } })).status).to.equal(409);
    expect((await api.call('pauseSync', { at })).body).to.include({ state: 'paused' });
    expect((await api.call('pauseSync', { at })).status).to.equal(409);
    expect((await api.call('resumeSync', { at })).body).to.include({ state: 'running' });
    expect((await api.call('cancelSync', { at })).body).to.include({ state: 'cancelled' });
    await api.call('startSync', { body: { all: true } });
    const pages = await api.call<Page<Sync>>('listSyncs', { query: { limit: '1' } });
    expect(pages.body.items.map(({ id }) => id)).to.deep.equal([2]);
    const older = await api.call<Page<Sync>>('listSyncs', { query: { limit: '1', after: pages.body.next ?? '' } });
    expect([older.body.items.map(({ id }) => id), older.body.next]).to.deep.equal([[1], null]);
  });

  it('refuse what picks nobody, everybody twice, and a pace that is none', async () => {
    for (const [body, status] of [
      [{}, 400],
      [{ all: true, family: 'yealink' }, 400],
      [{ family: 'snom' }, 404],
      [{ all: true, perMinute: 0 }, 400],
    ] as const)
      expect((await api.call('startSync', { body })).status, JSON.stringify(body)).to.equal(status);
  });

  it('give new SIP passwords, which are told to nobody but the phone, and take the old ones away', async () => {
    const phone = await rotatingPhone(core, first());
    await phone.register();
    const mac = formatMac(phone.mac);
    const plan = await api.call('previewRotation', { body: { mac } });
    expect(plan.body).to.deep.equal({ devices: [mac], underWay: [], kept: [] });
    expect((await api.call('listRotations')).body).to.deep.equal({ items: [], next: null });
    const started = await api.call('startRotation', { body: { mac } });
    expect(started.body).to.deep.equal({ ...plan.body, sync: 1 });
    await drive();
    const { body } = await api.call<Page<object>>('listRotations');
    expect(body.items[0]).to.include({ mac, extension: phone.user.extension, state: 'waiting' });
    const secret = orNotFound((await core.store.lines(phone.mac))[0], 'line').secret.reveal();
    expect(JSON.stringify([body, started.body, (await api.call('listEvents')).body])).not.to.contain(secret);
    expect((await api.call('endRotation', { body: { all: true } })).body).to.deep.equal({ devices: [mac] });
    expect((await api.call('listRotations')).body).to.deep.include({ items: [] });
  });

  it('show who is on the way to a new line, and who has not arrived', async () => {
    const mac = formatMac(first().mac);
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
    await api.call('releaseDevice', { at: { tenant: 'default', mac }, body: {} });
    const { body } = await api.call<Page<object>>('listHandOvers');
    expect(body.items[0]).to.include({ mac, kind: 'release', state: 'open' });
    expect(body.items).to.have.length(1);
    expect((await api.call<Page<object>>('listHandOvers', { query: { state: 'failed' } })).body.items).to.have.length(
      0,
    );
    expect(await command(core, 'hand-over', 'list'))
      .to.contain(mac)
      .and.to.contain('release');
    expect(await command(core, 'hand-over', 'list', '--failed')).to.equal('There are none.');
    const acme = await stranger();
    expect((await api.call('listHandOvers', acme)).body).to.deep.include({ items: [] });
  });

  it('of another tenant are not there, nor its phones', async () => {
    await api.call('startSync', { body: { all: true } });
    const acme = await stranger();
    for (const id of ['getSync', 'listSyncDevices', 'pauseSync', 'resumeSync', 'cancelSync'])
      expect((await api.call(id, acme)).status, id).to.equal(404);
    expect((await api.call('listSyncs', acme)).body).to.deep.include({ items: [] });
    for (const body of [{ mac: first().mac }, { extension: first().user.extension }, { all: true }])
      for (const id of ['startRotation', 'previewRotation', 'endRotation'])
        expect((await api.call(id, { ...acme, body })).status, `${id} ${JSON.stringify(body)}`).to.equal(404);
    expect((await api.call('startSync', { ...acme, body: { all: true } })).status).to.equal(404);
  });
});
