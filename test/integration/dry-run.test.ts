import { expect } from 'chai';
import { addTemplate, changeTemplate, DEVICE_TEMPLATES, LINE_TEMPLATES } from '../../src/administration/templates.ts';
import { changeDevice } from '../../src/administration/devices.ts';
import { addProfile, changeProfile } from '../../src/administration/profiles.ts';
import { dryRun } from '../../src/administration/dryRun.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import type { FileChange } from '../../src/provisioning/files/compareFiles.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { manyDevices } from '../support/manyDevices.ts';
import { server, shippedFamilies } from '../support/phoneFacts.ts';
import { refusalOf } from '../support/refusal.ts';
import { enrol } from '../support/steps.ts';

const tenantId = 'default';
const facts = { families: shippedFamilies, server: () => server };
const TWO = [
  { family: 'yealink', model: 'T46S' },
  { family: 'yealink', model: 'T46S' },
  { family: 'snom', model: 'D785' },
] as const;

describe('A dry run', () => {
  let core: TestCore;

  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const texts = (given: Readonly<Record<string, string>>): Promise<readonly FileChange[]> =>
    dryRun(core, facts, tenantId, (inside) => changeTenant(inside, tenantId, { texts: given }));
  const linesOf = (change: FileChange | undefined): readonly string[] =>
    change?.files.flatMap(({ lines }) => lines) ?? [];

  it('counts the devices of each distinct change, and shows it as it is for one of them', async () => {
    await manyDevices(core, 6, { kindAt: (at) => TWO[at % 3] ?? TWO[0], register: false });
    const changes = await dryRun(core, facts, tenantId, (inside) =>
      changeTemplate(inside, LINE_TEMPLATES, { tenantId, name: 'Default', texts: { sipServer: 'pbx2.example' } }),
    );
    expect(changes.map(({ devices, example }) => [devices, example.family])).to.deep.equal([
      [4, 'yealink'],
      [2, 'snom'],
    ]);
    expect(linesOf(changes[0])).to.deep.equal([
      '-account.1.sip_server.1.address = 192.0.2.10',
      '+account.1.sip_server.1.address = pbx2.example',
    ]);
  });

  it('takes a change that is another for each name and number for one change', async () => {
    await manyDevices(core, 3, { register: false });
    const changes = await texts({ label: 'both' });
    expect(changes.map(({ devices }) => devices)).to.deep.equal([3]);
    expect(linesOf(changes[0])).to.include('-account.1.label = 20000').and.include('+account.1.label = 20000 User 0');
  });

  it('shows a device that no user has with the settings of the profile that it was entered with', async () => {
    const mac = '001565aabb01';
    await enrol(core, mac);
    await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'Lobby', texts: { language: 'fr' } });
    const families = shippedFamilies().all.map(({ id }) => id);
    await addProfile(core, families, tenantId, { name: 'Lobby', deviceTemplate: 'Lobby' });
    const to = (profile: string | null) =>
      dryRun(core, facts, tenantId, (inside) => changeDevice(inside, mac, { profile }));
    expect(linesOf((await to('Lobby'))[0])).to.include('+lang.gui = French');
    await changeDevice(core, mac, { profile: 'Lobby' });
    expect(linesOf((await to(null))[0])).to.include('-lang.gui = French');
    const template = { tenantId, name: 'Lobby', texts: { language: 'de' } };
    const changes = await dryRun(core, facts, tenantId, (inside) => changeTemplate(inside, DEVICE_TEMPLATES, template));
    expect(linesOf(changes[0])).to.include.members(['-lang.gui = French', '+lang.gui = German']);
    const profile = await dryRun(core, facts, tenantId, (inside) =>
      changeProfile(inside, families, tenantId, 'Lobby', { deviceTemplate: 'Default' }),
    );
    expect(linesOf(profile[0])).to.include('-lang.gui = French');
  });

  it('shows the numbers that phones that are nobody’s would have', async () => {
    for (const [at, mac] of ['001565aabb01', '001565aabb02'].entries()) await enrol(core, mac, `10.0.0.${at}`);
    const first = await texts({ defaultNumbers: '9000-9009' });
    expect(first.map(({ devices }) => devices)).to.deep.equal([2]);
    expect(linesOf(first[0])).to.include('+account.1.label = 9000: Dial *55 to set up');
    await changeTenant(core, tenantId, { texts: { defaultNumbers: '9000-9009' } });
    const second = await texts({ defaultNumbers: '8000-8009' });
    expect(second.map(({ devices }) => devices)).to.deep.equal([2]);
    expect(linesOf(second[0])).to.include.members([
      '-account.1.label = 9000: Dial *55 to set up',
      '+account.1.label = 8000: Dial *55 to set up',
    ]);
  });

  it('leaves everything as it was: rows, accounts, events', async () => {
    await manyDevices(core, 2, { register: false });
    const before = JSON.stringify([await core.store.tenant(tenantId), await core.store.events({ limit: 99 })]);
    expect(await texts({ refreshHours: '6' })).to.have.length(1);
    expect(JSON.stringify([await core.store.tenant(tenantId), await core.store.events({ limit: 99 })])).to.equal(
      before,
    );
  });

  it('shows no secret, and of a password that becomes another only that', async () => {
    const [phone] = await manyDevices(core, 1, { register: false });
    const first = await texts({ webPassword: 'First-Secret-1' });
    expect(linesOf(first[0])).to.deep.equal(['+static.security.user_password = admin:********']);
    await changeTenant(core, tenantId, { texts: { webPassword: 'First-Secret-1' } });
    const second = await texts({ webPassword: 'Second-Secret-2' });
    expect(linesOf(second[0])).to.deep.equal([
      '-static.security.user_password = admin:********',
      '+static.security.user_password = admin:******** (new)',
    ]);
    const urls = await dryRun(core, facts, tenantId, (inside) =>
      changeTenant(inside, tenantId, { urls: ['https://phones.example/'] }),
    );
    const [line] = await core.store.lines(phone?.mac ?? '');
    expect(JSON.stringify(urls)).to.contain('https://phones.example/p/********/');
    expect(JSON.stringify([first, second, urls])).not.to.match(/(First|Second)-Secret/);
    expect(JSON.stringify(urls)).not.to.contain(line?.token.reveal());
  });

  it('knows what phones without a user get', async () => {
    await enrol(core, '001565aabb01');
    await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'New', texts: { refreshHours: '6' } });
    const changes = await dryRun(core, facts, tenantId, (inside) =>
      changeTenant(inside, tenantId, { families: { yealink: { deviceTemplate: 'New' } } }),
    );
    expect(linesOf(changes[0])).to.include('+static.auto_provision.repeat.minutes = 360');
  });

  it('shows a file that phones of a family share with each of them', async () => {
    await manyDevices(core, 2, { register: false });
    const changes = await texts({ language: 'de' });
    expect(changes.map(({ devices, files }) => [devices, files.map(({ name }) => name)])).to.deep.equal([
      [2, ['y000000000{code}.cfg', '{mac}.cfg']],
    ]);
  });

  it('is refused like the verb itself', async () => {
    expect(await refusalOf(texts({ expiry: '5' }))).to.include({ code: 'invalid' });
  });

  it('goes before every verb that changes what is in files, and none of them does anything then', async () => {
    await manyDevices(core, 2, { register: false });
    await addTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Long', texts: { expiry: '1800' } });
    for (const verb of [
      'tenant set --expiry 1800',
      'profile set Default --line-template Long',
      'line-template set Default --expiry 1800',
      'device-template set Default --refresh-hours 6',
      'user set 20000 --name Bob',
      'device set 001565004e20 --refresh-hours 6',
    ]) {
      const shown = await command(core, ...verb.split(' '), '--dry-run');
      expect(shown, verb).to.match(
        /^[12] devices? \((example )?00:15:65:00:4e:20, yealink T46S\):\n {2}\{mac\}\.cfg\n {2}[-+]/,
      );
      expect(await command(core, ...verb.split(' '), '--dry-run'), verb).to.equal(shown);
    }
    expect(await command(core, 'user', 'set', '20000', '--self-provisioning', 'off', '--dry-run')).to.equal(
      'No phone’s file would be different. Nothing is changed yet: this was --dry-run.',
    );
    expect(await core.store.userByExtension(tenantId, '20000')).to.include({ name: 'User 0', selfProvisioning: true });
  });
});
