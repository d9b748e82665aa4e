import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { formatMac } from '../../../src/domain/mac.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { command } from '../../support/command.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { manyDevices } from '../../support/manyDevices.ts';

interface Preview {
  readonly macs: readonly string[];
  readonly items: readonly { readonly effect: string | null; readonly text: string; readonly count: number }[];
}
interface Outcomes {
  readonly done: number;
  readonly refused: number;
  readonly devices: readonly { readonly mac: string; readonly effect: string | null; readonly why: string | null }[];
}

describe('Many devices at once, by the API and the command', () => {
  const NOBODYS = '00:15:65:aa:00:01';
  let core: TestCore;
  let api: TestApi;
  let users: readonly string[];

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    users = (await manyDevices(core, 2)).map(({ mac }) => formatMac(mac));
    await api.call('addDevice', { body: { family: 'yealink', mac: NOBODYS, model: 'T46S' } });
    await addTenant(core, { id: 'acme' });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });

  const preview = async (body: object): Promise<readonly (string | number | null)[][]> =>
    (await api.call<Preview>('previewActOnDevices', { body })).body.items.map(({ effect, count }) => [effect, count]);
  const events = async (): Promise<number> => (await core.store.events({ tenantId: 'default', limit: 1000 })).length;

  it('are looked at first: how many come to what, and how many stay as they are; nothing is done', async () => {
    const before = await events();
    const { body } = await api.call<Preview>('previewActOnDevices', { body: { action: 'release', fitting: {} } });
    expect(body.macs).to.deep.equal(users);
    expect(body.items.map(({ effect, text, count }) => [effect, text, count])).to.deep.equal([
      ['released', 'taken from its user: it goes back to its default line, and is told to fetch that', 2],
      [null, 'no user has it', 1],
    ]);
    expect(await preview({ action: 'block', fitting: {} })).to.deep.equal([
      ['blocked_released', 2],
      ['blocked', 1],
    ]);
    expect(await preview({ action: 'unblock', fitting: {} })).to.deep.equal([['as_is', 3]]);
    expect(await preview({ action: 'move', to: 'acme', fitting: {} })).to.deep.equal([
      [null, 2],
      ['moved', 1],
    ]);
    expect(await preview({ action: 'sync', macs: [...users, NOBODYS] })).to.deep.equal([
      ['told', 2],
      [null, 1],
    ]);
    expect(await events()).to.equal(before);
  });

  it('are done each by itself: what one refuses is done to the others, and said of each', async () => {
    const macs = [...users, NOBODYS, '00:15:65:ff:ff:ff'];
    const { body } = await api.call<Outcomes>('actOnDevices', { body: { action: 'release', macs } });
    expect([body.done, body.refused]).to.deep.equal([2, 2]);
    expect(body.devices.map(({ effect, why }) => effect ?? why)).to.deep.equal([
      ...['released', 'released', 'no user has it', 'it is no device of this tenant'],
    ]);
    for (const mac of users)
      expect((await api.call('getDevice', { at: { tenant: 'default', mac } })).body).to.include({ extension: null });
  });

  it('get another profile: users’ phones by their users, nobody’s by themselves', async () => {
    await api.call('addProfile', { body: { name: 'hall' } });
    const macs = [...users, NOBODYS];
    await api.call('actOnDevices', { body: { action: 'profile', profile: 'hall', macs } });
    expect(await preview({ action: 'profile', profile: 'hall', macs })).to.deep.equal([['as_is', 3]]);
    const listed = await api.call<{ count: number }>('listDevices', { query: { profile: 'hall' } });
    expect(listed.body.count).to.equal(3);
    const none = await api.call<{ count: number }>('listDevices', { query: { profile: 'default' } });
    expect(none.body.count).to.equal(0);
    expect((await api.call('listDevices', { query: { profile: 'hal' } })).status).to.equal(404);
  });

  it('fetch one after the other, these alone', async () => {
    const { body } = await api.call('startSync', { body: { macs: users.slice(0, 1) } });
    expect(body).to.deep.include({ state: 'running', what: 'being picked (1)' });
    const { items } = (
      await api.call<{ items: readonly { mac: string }[] }>('listSyncDevices', {
        at: { tenant: 'default', id: '1' },
      })
    ).body;
    expect(items.map(({ mac }) => mac)).to.deep.equal(users.slice(0, 1));
  });

  it('restart one after the other, and only those that can be told', async () => {
    expect(await preview({ action: 'reboot', macs: [...users, NOBODYS] })).to.deep.equal([
      ['restarted', 2],
      [null, 1],
    ]);
    const { body } = await api.call('startSync', { body: { macs: users, reboot: true } });
    expect(body).to.include({ state: 'running', reboots: true });
  });

  it('are refused to who may not, and to who does not say what is needed', async () => {
    const macs = [NOBODYS];
    const desk = await api.token(['read']);
    expect((await api.call('actOnDevices', { token: desk, body: { action: 'release', macs } })).status).to.equal(403);
    for (const body of [
      { action: 'move', macs },
      { action: 'profile', macs },
      { action: 'release', macs: [] },
      { action: 'sync', macs },
    ])
      expect((await api.call('actOnDevices', { body })).status, JSON.stringify(body)).to.equal(400);
    expect((await api.call('previewActOnDevices', { body: { action: 'release' } })).status).to.equal(400);
    const acme = { at: { tenant: 'acme' }, token: await api.token(['read', 'write'], 'acme') };
    const { body } = await api.call<Outcomes>('actOnDevices', { ...acme, body: { action: 'block', macs: users } });
    expect([body.done, body.refused]).to.deep.equal([0, 2]);
    const moved = await api.call('actOnDevices', { ...acme, body: { action: 'move', to: 'default', macs } });
    expect(moved.status).to.equal(403);
  });

  it('say by the command what it would come to, and do it when told to', async () => {
    const planned = await command(core, 'device', 'many', 'block', '--family', 'yealink');
    expect(planned)
      .to.contain('Nothing is done yet')
      .and.to.match(/2 +would be taken from its user and blocked/);
    expect(await preview({ action: 'unblock', fitting: {} })).to.deep.equal([['as_is', 3]]);
    await command(core, 'device', 'many', 'block', '--mac', ...users, '--apply');
    expect(await preview({ action: 'unblock', fitting: {} })).to.deep.equal([
      ['unblocked', 2],
      ['as_is', 1],
    ]);
    const started = await command(core, 'sync', 'start', '--mac', NOBODYS);
    expect(started).to.contain('1 devices');
  });
});
