import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLog } from '../../src/log.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { listenTftp } from '../../src/tftp/listenTftp.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { context } from '../support/dialplanContext.ts';
import { snom } from '../../src/virtualPhone/families/snom.ts';
import { yealink } from '../../src/virtualPhone/families/yealink.ts';
import { readPdf } from '../support/pdfText.ts';
import { server } from '../support/phoneFacts.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { PIN, type StagePhone } from '../support/stagePhone.ts';
import { tftpGet } from '../../src/virtualPhone/tftpClient.ts';

const THROUGH = ['phone-will-restart'];

describe('Promises of sipXecs', () => {
  let stage: Stage;
  let phone: StagePhone;
  beforeEach(async () => {
    stage = await openStage();
    phone = stage.phone();
  });
  afterEach(() => stage.close());

  const call = (keys = `1500#${PIN}#1`): Promise<readonly string[]> => phone.dial('*55', keys);
  const state = async (): Promise<string> => (await stage.listed(phone.mac)).state;

  it('0.1 A phone can only become the phone of somebody whom an administrator has entered before', async () => {
    await phone.plugIn();
    expect(await call(`1500#${PIN}#`)).to.include('not-accepted');
    expect(await state()).to.equal('unassigned');
    await stage.addUser('1500');
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('0.2 Whoever enters a user need not invent a PIN: one is made up and shown', async () => {
    const { pin } = await stage.json<{ pin: string }>('user add 1500 --name Ann');
    expect(pin).to.match(/^\d{6}$/);
    await phone.plugIn();
    expect(await call(`1500#${pin}#1`)).to.deep.equal(THROUGH);
  });

  it('0.3 A page can be printed for the user that has the PIN on it, and that PIN is the right one', async () => {
    await stage.addUser('1500');
    const file = join(stage.core.directory, 'ann.pdf');
    await stage.run('user letter 1500 --out', file);
    const [page = []] = readPdf(readFileSync(file));
    const pin = page.find(({ text }) => /^\d{6}$/.test(text))?.text ?? 'none';
    await phone.plugIn();
    expect(await call(`1500#${pin}#1`)).to.deep.equal(THROUGH);
  });

  it('0.4 Self-provisioning can be switched off for a single user, and on again', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    await stage.run('user set 1500 --self-provisioning off');
    expect(await call()).to.deep.equal(['not-allowed']);
    await stage.run('user set 1500 --self-provisioning on');
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('0.5 A user can be kept to certain kinds of phones, while others bring any', async () => {
    await stage.addUser('1500');
    await stage.run('profile add Careful --families snom');
    await stage.run('user set 1500 --profile Careful');
    await phone.plugIn();
    expect(await call()).to.deep.equal(['kind-not-allowed']);
    await stage.run('user set 1500 --profile Default');
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('0.6 Whoever has the phone only plugs it in: it registers by itself, and shows the key to set it up', async () => {
    await phone.fetch();
    expect(await phone.register()).to.deep.equal([200]);
    expect(phone.reading.keys).to.deep.include({ position: 2, kind: 'speed dial', value: '*55', label: 'Set up *55' });
  });

  it('0.7 A phone learns where to ask from DHCP, or has it typed in', async () => {
    for (const dhcp of ['dnsmasq', 'kea', 'isc', 'mikrotik'])
      expect(await stage.run(`dhcp ${dhcp}`), dhcp).to.contain(server.openUrl);
    const [url = ''] = /http:\S+/.exec(await stage.run('device add --family linphone')) ?? [];
    const headers = { 'user-agent': 'LinphoneDesktop/5.2.1 LinphoneSDK/5.3.0' };
    const answer = await fetch(new URL(new URL(url).pathname, stage.url), { headers });
    expect(await answer.text(), 'typed into an app').to.match(/phone-\w+/);
  });

  it('0.8 It does not matter whether a phone asks by HTTP or by TFTP: it gets the same file', async () => {
    const needs = answerNeeds(stage.core);
    const tftp = await listenTftp({
      ...{ host: '127.0.0.1', port: 0, log: createLog('silent') },
      answer: (request) => answerRequest(needs, request),
    });
    const local = stage.phone({ address: '127.0.0.1' });
    try {
      await local.fetch();
      const { body } = await tftpGet({ port: tftp.port, name: `${local.mac}.cfg` });
      expect(yealink.reader.read(yealink.reader.parse(body.toString())).lines).to.deep.equal(local.reading.lines);
    } finally {
      await tftp.close();
    }
  });

  it('0.9 A phone that nobody has configured is reported as soon as it asks, even if there are no files for its kind', async () => {
    await phone.fetch();
    expect(await stage.run('event list --step enrolled')).to.contain('00:15:65:aa:bb:01');
    const headers = { 'user-agent': 'Akuvox SP-R53P 53.0.3.1' };
    expect((await fetch(`${stage.url}0c1105aabb01.cfg`, { headers })).status).to.equal(404);
    expect((await stage.listed('0c1105aabb01')).note).to.contain('no files for family akuvox');
  });

  it('0.10 A configuration is made up for a phone that has none', async () => {
    expect(await stage.core.store.device(phone.mac)).to.equal(undefined);
    await phone.fetch();
    expect(phone.line).to.include({ host: 'sip.example.net', port: 5060, label: 'Dial *55 to set up' });
  });

  it('0.11 What new phones get is inherited from a template that an administrator can choose and change', async () => {
    await stage.run('device-template add Lobby --language fr');
    await stage.run('tenant set --new-phones Lobby');
    await phone.fetch();
    expect(phone.settings.get('lang.gui')).to.equal('French');
    await stage.run('device-template set Lobby --language de');
    await phone.fetch();
    expect(phone.settings.get('lang.gui')).to.equal('German');
  });

  it('0.12 A new phone says by its request what it is: it gets the dialect and the template of its kind', async () => {
    await stage.run('device-template add Lobby --language fr');
    await stage.run('tenant set --new-phones Lobby --family snom');
    const other = stage.phone({ family: snom });
    for (const each of [phone, other]) await each.plugIn();
    expect(await stage.listed(phone.mac)).to.include({ family: 'yealink', model: 'T46U' });
    expect(await stage.listed(other.mac)).to.include({ family: 'snom', model: 'D785' });
    expect([phone.settings.get('lang.gui'), other.settings.get('language')]).to.deep.equal(['English', 'Français']);
  });

  it('0.13 A new phone has one line and no other, however many it could have', async () => {
    await phone.fetch();
    expect(phone.reading.lines).to.have.length(1);
    expect(phone.settings.get('account.2.enable')).to.equal('0');
  });

  it('0.14 The line of a new phone is an account made for this phone alone', async () => {
    const other = stage.phone();
    for (const each of [phone, other]) await each.plugIn();
    expect(phone.line.user).to.match(new RegExp(`^phone-${phone.mac}-`));
    expect(other.line.user).to.match(new RegExp(`^phone-${other.mac}-`));
    expect(other.line.password).not.to.equal(phone.line.password);
  });

  it('0.15 A new phone has its configuration at its first request, and the same one when it asks again', async () => {
    await phone.fetch();
    const { reading } = phone;
    phone.factoryReset();
    await phone.fetch();
    expect(phone.reading).to.deep.equal(reading);
    expect(phone.requests.map(([, status]) => status)).to.deep.equal([200, 200, 200, 200, 200, 200]);
  });

  it('0.16 A new phone is in the inventory from its first request on', async () => {
    await phone.fetch();
    const { mac, address } = phone;
    expect(await stage.listed(mac)).to.include({ mac, address, family: 'yealink', firmware: '108.86.0.20' });
  });

  it('0.17 The inventory tells phones that are there for anybody from those that are somebody’s', async () => {
    await stage.addUser('1500');
    const other = stage.phone();
    await other.plugIn();
    await phone.setUp('1500');
    expect(await stage.listed(other.mac)).to.include({ state: 'unassigned', extension: null });
    expect(await stage.listed(phone.mac)).to.include({ state: 'assigned', extension: '1500' });
  });

  it('0.18 A phone that is nobody’s can call, and reaches next to nothing: its own context, whatever a template says', async () => {
    await stage.run('line-template add Free --context users');
    await stage.run('tenant set --new-phones-line Free');
    await phone.plugIn();
    expect(await stage.account('ps_endpoints', phone.line.user)).to.include({ context: 'selfprov-default-line' });
    const dialplan = context((await stage.asteriskFiles())('extensions.conf'), 'selfprov-default-line');
    expect(dialplan.filter((line) => line.startsWith('include'))).to.deep.equal(['include => selfprov-features']);
  });

  it('0.19 A phone that is nobody’s reaches the emergency numbers that an administrator names', async () => {
    const reached = async (): Promise<readonly string[]> =>
      context((await stage.asteriskFiles())('extensions.conf'), 'selfprov-default-line').flatMap(
        (line) => /Goto\(emergency,(\d+),1\)/.exec(line)?.[1] ?? [],
      );
    expect(await reached()).to.deep.equal(['112', '911']);
    await stage.run('tenant set --emergency 112,110');
    expect(await reached()).to.deep.equal(['112', '110']);
  });

  it('0.20 Code, extension and PIN can be dialled as one number', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    expect(await phone.dial(`*551500*${PIN}`)).to.deep.equal(THROUGH);
  });

  it('0.21 What is dialled there comes to the server, from phones that are nobody’s and from users’', async () => {
    const extensions = (await stage.asteriskFiles())('extensions.conf');
    const features = context(extensions, 'selfprov-features');
    expect(features).to.include(String.raw`exten => _*55.,1,Set(CDR_PROP(disable)=1)`);
    expect(features.filter((line) => line.includes('Gosub(selfprov-stasis,s,1(self-provision,'))).to.have.length(1);
    for (const from of ['selfprov-default-line', 'selfprov-users'])
      expect(context(extensions, from)).to.include('include => selfprov-features');
  });

  it('0.22 The PIN is checked: with a wrong one nothing changes', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    expect(await phone.dial('*551500*111333')).to.deep.equal(['not-accepted']);
    expect(await state()).to.equal('unassigned');
  });

  it('0.23 After the call the phone is the user’s in the inventory', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    await call();
    expect((await stage.listed(phone.mac)).extension).to.equal('1500');
  });

  it('0.24 The first line of the phone is no more: it is in no file, and nobody can register with it', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    const { user } = phone.line;
    await call();
    expect(await stage.account('ps_endpoints', user)).to.equal(undefined);
    expect(await phone.register()).to.deep.equal([401]);
    await phone.comeBack();
    expect(phone.reading.lines.map((line) => line.user)).to.deep.equal(['1500']);
  });

  it('0.25 The file with the user’s account is made at once, and Asterisk knows the password in it', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    await call();
    await phone.fetch();
    const { authUser, password } = phone.line;
    const digest = createHash('md5').update(`${authUser}:asterisk:${password}`).digest('hex');
    expect(await stage.account('ps_auths', authUser)).to.include({ md5_cred: digest });
  });

  it('0.26 The phone that called is told to fetch, where it called from; one that cannot be told looks by itself', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    await stage.phone().plugIn();
    await call();
    await stage.drive();
    expect(stage.told()).to.deep.equal([phone.contact]);
    expect(phone.settings.get('static.auto_provision.repeat.minutes')).to.equal('1440');
  });

  it('0.27 The phone restarts, fetches its user’s configuration and is in full use', async () => {
    await stage.addUser('1500');
    await phone.setUp('1500');
    expect(phone.line).to.include({ user: '1500', host: 'sip.example.net' });
    expect(await stage.core.store.handOver(phone.mac, 1)).to.include({ state: 'done' });
    expect(await stage.account('ps_endpoints', '1500')).to.include({ context: 'users' });
  });

  it('0.28 All that an administrator does for a phone is to enter its user', async () => {
    await stage.addUser('1500');
    await phone.setUp('1500');
    const events = await stage.core.store.events({ limit: 99 });
    expect(events.filter(({ actor }) => actor === 'test').map(({ step }) => step)).to.deep.equal(['user_added']);
    expect(await state()).to.equal('assigned');
  });
});
