import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { addUser } from '../../../src/administration/users.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { command } from '../../support/command.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

interface Device {
  readonly mac: string;
  readonly number: number;
  readonly state: string;
  readonly extension: string | null;
  readonly lines: readonly object[];
  readonly events: readonly Event[];
}
interface Event {
  readonly id: string;
  readonly step: string;
  readonly actor: string;
  readonly tenantId: string;
}
interface Page<Item = Device> {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly count: number;
}
const MACS = ['00:15:65:00:00:01', '00:15:65:00:00:02', '80:5e:c0:00:00:03'] as const;

describe('Devices by the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    for (const [at, mac] of MACS.entries())
      await api.call('addDevice', {
        body: { family: 'yealink', mac, model: at === 2 ? 'T58W' : 'T46S', note: `room ${at + 1}` },
      });
    await api.call('addUser', { body: { extension: '1500', name: 'Änne Müller' } });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const at = (mac: string = MACS[0], tenant = 'default') => ({ tenant, mac });
  const give = () => api.call<Device>('assignDevice', { at: at(), body: { extension: '1500' } });
  const found = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    (await api.call<Page>('listDevices', { query })).body.items.map(({ mac }) => mac);

  it('are found by any word of what is known of them, in any spelling', async () => {
    await give();
    for (const search of ['0015.6500', '00-15-65-00-00-01 ROOM', 'müller', 'MÜLLER änne', '1500', 't46s 1500'])
      expect(await found({ search }), search).to.include(MACS[0]);
    expect(await found({ search: 'room 3' })).to.deep.equal([MACS[2]]);
    expect(await found({ search: '1500' })).to.deep.equal([MACS[0]]);
    for (const search of ['%', '_', "'", 'nobody']) expect(await found({ search }), search).to.deep.equal([]);
    const { number } = (await api.call<Device>('getDevice', { at: at(MACS[1]) })).body;
    expect(await found({ search: String(number) })).to.deep.equal([MACS[1]]);
    expect(await found({ search: '99999999999999999999' })).to.deep.equal([]);
    await api.call('addDevice', { body: { family: 'snom', mac: '00:04:13:00:00:01' } });
    expect(await found({ search: 'snom desk' })).to.deep.equal(['00:04:13:00:00:01']);
    await api.call('removeDevice', { at: at('00:04:13:00:00:01') });
    expect(await found({ state: 'unassigned' })).to.deep.equal(MACS.slice(1));
    expect(await found({ state: 'assigned' })).to.deep.equal([MACS[0]]);
    expect(await found({ state: 'unregistered', family: 'yealink' })).to.deep.equal([MACS[0]]);
    expect(await found({ state: 'registered' })).to.deep.equal([]);
  });

  it('are listed a page at a time, with how many there are', async () => {
    const { body } = await api.call<Page>('listDevices', { query: { limit: '2' } });
    expect([body.items.length, body.count, body.next]).to.deep.equal([2, 3, MACS[1]]);
    const rest = await api.call<Page>('listDevices', { query: { limit: '2', after: body.next ?? '' } });
    expect([rest.body.items.map(({ mac }) => mac), rest.body.next]).to.deep.equal([[MACS[2]], null]);
    // Exactly a page of them: none is behind it.
    expect((await api.call<Page>('listDevices', { query: { limit: '3' } })).body.next).to.equal(null);
    expect((await api.call<Page>('listUsers', { query: { limit: '1' } })).body.next).to.equal(null);
  });

  it('are listed the newest first where that is asked for, a page at a time, by the command too', async () => {
    core.pass(1000);
    await api.call('addDevice', { body: { family: 'yealink', mac: '00:15:65:00:00:00' } });
    const newest = { order: 'newest', limit: '2' };
    const { body } = await api.call<Page>('listDevices', { query: newest });
    expect(body.items.map(({ mac }) => mac)).to.deep.equal(['00:15:65:00:00:00', MACS[2]]);
    const rest = await api.call<Page>('listDevices', { query: { ...newest, after: body.next ?? '' } });
    expect([rest.body.items.map(({ mac }) => mac), rest.body.next]).to.deep.equal([[MACS[1], MACS[0]], null]);
    const gone = { ...newest, after: '00:15:65:00:00:99' };
    expect((await api.call('listDevices', { query: gone })).status).to.equal(404);
    const typed = async (...options: readonly string[]): Promise<readonly string[]> =>
      (JSON.parse(await command(core, '--json', 'device', 'list', ...options)) as Device[]).map(({ mac }) => mac);
    expect(await typed('--newest', '--limit', '1')).to.deep.equal(['00:15:65:00:00:00']);
    expect(await typed('--search', 'T58W', '--state', 'unassigned', '--family', 'yealink')).to.deep.equal([MACS[2]]);
    expect(await typed('--own', 'false')).to.deep.equal([]);
    expect(await command(core, 'device', 'list', '--search', 'nobody')).to.equal('No device fits.');
  });

  it('are given to a user, and taken back, and the time-line says who did it', async () => {
    const { body: given } = await give();
    expect(given).to.include({ state: 'assigned', extension: '1500', attention: null });
    expect(given.lines[0]).to.include({ extension: '1500', name: 'Änne Müller', address: null });
    expect((await api.call('getUser', { at: { ...at(), extension: '1500' } })).body).to.deep.include({
      devices: [MACS[0]],
    });
    const released = await api.call<Device>('releaseDevice', { at: at(), body: {} });
    expect(released.body).to.include({ state: 'unassigned', extension: null });
    // Whoever types it is told that nobody can tell a phone that is off.
    expect(await command(core, 'device', 'assign', MACS[1], '1500'))
      .to.contain('not registered')
      .and.to.contain('switch');
    expect(await command(core, 'device', 'release', MACS[1])).to.contain('switch it on');
    const { body } = await api.call<Device>('getDevice', { at: at() });
    expect(body.events.map(({ step, actor }) => `${step} ${actor}`)).to.include.members([
      ...['accepted api:test-1', 'released api:test-1'],
    ]);
    const events = await api.call<Page<Event>>('listEvents', { query: { mac: MACS[0], limit: '1' } });
    expect([events.body.items.length, events.body.next]).to.deep.equal([1, events.body.items.map(({ id }) => id)[0]]);
  });

  it('are changed, blocked, unblocked, unlocked, told to fetch, given another URL, and forgotten', async () => {
    expect(
      (await api.call('changeDevice', { at: at(), body: { note: 'hall', settings: { timeZone: 'UTC' } } })).body,
    ).to.include({ remark: 'hall' });
    const settings = await api.call<unknown[]>('getDeviceSettings', { at: at() });
    expect(settings.body).to.deep.include({ name: 'timeZone', value: 'UTC', from: 'device 001565000001' });
    expect((await api.call('blockDevice', { at: at() })).body).to.deep.include({
      isBlocked: true,
      attention: { kind: 'blocked', address: null },
      note: 'blocked: selfprov device unblock 00:15:65:00:00:01',
    });
    expect((await api.call('assignDevice', { at: at(), body: { extension: '1500' } })).status).to.equal(409);
    expect((await api.call('unblockDevice', { at: at() })).body).to.include({ isBlocked: false });
    expect((await api.call('unlockDevice', { at: at() })).body).to.include({ locked: false });
    // Nobody can be told who has never registered.
    expect((await api.call('syncDevice', { at: at() })).body).to.include({ status: 409 });
    expect((await api.call('newDeviceUrl', { at: at() })).body)
      .to.have.property('url')
      .that.matches(/^http.*\//);
    expect((await api.call('removeDevice', { at: at() })).status).to.equal(204);
    expect((await api.call('getDevice', { at: at() })).status).to.equal(404);
  });

  it('of another tenant are not there, whatever is asked of them', async () => {
    await addTenant(core, { id: 'acme' });
    await addUser(core, { tenantId: 'acme', extension: '1500', name: 'Bob' });
    const token = await api.token(['read', 'write', 'secrets'], 'acme');
    const operations = [
      ...[
        'getDevice',
        'changeDevice',
        'removeDevice',
        'getDeviceSettings',
        'releaseDevice',
        'newDeviceUrl',
        'syncDevice',
      ],
      ...['unlockDevice', 'blockDevice', 'unblockDevice'],
    ];
    for (const id of operations)
      expect((await api.call(id, { at: at(MACS[0], 'acme'), token, body: {} })).status, id).to.equal(404);
    const give = { at: at(MACS[0], 'acme'), token, body: { extension: '1500' } };
    expect((await api.call('assignDevice', give)).status).to.equal(404);
    expect((await api.call('moveDevice', { ...give, body: { to: 'acme' } })).status).to.equal(404);
    for (const [id, more] of [
      ['listDevices', {}],
      ['listEvents', { mac: MACS[0] }],
    ] as const)
      expect((await api.call(id, { at: { tenant: 'acme' }, token, query: more })).body).to.deep.include({ items: [] });
  });

  it('are moved to another tenant only by who may change something there, and what happened before is not shown there', async () => {
    await addTenant(core, { id: 'acme' });
    const own = await api.token(['read', 'write'], 'default');
    expect((await api.call('moveDevice', { at: at(), token: own, body: { to: 'acme' } })).status).to.equal(403);
    expect((await api.call('moveDevice', { at: at(), body: { to: 'acme' } })).status).to.equal(204);
    const token = await api.token(['read'], 'acme');
    const { body } = await api.call<Device>('getDevice', { at: at(MACS[0], 'acme'), token });
    expect(body.events.map(({ tenantId }) => tenantId)).not.to.include('default');
    const events = await api.call<Page<Event>>('listEvents', {
      at: { tenant: 'acme' },
      token,
      query: { mac: MACS[0] },
    });
    expect(events.body.items.map(({ tenantId }) => tenantId)).not.to.include('default');
  });
});
