import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { fanvil } from '../../src/virtualPhone/families/fanvil.ts';
import { grandstreamHt } from '../../src/virtualPhone/families/grandstreamHt.ts';
import { poly } from '../../src/virtualPhone/families/poly.ts';
import { snom } from '../../src/virtualPhone/families/snom.ts';
import { MADE_UP_PHONE, withMadeUp } from '../support/madeUpFamily.ts';
import { manyDevices } from '../support/manyDevices.ts';
import { server } from '../support/phoneFacts.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { PIN, type StagePhone } from '../support/stagePhone.ts';

const THROUGH = ['phone-will-restart'];

describe('Promises of Wazo', () => {
  let stage: Stage;
  let phone: StagePhone;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'promises-'));
    stage = await openStage(folder);
    phone = stage.phone();
  });
  afterEach(async () => {
    await stage.close();
    rmSync(folder, { recursive: true });
  });

  const put = (name: string, content: string): void => {
    mkdirSync(join(folder, 'yealink'), { recursive: true });
    writeFileSync(join(folder, 'yealink', name), content);
  };
  const tenantOf = async (): Promise<string | undefined> => (await stage.core.store.device(phone.mac))?.tenantId;
  /** Of the second tenant, with a phone of the first. */
  async function setUpByAcme(): Promise<void> {
    await stage.run('tenant add acme');
    await stage.addUser('1600', { tenantId: 'acme' });
    await phone.setUp('1600');
  }

  it('1.1 Desk phones, adapters and apps are provisioned', async () => {
    for (const each of [phone, stage.phone({ family: grandstreamHt })]) {
      await each.fetch();
      expect(new Set(await each.register())).to.deep.equal(new Set([200]));
    }
    const app = await stage.json<{ mac: string; url: string }>('device add --family linphone');
    const answer = await fetch(new URL(new URL(app.url).pathname, stage.url), {
      headers: { 'user-agent': 'LinphoneDesktop/5.2.1 LinphoneSDK/5.3.0' },
    });
    const [line] = await stage.core.store.lines(app.mac);
    expect(await answer.text())
      .to.contain(line?.endpoint)
      .and.to.contain(line?.secret.reveal());
  });

  it('1.2 Many phones of many makers come up without anything being done for one of them', async () => {
    const families = [snom, poly, fanvil, grandstreamHt];
    const phones = Array.from({ length: 20 }, (_, at) => stage.phone({ family: families[at % 4] ?? snom }));
    await Promise.all(phones.map((each) => each.fetch()));
    for (const each of phones) expect((await each.register())[0], each.mac).to.equal(200);
    const actors = (await stage.core.store.events({ limit: 999 })).map(({ actor }) => actor);
    expect(new Set(actors)).to.deep.equal(new Set(['phone']));
  });

  it('1.3 A DHCP server is told what to answer, so that each phone gets the URL to ask at', async () => {
    const options = {
      dnsmasq: ',66,',
      kea: '"code": 66',
      isc: 'option tftp-server-name',
      mikrotik: 'code=66',
    };
    for (const [dhcp, option] of Object.entries(options))
      expect(await stage.run(`dhcp ${dhcp}`), dhcp)
        .to.contain(option)
        .and.to.contain(server.openUrl);
  });

  it('1.4 A phone gets a file that all phones of its model share, with nothing of a single one', async () => {
    const common = await phone.get('/y000000000108.cfg');
    expect(common)
      .to.contain('lang.gui = English')
      .and.not.to.match(/account|phone-|\/p\//);
    expect(await stage.core.store.device(phone.mac)).to.equal(undefined);
  });

  it('1.5 A phone gets a file of its own, by its MAC', async () => {
    const other = stage.phone();
    for (const each of [phone, other]) {
      const own = await each.get(`/${each.mac}.cfg`);
      expect(own).to.contain(`account.1.user_name = phone-${each.mac}-`);
    }
  });

  it('1.6 A phone is told which firmware it shall have, and gets it here', async () => {
    put('T46U-30.rom', 'new firmware');
    await stage.run('device-template set Default --firmware T46U=T46U-30.rom@108.86.0.30');
    await phone.fetch();
    const url = phone.settings.get('static.firmware.url') ?? 'none';
    expect(await phone.get(url)).to.equal('new firmware');
  });

  it('1.7 A phone gets language files here, and is told its language', async () => {
    put('001.GUI.German.lang', 'Wörter');
    await stage.run('tenant set --language de');
    await phone.fetch();
    expect(phone.settings.get('lang.gui')).to.equal('German');
    expect(await phone.get('/001.GUI.German.lang')).to.equal('Wörter');
  });

  it('1.8 Setting up takes no more than DHCP, the family, power and the call; families are there already', async () => {
    await stage.addUser('1500');
    expect(await stage.run('dhcp dnsmasq')).to.contain(server.openUrl);
    expect(await stage.run('families')).to.match(/^yealink /m);
    await phone.plugIn();
    expect(await phone.dial('*55', `1500#${PIN}#1`)).to.deep.equal(THROUGH);
  });

  it('1.9 A maker that is missing is added by a folder of files, with no line of code', async () => {
    const families = withMadeUp(folder, '{{#lines}}{{index}}={{auth_name}}\n{{/lines}}');
    const { mac, userAgent } = MADE_UP_PHONE;
    const claim = { token: null, address: '10.0.0.9' };
    const answer = await answerRequest(
      { ...answerNeeds(stage.core), families: () => families },
      { path: `/${mac}.ini`, userAgent, method: 'GET', transport: 'http', claim },
    );
    expect(answer?.kind === 'rendered' && answer.body.toString()).to.match(/^1=phone-00c0ffee0001-\w+\n$/);
  });

  it('1.10 A user can have a code of the user’s own, that is dialled from the phone', async () => {
    await stage.addUser('1500');
    const { code } = await stage.json<{ code: string }>('code new --user 1500');
    await phone.plugIn();
    expect(await phone.dial(`*55${code}`)).to.deep.equal(THROUGH);
    expect((await stage.listed(phone.mac)).extension).to.equal('1500');
  });

  it('1.11 Once the phone has restarted its user can call and be called', async () => {
    await stage.addUser('1500');
    await phone.setUp('1500');
    expect((await stage.core.registrar.contacts('1500')).map(({ uri }) => uri)).to.deep.equal([phone.contact]);
    expect(await stage.account('ps_endpoints', '1500')).to.include({ aors: '1500', context: 'users' });
  });

  it('1.12 Nobody edits a file or opens the web page of a phone: what an administrator changes arrives by itself', async () => {
    await stage.addUser('1500');
    await phone.setUp('1500');
    await stage.run('user set 1500 --name', 'Ann Lee');
    await stage.run('user set 1500 --label both --keys blf:1501:Bob');
    await phone.fetch();
    expect(phone.line.label).to.equal('1500 Ann Lee');
    expect(phone.reading.keys).to.deep.include({ position: 2, kind: 'blf', value: '1501', label: 'Bob' });
  });

  it('1.13 A new phone is the first tenant’s', async () => {
    await stage.run('tenant add acme');
    await phone.fetch();
    expect(await tenantOf()).to.equal('default');
  });

  it('1.14 A phone moves to the tenant of the user who sets it up', async () => {
    await setUpByAcme();
    expect(await tenantOf()).to.equal('acme');
    expect(phone.line.user).to.equal('acme-1600');
  });

  it('1.15 A phone that is given back stays in its tenant', async () => {
    await setUpByAcme();
    await stage.run(`--tenant acme device release ${phone.mac}`);
    await phone.comeBack();
    expect(await tenantOf()).to.equal('acme');
    expect(await stage.account('ps_endpoints', phone.line.user)).to.include({ context: 'selfprov-acme-default-line' });
  });

  it('1.16 A phone can be moved to another tenant, and is neither deleted nor set up by hand for it', async () => {
    await setUpByAcme();
    await stage.run(`--tenant acme device release ${phone.mac}`);
    await stage.run(`--tenant acme device move ${phone.mac} --to default`);
    await stage.drive();
    await phone.comeBack();
    expect(await tenantOf()).to.equal('default');
    await stage.addUser('1500');
    expect(await phone.dial('*55', `1500#${PIN}#1`)).to.deep.equal(THROUGH);
  });

  it('1.17 Phones behind one address of a router are each told to fetch, at their own port', async () => {
    const phones = await manyDevices(stage.core, 5);
    await stage.run('sync start --all');
    const drive = syncDriver(stage.core, (error) => {
      throw error;
    });
    for (let second = 0; second < 10; second++) {
      await drive();
      stage.core.pass(1000);
    }
    expect(new Set(phones.map(({ address }) => address)).size).to.equal(1);
    expect(new Set(stage.told().map((uri) => /@([^;]+)/.exec(uri)?.[1])).size).to.equal(5);
  });

  it('1.18 An adapter whose ports are users’ of two tenants is seen by both', async () => {
    const adapter = stage.phone({ family: grandstreamHt });
    await stage.run('tenant add acme');
    await stage.addUser('1500');
    await stage.addUser('1600', { tenantId: 'acme' });
    await adapter.plugIn();
    expect(await adapter.dial('*55', `1500#${PIN}#1`)).to.deep.equal(THROUGH);
    expect(await adapter.dial('*55', `1600#${PIN}#1`, { line: 2 })).to.deep.equal(THROUGH);
    for (const tenant of ['default', 'acme'])
      expect((await stage.listed(adapter.mac, tenant)).extension, tenant).to.equal('1500, 1600 of acme');
  });

  it('1.19 A phone can be taken back: it restarts as a phone that is nobody’s', async () => {
    await stage.addUser('1500');
    await phone.setUp('1500');
    await stage.run(`device release ${phone.mac}`);
    await stage.drive();
    expect(stage.told()).to.have.length(2);
    await phone.comeBack();
    expect(phone.line.user).to.match(new RegExp(`^phone-${phone.mac}-`));
    expect((await stage.listed(phone.mac)).state).to.equal('unassigned');
  });
});
