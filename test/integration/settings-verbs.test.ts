import { expect } from 'chai';
import type { Knex } from 'knex';
import { changeDevice } from '../../src/administration/devices.ts';
import { effectiveOfDevice, effectiveOfUser, keysLeftOut } from '../../src/administration/effective.ts';
import { addProfile, changeProfile, listProfiles, removeProfile } from '../../src/administration/profiles.ts';
import {
  addTemplate,
  changeTemplate,
  DEVICE_TEMPLATES,
  LINE_TEMPLATES,
  listTemplates,
  removeTemplate,
  showTemplate,
} from '../../src/administration/templates.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import { addUser, changeUser, showUser } from '../../src/administration/users.ts';
import { giveDevice } from '../../src/administration/whoseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';
import { refusalOf } from '../support/refusal.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const tenantId = 'default';
const FAMILIES = shippedFamilies().all.map(({ id }) => id);

describe('An administrator sets', () => {
  let core: TestCore;
  let listener: PhonesListener;
  let asterisk: Knex;

  beforeEach(async () => {
    core = await openTestCore();
    listener = await startPhonesListener(core);
    asterisk = core.connect();
  });
  afterEach(async () => {
    await asterisk.destroy();
    await listener.close();
    await core.close();
  });

  const user = async (extension: string, profile?: string) =>
    (await addUser(core, { tenantId, extension, name: 'Ann Lee', ...(profile === undefined ? {} : { profile }) })).user;
  const endpoint = (id: string) => asterisk('ps_endpoints').where({ id }).first() as Promise<Record<string, unknown>>;
  const aor = (id: string) => asterisk('ps_aors').where({ id }).first() as Promise<Record<string, unknown>>;
  const details = async (step: string) =>
    (await core.store.events({ limit: 99 })).filter((event) => event.step === step).map(({ detail }) => detail);

  async function file(): Promise<string> {
    const [line] = await core.store.lines(MAC);
    const url = `http://127.0.0.1:${listener.port}/p/${line?.token.reveal()}/${MAC}.cfg`;
    const headers = { 'user-agent': 'Yealink SIP-T46S 66.86.0.15', 'x-forwarded-for': HOME };
    return (await fetch(url, { headers })).text();
  }

  describe('a template', () => {
    it('that has all mistakes named at once, and nothing of it is done then', async () => {
      const texts = { codecs: 'g722,foo', expiry: '5', transport: 'tls', label: 'x' };
      const refusal = await refusalOf(addTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Office', texts }));
      expect(refusal.code).to.equal('invalid');
      expect(refusal.message).to.match(/--codecs: "foo" is none of .*--expiry: "5" .*--label: "x" is none of/);
      expect(await listTemplates(core, LINE_TEMPLATES, tenantId)).to.have.length(1);
    });

    it('that says some things, and takes them back', async () => {
      const texts = { expiry: '300', srtp: 'on', voicemail: '*97' };
      await addTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Office', texts });
      await changeTemplate(core, LINE_TEMPLATES, {
        tenantId,
        name: 'office',
        texts: { srtp: 'inherit' },
        newName: 'HQ',
      });
      expect((await showTemplate(core, LINE_TEMPLATES, tenantId, 'HQ')).says).to.deep.equal({
        expiry: '300',
        voicemail: '*97',
      });
      expect(await details('changed')).to.deep.equal([
        { what: 'line template', name: 'Office', newName: 'HQ', srtp: 'on → inherit' },
      ]);
    });

    it('whose password nobody reads again, in no list, event or database', async () => {
      const texts = { webPassword: 'Str0ng.Pass' };
      const shown = await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'Office', texts });
      expect(JSON.stringify([shown, await details('created')])).to.not.contain('Str0ng');
      const [row] = (await asterisk('device_templates').where({ name: 'Office' })) as { says: string }[];
      expect(row?.says).to.be.a('string').and.not.contain('Str0ng');
      const [template] = (await core.store.deviceTemplates(tenantId)).filter(({ name }) => name === 'Office');
      expect(template?.says.webPassword?.reveal()).to.equal('Str0ng.Pass');
    });

    it('whose password is another one from now on', async () => {
      const name = 'Office';
      await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name, texts: { webPassword: 'Str0ng.Pass' } });
      await changeTemplate(core, DEVICE_TEMPLATES, { tenantId, name, texts: { webPassword: 'An0ther.Pass' } });
      const [template] = (await core.store.deviceTemplates(tenantId)).filter((each) => each.name === name);
      expect(template?.says.webPassword?.reveal()).to.equal('An0ther.Pass');
      expect(await details('changed')).to.deep.equal([{ what: 'device template', name, webPassword: 'changed' }]);
    });

    it('of a name that is there already, or none that is there: refused', async () => {
      const twice = addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'Default', texts: {} });
      expect(await refusalOf(twice)).to.include({ code: 'conflict' });
      const missing = await refusalOf(showTemplate(core, DEVICE_TEMPLATES, tenantId, 'Offce'));
      expect(missing.message).to.contain('there are: Default');
    });

    it('away that nothing uses, and no other', async () => {
      await addTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Office', texts: {} });
      await addProfile(core, FAMILIES, tenantId, { name: 'Sales', lineTemplate: 'Office' });
      expect((await refusalOf(removeTemplate(core, LINE_TEMPLATES, tenantId, 'Office'))).message).to.contain(
        'profile Sales',
      );
      await removeProfile(core, tenantId, 'Sales');
      await removeTemplate(core, LINE_TEMPLATES, tenantId, 'Office');
      expect(await listTemplates(core, LINE_TEMPLATES, tenantId)).to.have.length(1);
    });

    it('and Asterisk has it for all its users at once, and for nobody else', async () => {
      await addTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Office', texts: {} });
      await addProfile(core, FAMILIES, tenantId, { name: 'Sales', lineTemplate: 'Office' });
      for (const [i, profile] of ['Sales', 'Sales', 'Default'].entries()) {
        const mac = `001565aabb0${i}`;
        await enrol(core, mac, `10.0.0.${i + 1}`);
        await assign(core, mac, (await user(`150${i}`, profile)).id, `10.0.0.${i + 1}`);
      }
      const texts = { codecs: 'opus', srtp: 'on', context: 'sales', expiry: '120', mailbox: '{extension}@default' };
      await changeTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Office', texts });
      for (const id of ['1500', '1501']) {
        expect(await endpoint(id)).to.include({ allow: 'opus', media_encryption: 'sdes', context: 'sales' });
        expect(await aor(id)).to.include({ default_expiration: 120, mailboxes: `${id}@default` });
      }
      expect(await endpoint('1502')).to.include({ allow: 'g722,alaw,ulaw', context: 'users' });
    });
  });

  describe('a profile', () => {
    it('that is like the default one but for what is said', async () => {
      await addProfile(core, FAMILIES, tenantId, { name: 'Sales', phoneLimit: 2, families: ['yealink', 'snom'] });
      expect((await listProfiles(core, tenantId)).find(({ name }) => name === 'Sales')).to.deep.equal({
        name: 'Sales',
        selfProvisioning: true,
        phoneLimit: 2,
        families: ['yealink', 'snom'],
        lineTemplate: 'Default',
        deviceTemplate: 'Default',
        users: 0,
        isDefault: false,
      });
    });

    it('of families that there are', async () => {
      const strange = addProfile(core, FAMILIES, tenantId, { name: 'Sales', families: ['yeahlink'] });
      expect(await refusalOf(strange)).to.include({ code: 'not_found' });
    });

    it('whose limit of phones holds for Asterisk too', async () => {
      await enrol(core, MAC);
      await assign(core, MAC, (await user('1500')).id);
      await changeProfile(core, FAMILIES, tenantId, 'Default', { phoneLimit: 1 });
      expect(await aor('1500')).to.include({ max_contacts: 2 });
      await enrol(core, '001565aabb02');
      const second = core.store
        .userByExtension(tenantId, '1500')
        .then((found) => assign(core, '001565aabb02', found?.id ?? ''));
      expect(await refusalOf(second)).to.include({ reason: 'phone_limit' });
    });

    it('whose limit leaves room at Asterisk for all phones that a user has all the same', async () => {
      await user('1500');
      await changeProfile(core, FAMILIES, tenantId, 'Default', { phoneLimit: 0 });
      for (const mac of [MAC, '001565aabb02']) {
        await enrol(core, mac);
        await giveDevice(core, { mac, tenantId, extension: '1500' });
      }
      expect(await aor('1500')).to.include({ max_contacts: 4 });
    });

    it('away that no user has, and not that of new users', async () => {
      await addProfile(core, FAMILIES, tenantId, { name: 'Sales' });
      const ann = await user('1500', 'Sales');
      expect((await refusalOf(removeProfile(core, tenantId, 'Sales'))).message).to.contain('1 users');
      await changeUser(core, ann, { profile: 'Default' });
      await removeProfile(core, tenantId, 'Sales');
      expect(await refusalOf(removeProfile(core, tenantId, 'Default'))).to.include({ code: 'conflict' });
    });
  });

  it('what is a user’s or a device’s alone, and the file of the device has it', async () => {
    await enrol(core, MAC);
    const ann = await user('1500');
    await assign(core, MAC, ann.id);
    await changeUser(core, ann, { texts: { voicemail: '*97', keys: 'blf:1501:Bob' } });
    await changeDevice(core, MAC, { texts: { webPassword: 'abc123', keys: 'speed_dial:112:Help' } });
    const text = await file();
    expect(text).to.match(/^voice_mail\.number\.1 = \*97$/m);
    expect(text).to.match(/^static\.security\.user_password = admin:abc123$/m);
    expect(text)
      .to.match(/^linekey\.2\.value = 112$/m)
      .and.not.match(/1501/);
  });

  it('and sees of each setting what holds and who says so', async () => {
    await enrol(core, MAC);
    const ann = await user('1500');
    await assign(core, MAC, ann.id);
    await changeTenant(core, tenantId, { texts: { refreshHours: '12' } });
    await changeTemplate(core, DEVICE_TEMPLATES, {
      tenantId,
      name: 'Default',
      texts: { ntpServer: 'ntp.example.org' },
    });
    const changed = await changeUser(core, ann, { texts: { language: 'de', expiry: '120' } });
    await changeDevice(core, MAC, { texts: { timeZone: 'Asia/Tokyo' } });
    const from = (all: readonly { readonly name: string; readonly value: string; readonly from: string }[]) =>
      Object.fromEntries(all.map(({ name, value, from: who }) => [name, `${value} (${who})`]));
    expect(from(await effectiveOfUser(core, changed))).to.include({
      expiry: '120 (user 1500)',
      refreshHours: '12 (tenant default)',
      webPassword: 'none (built in)',
    });
    expect(from(await effectiveOfDevice(core, MAC))).to.include({
      language: 'de (user 1500)',
      ntpServer: 'ntp.example.org (template Default)',
      timeZone: `Asia/Tokyo (device ${MAC})`,
      '1500 expiry': '120 (user 1500)',
    });
  });

  it('keys that a phone has no place for are named beside its settings', async () => {
    await enrol(core, MAC);
    await assign(core, MAC, (await user('1500')).id);
    await changeDevice(core, MAC, { texts: { keys: 'line::Second:2;blf:1501:Bo' } });
    const [shown] = await keysLeftOut(core, shippedFamilies(), MAC);
    expect(shown?.value).to.equal('line “Second”: there is no such line');
    await changeDevice(core, MAC, { texts: { keys: 'blf:1501:Bo' } });
    expect(await keysLeftOut(core, shippedFamilies(), MAC)).to.deep.equal([]);
  });

  it('templates of new phones, for one family or for all', async () => {
    await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'Lobby', texts: { language: 'fr' } });
    await addTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Short', texts: { expiry: '120', context: 'free' } });
    await changeTenant(core, tenantId, {
      families: { yealink: { deviceTemplate: 'Lobby', lineTemplate: 'Short' } },
    });
    const { endpoint: name } = await enrol(core, MAC);
    await enrol(core, '000413aabb01', HOME, 'snom');
    const language = async (mac: string) =>
      (await effectiveOfDevice(core, mac)).find((setting) => setting.name === 'language')?.value;
    expect([await language(MAC), await language('000413aabb01')]).to.deep.equal(['fr', 'en']);
    expect(await aor(name)).to.include({ default_expiration: 120 });
    // Whatever a template says, an unassigned phone reaches nothing but what it must.
    expect(await endpoint(name)).to.include({ context: 'selfprov-default-line' });
  });

  it('and a user says which profile that is', async () => {
    expect(await showUser(core, await user('1500'))).to.include({ profile: 'Default' });
  });
});
