import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { command } from '../../support/command.ts';
import { server } from '../../support/phoneFacts.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { manyDevices } from '../../support/manyDevices.ts';

interface Changes {
  readonly items: readonly {
    readonly devices: number;
    readonly files: readonly { readonly lines: readonly string[] }[];
  }[];
}
interface File {
  readonly name: string;
  readonly content: string;
}

interface Layout {
  readonly pages: readonly { readonly places: readonly unknown[] }[];
  readonly left: readonly unknown[];
}
interface Since {
  readonly items: readonly unknown[];
}

describe('Previews by the API', () => {
  let core: TestCore;
  let api: TestApi;
  let mac: string;
  let extension: string;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core, { server: () => server });
    const [phone] = await manyDevices(core, 2, { register: false });
    ({
      mac,
      user: { extension },
    } = orNotFound(phone, 'phone'));
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const tenant = 'default';
  const events = async (): Promise<number> => (await core.store.events({ limit: 999 })).length;
  const secrets = async (): Promise<readonly string[]> =>
    (await core.store.lines(mac)).flatMap(({ secret, token }) => [secret.reveal(), token.reveal()]);

  it('say what a change would do to phones’ files, to how many, with one example, and change nothing', async () => {
    const before = await events();
    const settings = { ntpServer: 'ntp.example', webPassword: 'Tr0ub4dor' };
    for (const [id, at, body, devices] of [
      ['previewChangeTenant', { tenant }, { settings }, 2],
      ['previewChangeDeviceTemplate', { tenant, name: 'Default' }, { settings }, 2],
      ['previewChangeUser', { tenant, extension }, { settings }, 1],
      ['previewChangeDevice', { tenant, mac }, { settings }, 1],
    ] as const) {
      const preview = await api.call<Changes>(id, { at, body });
      expect(preview.body.items[0]?.devices, id).to.equal(devices);
      const text = JSON.stringify(preview.body);
      expect(text, id).to.contain('ntp.example');
      for (const secret of [...(await secrets()), 'Tr0ub4dor']) expect(text, id).not.to.contain(secret);
    }
    await api.call('addDeviceTemplate', { body: { name: 'Hall', settings: { ntpServer: 'hall.example' } } });
    const profile = { at: { tenant, name: 'Default' }, body: { deviceTemplate: 'Hall' } };
    expect(JSON.stringify((await api.call('previewChangeProfile', profile)).body)).to.contain('hall.example');
    const codecs = { at: { tenant, name: 'Default' }, body: { settings: { expiry: '1800' } } };
    expect(JSON.stringify((await api.call('previewChangeLineTemplate', codecs)).body)).to.contain('1800');
    expect(await events()).to.equal(before + 1);
    expect(
      (await api.call<Changes>('previewChangeUser', { at: { tenant, extension }, body: {} })).body.items,
    ).to.deep.equal([]);
  });

  it('refuse what the change itself would be refused for', async () => {
    const at = { tenant, extension };
    expect((await api.call('previewChangeUser', { at, body: { settings: { codecs: 'g999' } } })).status).to.equal(400);
    expect((await api.call('previewChangeUser', { at: { tenant, extension: '1' }, body: {} })).status).to.equal(404);
    const token = await api.token(['read']);
    expect((await api.call('previewChangeUser', { at, body: {}, token })).status).to.equal(403);
  });

  it('show the file that a device would get now, with its secrets only to who may see them', async () => {
    const at = { tenant, mac };
    const all = await secrets();
    const masked = await api.call<File>('getDeviceFile', { at });
    expect(masked.body.content).to.contain(extension);
    for (const secret of all) expect(JSON.stringify(masked.body)).not.to.contain(secret);
    const whole = await api.call<File>('getDeviceFileWithSecrets', { at });
    for (const secret of all) expect(whole.body.content).to.contain(secret);
    expect((await api.call<File>('getDeviceFile', { at, query: { name: masked.body.name } })).body).to.deep.equal(
      masked.body,
    );
    expect((await api.call('getDeviceFile', { at, query: { name: 'none.cfg' } })).status).to.equal(404);
    const printed = await command(core, 'device', 'file', mac);
    expect(printed).to.contain(extension);
    for (const secret of all) expect(printed).not.to.contain(secret);
    for (const secret of all) expect(await command(core, 'device', 'file', mac, '--secrets')).to.contain(secret);
    const token = await api.token(['read', 'write', 'access']);
    expect((await api.call('getDeviceFileWithSecrets', { at, token })).status).to.equal(403);
  });

  it('show what a phone of any model would get', async () => {
    const body = { family: 'yealink', model: 'T46S', extension };
    const { body: file } = await api.call<File>('renderFile', { body });
    expect(file.content).to.contain(extension);
    expect(file).to.include.keys('mac', 'notes', 'contentType');
    expect((await api.call('renderFile', { body: { family: 'yaelink' } })).status).to.equal(404);
    expect((await api.call('renderFile', { body: { ...body, extension: '1' } })).status).to.equal(404);
  });

  it('show what somebody with a template would get, as it would be', async () => {
    const body = { family: 'yealink', model: 'T46S' };
    const as = async (more: object): Promise<string> =>
      (await api.call<File>('renderFile', { body: { ...body, ...more } })).body.content;
    const changed = { name: 'Default', settings: { keys: 'blf:1588:Bo', webPassword: 'Tr0ub4dor' } };
    expect(await as({ deviceTemplate: changed }))
      .to.contain('1588')
      .and.not.contain('Tr0ub4dor');
    expect(await as({ deviceTemplate: changed, extension }))
      .to.contain('1588')
      .and.contain(extension);
    expect(await as({ deviceTemplate: { name: 'Default' } })).not.to.contain('1588');
    const line = { lineTemplate: { name: 'Default', settings: { expiry: '1234' } } };
    expect(await as(line)).to.contain('1234');
    const wrong = await api.call('renderFile', {
      body: { ...body, deviceTemplate: { name: 'Default', settings: { timeZone: 'Berlin' } } },
    });
    expect(wrong.status).to.equal(400);
    expect((await api.call('renderFile', { body: { ...body, lineTemplate: { name: 'None' } } })).status).to.equal(404);
    await api.call('addDeviceTemplate', { body: { name: 'Hall', settings: { keys: 'speed_dial:1599' } } });
    const options = ['--family', 'yealink', '--device-template', 'Hall', '--line-template', 'Default'];
    expect(await command(core, 'render', ...options)).to.contain('1599');
  });

  it('draw keys on a model, and say which find no place', async () => {
    const wanted = { family: 'yealink', model: 'T20P', keys: 'blf:1501:a\\;b;speed_dial:0;line:::2', lines: [1] };
    const { body } = await api.call<Layout>('layOutKeys', { body: wanted });
    expect(body.pages.flatMap(({ places }) => places)).to.deep.equal([
      { place: 1, key: null, line: 1 },
      { place: 2, key: 0, line: null },
    ]);
    expect(body.left).to.deep.equal([
      { key: 2, why: 'no_such_line' },
      { key: 1, why: 'no_room' },
    ]);
    expect((await api.call('layOutKeys', { body: { family: 'none' } })).status).to.equal(404);
    expect((await api.call('layOutKeys', { body: { family: 'yealink', keys: 'blf' } })).status).to.equal(400);
    const lines = Array.from({ length: 1001 }, (_, at) => at + 1);
    expect((await api.call('layOutKeys', { body: { family: 'yealink', lines } })).status).to.equal(400);
  });

  it('say how what a device has fetched differs from what it would get now', async () => {
    const { status, body } = await api.call<Since>('getDeviceFileChanges', { at: { tenant, mac } });
    expect(status).to.equal(200);
    expect(body.items).to.deep.equal([{ name: '{mac}.cfg', givenAt: null, isCurrent: false, lines: [] }]);
  });

  it('of another tenant are not there', async () => {
    await addTenant(core, { id: 'acme' });
    const token = await api.token(['read', 'write', 'secrets'], 'acme');
    const at = { tenant: 'acme', mac, extension, name: 'Hall' };
    for (const id of [
      'getDeviceFile',
      'getDeviceFileChanges',
      'getDeviceFileWithSecrets',
      'previewChangeDevice',
      'previewChangeUser',
    ])
      expect((await api.call(id, { at, token, body: {} })).status, id).to.equal(404);
    const body = { family: 'yealink', extension };
    expect((await api.call('renderFile', { at, token, body })).status).to.equal(404);
    const own = await api.call<Changes>('previewChangeTenant', { at, token, body: { settings: { timeZone: 'UTC' } } });
    expect(own.body.items).to.deep.equal([]);
    for (const settings of [{ context: 'users' }, { variables: 'A=b' }])
      expect((await api.call('previewChangeTenant', { at, token, body: { settings } })).status).to.equal(403);
  });
});
