import { expect } from 'chai';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { serverFacts } from '../../src/core.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { readLanguages } from '../../src/sounds/languages.ts';
import { context } from '../support/dialplanContext.ts';
import { refusalOf } from '../support/refusal.ts';
import { scriptedCall } from '../support/scriptedCall.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { PIN, type StagePhone } from '../support/stagePhone.ts';
import { enrol, assign } from '../support/steps.ts';

const THROUGH = ['phone-will-restart'];
const CODE = '558813';
const LONG = '55881390274615538812';

describe('Promises of Cisco Unified CM', () => {
  let stage: Stage;
  let phone: StagePhone;
  beforeEach(async () => {
    stage = await openStage();
    phone = stage.phone();
  });
  afterEach(() => stage.close());

  const call = (keys = `1500#${PIN}#1`): Promise<readonly string[]> => phone.dial('*55', keys);
  const owner = async (): Promise<string | null> => (await stage.listed(phone.mac)).extension;
  /** Ann is there with her extension, and the phone is plugged in. */
  async function begin(): Promise<void> {
    await stage.addUser('1500');
    await phone.plugIn();
  }
  const tenant = (words: string): Promise<string> => stage.run(`tenant set ${words}`);
  const refused = async (words: string): Promise<string> => (await refusalOf(stage.run(words))).message;

  it('3.1 A user sets up a phone, and gives it back, without asking anybody', async () => {
    await stage.addUser('1500');
    await phone.setUp('1500');
    expect(await phone.dial('*56', `${PIN}#1`)).to.deep.equal(['phone-released']);
    const actors = (await stage.core.store.events({ mac: phone.mac, limit: 99 })).map(({ actor }) => actor);
    expect(new Set(actors)).to.deep.equal(new Set(['phone', 'selfprov']));
  });

  it('3.2 There is a switch for all and one for each user, and both must be on', async () => {
    await begin();
    await stage.run('user set 1500 --self-provisioning off');
    expect(await call()).to.deep.equal(['not-allowed']);
    await stage.run('system set --self-provisioning off');
    expect(await call()).to.deep.equal(['switched-off']);
    await stage.run('user set 1500 --self-provisioning on');
    expect(await call()).to.deep.equal(['switched-off']);
    await stage.run('system set --self-provisioning on');
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('3.3 After plugging in a user follows a few prompts, each of which says what to do', async () => {
    await begin();
    const asked = async (keys: string, hangsUpAt: string): Promise<readonly string[]> =>
      phone.dial('*55', keys, { hangsUpAt });
    expect(await asked('', 'enter-extension')).to.deep.equal(['welcome', 'enter-extension']);
    expect(await asked('1500#', 'enter-pin')).to.deep.equal(['enter-pin']);
    expect(await asked(`1500#${PIN}#`, 'confirm')).to.deep.equal(['extension-is', '1500', 'confirm']);
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('3.4 Phone and line are configured by templates that were made before', async () => {
    await stage.run('device-template set Default --language fr');
    await stage.run('line-template set Default --voicemail *97');
    await stage.addUser('1500');
    await phone.setUp('1500');
    expect(phone.settings.get('lang.gui')).to.equal('French');
    expect(phone.line.voicemail).to.equal('*97');
  });

  it('3.5 An administrator sets up a phone for a user, from the phone or from the desk', async () => {
    await begin();
    await tenant(`--authentication users_and_administrators --administrator-code ${CODE}`);
    expect(await call(`0#${CODE}#1500#1`)).to.deep.equal(THROUGH);
    expect(await owner()).to.equal('1500');
    const other = stage.phone();
    await other.plugIn();
    await stage.run(`device assign ${other.mac} 1500`);
    expect((await stage.listed(other.mac)).extension).to.equal('1500');
  });

  it('3.6 Some users’ calls are encrypted, signalling and voice, beside others’ that are not', async () => {
    const open = stage.phone();
    await stage.run('line-template add Secure --srtp on');
    await stage.run('profile add Secure --line-template Secure');
    await stage.addUser('1500');
    await stage.addUser('1501');
    await stage.run('user set 1500 --profile Secure');
    await phone.setUp('1500');
    await open.setUp('1501');
    expect(phone.line).to.include({ transport: 'tls', port: 5061, srtp: 'required' });
    expect(open.line).to.include({ transport: 'udp', port: 5060, srtp: 'off' });
    expect(await stage.account('ps_endpoints', '1500')).to.include({ media_encryption: 'sdes' });
    expect(await stage.account('ps_endpoints', '1501')).to.include({ media_encryption: 'no' });
  });

  it('3.7 A user proves to be who it is by PIN or by a numeric password, as the user likes', async () => {
    await begin();
    await stage.run('user set 1500 --password 73190528');
    expect(await call('1500#73190529#')).to.include('not-accepted');
    expect(await call('1500#73190528#1')).to.deep.equal(THROUGH);
    const other = stage.phone();
    await other.plugIn();
    expect(await other.dial('*55', `1500#${PIN}#1`)).to.deep.equal(THROUGH);
  });

  it('3.8 An administrator proves to be one by a code that was set before, and by no other', async () => {
    await begin();
    await tenant(`--authentication users_and_administrators --administrator-code ${CODE}`);
    expect(await call('0#558814#')).to.include('not-accepted');
    expect(await call(`0#${CODE}#1500#1`)).to.deep.equal(THROUGH);
  });

  it('3.9 Where a tenant wants it an identity alone is enough, and selfprov warns of that', async () => {
    await begin();
    await stage.run('user set 1500 --provisioning-id 99');
    expect(await tenant('--authentication none --identify-by provisioning_id')).to.match(/whoever|anybody/i);
    expect(await call('1500#1')).to.include('not-accepted');
    expect(await call('99#1')).to.deep.equal(THROUGH);
  });

  it('3.10 A user’s profile says which template the line is made by, and which one the phone', async () => {
    await stage.run('line-template add Sales --expiry 120');
    await stage.run('device-template add Sales --language fr');
    await stage.run('profile add Sales --line-template Sales --device-template Sales');
    await stage.addUser('1500');
    await stage.run('user set 1500 --profile Sales');
    await phone.setUp('1500');
    expect(phone.line.expires).to.equal(120);
    expect(phone.settings.get('lang.gui')).to.equal('French');
  });

  it('3.11 A user has an extension, a user ID and a self-provisioning ID: three numbers, each for itself', async () => {
    await begin();
    await stage.run('user set 1500 --user-id 4711 --provisioning-id 99');
    await tenant('--identify-by user_id');
    for (const wrong of ['1500', '99']) expect(await call(`${wrong}#${PIN}#`), wrong).to.include('not-accepted');
    await stage.run(`device unlock ${phone.mac}`);
    await tenant('--identify-by provisioning_id');
    expect(await call(`4711#${PIN}#`)).to.include('not-accepted');
    expect(await call(`99#${PIN}#1`)).to.deep.equal(THROUGH);
  });

  it('3.12 Whoever calls is asked for what the tenant wants, and for nothing else', async () => {
    await begin();
    const asked = async (): Promise<readonly string[]> =>
      (await call('1500#')).filter((each) => each.startsWith('enter-'));
    expect(new Set(await asked())).to.deep.equal(new Set(['enter-pin']));
    await tenant('--authentication none');
    expect(await asked()).to.deep.equal([]);
    await tenant('--identify-by user_id');
    expect(await call(''))
      .to.include('enter-user-id')
      .and.not.to.include('enter-extension');
  });

  it('3.13 A key calls the self-provisioning extension, on new phones and where a template has it', async () => {
    await stage.run('device-template set Default --keys self_provisioning::Desk');
    await stage.addUser('1500');
    await phone.fetch();
    expect(phone.reading.keys).to.deep.include({ position: 2, kind: 'speed dial', value: '*55', label: 'Set up *55' });
    await phone.setUp('1500');
    expect(phone.reading.keys).to.deep.include({ position: 2, kind: 'speed dial', value: '*55', label: 'Desk' });
  });

  it('3.14 A user always has an extension: there is no way to make one without', async () => {
    await stage.run('profile add Other');
    for (const none of ['', ' ', 'abc'])
      expect(await refusalOf(stage.run('user add', none, '--name', 'Ann')), none).to.include({ code: 'invalid' });
    const file = join(stage.core.directory, 'users.csv');
    writeFileSync(file, 'extension,name\n,Ann\n');
    expect(await refusalOf(stage.run('user import', file, '--apply', '--pins', `${file}.pins`))).to.include({
      code: 'invalid',
    });
    await stage.addUser('1500');
    await stage.run('user set 1500 --profile Other --user-id 4711');
    expect((await stage.core.store.users('default')).map(({ extension }) => extension)).to.deep.equal(['1500']);
  });

  it('3.15 A profile always has both templates and its switch: there is no way to make or leave one without', async () => {
    await stage.run('line-template add Sales');
    await stage.run('profile add Sales --line-template Sales');
    expect(await refused('line-template remove Sales --yes')).to.contain('profile Sales');
    expect(await refused('device-template remove Default --yes')).to.contain('profile');
    expect(await refused('profile add Other --device-template None')).to.contain('None');
    type Shown = Readonly<Record<'name' | 'lineTemplate' | 'deviceTemplate', string>>;
    const profiles = await stage.json<readonly Shown[]>('profile list');
    expect(
      profiles.map(({ name, lineTemplate, deviceTemplate }) => [name, lineTemplate, deviceTemplate]),
    ).to.deep.equal([
      ['Default', 'Default', 'Default'],
      ['Sales', 'Sales', 'Default'],
    ]);
    expect(profiles.map((profile) => 'selfProvisioning' in profile)).to.deep.equal([true, true]);
  });

  it('3.16 The calls and the handing out of first lines are switched each for itself', async () => {
    await begin();
    await stage.run('system set --ivr off');
    expect(await call()).to.deep.equal(['switched-off']);
    const other = stage.phone();
    await other.fetch();
    expect(other.reading.lines, 'new phones come all the same').to.have.length(1);
    await stage.run('system set --ivr on --enrolment off');
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('3.17 Where enrolment is off a new phone gets nothing, and one that is there goes on', async () => {
    await phone.plugIn();
    await tenant('--enrolment off');
    const other = stage.phone();
    await other.fetch();
    expect(other.requests.at(-1)).to.deep.equal([`/${other.mac}.cfg`, 404]);
    await phone.comeBack();
    expect(await phone.register()).to.deep.equal([200]);
    await tenant('--enrolment on');
    await other.fetch();
    expect(other.reading.lines).to.have.length(1);
  });

  it('3.18 A tenant says which templates new phones are made by', async () => {
    await stage.run('line-template add Short --expiry 120');
    await stage.run('device-template add Lobby --language fr');
    await tenant('--new-phones Lobby --new-phones-line Short');
    await phone.fetch();
    expect(phone.line.expires).to.equal(120);
    expect(phone.settings.get('lang.gui')).to.equal('French');
  });

  it('3.19 New phones get numbers of a range; when it is used up that is told', async () => {
    await tenant('--default-numbers 9000-9001');
    const phones = [phone, stage.phone(), stage.phone()];
    for (const each of phones) await each.plugIn();
    const numbers = await Promise.all(phones.map(async ({ mac }) => (await stage.core.store.lines(mac))[0]?.number));
    expect(numbers).to.deep.equal(['9000', '9001', null]);
    expect(phone.line.label).to.contain('9000');
    expect(await stage.run('event list')).to.contain('numbers used up');
  });

  it('3.20 The port that phones register at is set in one place, or for some of them', async () => {
    const facts = serverFacts(
      readConfig({ SELFPROV_HOST: '192.0.2.10', SELFPROV_SIP_PORT: '5070', SELFPROV_SIP_TLS_PORT: '5090' }),
    );
    expect(facts.sipPorts).to.deep.equal({ udp: 5070, tcp: 5070, tls: 5090 });
    await stage.run('line-template set Default --sip-server pbx.example:5090');
    await stage.addUser('1500');
    await phone.setUp('1500');
    expect(phone.line).to.include({ host: 'pbx.example', port: 5090 });
  });

  it('3.21 The calls come through contexts of their own to an application whose name is set', async () => {
    const extensions = (await stage.asteriskFiles({ SELFPROV_APP: 'front' }))('extensions.conf');
    expect(context(extensions, 'selfprov-users')).to.deep.equal(['include => selfprov-features']);
    expect(context(extensions, 'selfprov-features')).to.include(' same => n,Goto(selfprov-call,self-provision,1)');
    expect(context(extensions, 'selfprov-call')).to.include(
      ' same => n,Gosub(selfprov-stasis,s,1(self-provision,${CHANNEL(endpoint)}))',
    );
    expect(context(extensions, 'selfprov-stasis')).to.include('exten => s,1,Stasis(front,${ARG1},${ARG2},${ARG3})');
  });

  it('3.22 An administrator says which number is called: dialplan, keys and calls have it', async () => {
    await stage.addUser('1500');
    await tenant('--extension *77');
    await phone.plugIn();
    expect(phone.reading.keys).to.deep.include({ position: 2, kind: 'speed dial', value: '*77', label: 'Set up *77' });
    const features = context((await stage.asteriskFiles())('extensions.conf'), 'selfprov-features');
    expect(features.join()).to.contain('exten => *77,1,').and.not.to.contain('*55');
    expect(await phone.dial('*77', `1500#${PIN}#1`)).to.deep.equal(THROUGH);
  });

  it('3.23 Selfprov has users of its own at Asterisk, with made-up passwords and no more rights than needed', async () => {
    const files = await stage.asteriskFiles({ SELFPROV_ARI_USER: 'front' });
    const [, password = ''] = /^password = (\w+)$/m.exec(files('ari.conf')) ?? [];
    expect(files('ari.conf')).to.contain('[front]\ntype = user');
    expect(password).to.have.length.greaterThan(15);
    expect(files('selfprov.env')).to.contain(`SELFPROV_ARI_PASSWORD=${password}`);
    const manager = files('manager.conf').split('\n');
    expect(manager).to.include.members([
      'deny = 0.0.0.0/0',
      'permit = 127.0.0.1',
      'read = security',
      'write = system,reporting',
    ]);
  });

  it('3.24 A tenant chooses whether a secret is required', async () => {
    await begin();
    expect(await call('1500##1')).to.not.include('phone-will-restart');
    expect(await owner()).to.equal(null);
    await tenant('--authentication none');
    expect(await call('1500#1')).to.deep.equal(THROUGH);
  });

  it('3.25 A tenant chooses whether administrators may set up phones by a call, too', async () => {
    await begin();
    await tenant(`--administrator-code ${CODE}`);
    expect(await call('0#'))
      .to.include('enter-pin')
      .and.not.to.include('enter-administrator-code');
    await tenant('--authentication users_and_administrators');
    expect(await call('0#')).to.include('enter-administrator-code');
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('3.26 The administrator’s code has up to 20 digits, and none closes this way', async () => {
    await begin();
    await tenant(`--authentication users_and_administrators --administrator-code ${LONG}`);
    expect(await call(`0#${LONG}#`)).to.include('enter-user-extension');
    for (const wrong of [`${LONG}1`, '12a4', '120', '123456'])
      expect(await refused(`tenant set --take-over allow --administrator-code ${wrong}`), wrong).to.match(/digits/);
    expect(await stage.run('tenant show'), 'nothing else is changed then').to.match(/take-over: +refuse/);
    await tenant('--administrator-code none');
    expect(await call('0#1#1500#1')).to.not.include('phone-will-restart');
  });

  it('3.27 Callers hear the languages that a tenant lists, in its order; more can be installed', async () => {
    await begin();
    await tenant('--prompts de,en');
    const { user, authUser } = phone.line;
    const caller = scriptedCall({ endpoint: user, authName: authUser, keys: '##' });
    await selfProvision(stage.core, caller);
    expect(caller.spoken.slice(0, 3)).to.deep.equal(['de', 'en', 'de']);
    expect(await refused('tenant set --prompts nl')).to.contain('nl');
    const folder = mkdtempSync(join(tmpdir(), 'sounds-'));
    try {
      cpSync(join(packageRoot, 'sounds/de'), join(folder, 'nl'), { recursive: true });
      expect(readLanguages(folder)).to.deep.include({
        ...{ language: 'nl', complete: true, ownDigits: true, missingPrompts: [], missingDigits: [] },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('3.28 A profile says whether its users may set up phones themselves', async () => {
    await begin();
    await stage.run('profile add Guests --self-provisioning off');
    await stage.run('user set 1500 --profile Guests');
    expect(await call()).to.deep.equal(['not-allowed']);
    await stage.run('profile set Guests --self-provisioning on');
    expect(await call()).to.deep.equal(THROUGH);
  });

  it('3.29 A user can have as many phones as the profile says, ten unless it is said', async () => {
    const ann = await stage.addUser('1500');
    for (let at = 0; at < 10; at++) {
      await enrol(stage.core, `001565cc000${at}`);
      await assign(stage.core, `001565cc000${at}`, ann.id);
    }
    await phone.plugIn();
    expect(await call()).to.deep.equal(['phone-limit']);
    await stage.run('profile set Default --phone-limit 11');
    expect(await call()).to.deep.equal(THROUGH);
  });
});
