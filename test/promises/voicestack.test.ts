import { expect } from 'chai';
import { join } from 'node:path';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { poly } from '../../src/virtualPhone/families/poly.ts';
import { snom } from '../../src/virtualPhone/families/snom.ts';
import { MADE_UP_PHONE, withMadeUp } from '../support/madeUpFamily.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { PIN, type StagePhone } from '../support/stagePhone.ts';

const YEALINK = 'Yealink SIP-T46U 108.86.0.20';

describe('Promises of VoiceStack', () => {
  let stage: Stage;
  let phone: StagePhone;
  beforeEach(async () => {
    stage = await openStage();
    phone = stage.phone();
  });
  afterEach(() => stage.close());

  /** Where a phone is sent that asks at the URL which is the same for all. */
  async function sentTo(file: string, userAgent = YEALINK, address = '198.51.100.7'): Promise<string> {
    const headers = { 'user-agent': userAgent, 'x-forwarded-for': address };
    const answer = await fetch(`${stage.url}rps/${file}`, { headers, redirect: 'manual' });
    const text = await answer.text();
    return answer.headers.get('location') ?? /https:\/\/\w+\.example\//.exec(text)?.[0] ?? `nowhere (${answer.status})`;
  }
  /** A Poly phone of user 1500, whose files are one for each purpose. */
  async function splitPhone(): Promise<StagePhone> {
    const split = stage.phone({ family: poly });
    await stage.addUser('1500');
    await split.setUp('1500');
    return split;
  }
  const part = async (split: StagePhone, name: string): Promise<string> => {
    const { pathname } = new URL(split.reading.deliveryUrl ?? 'http://nowhere/');
    return (await split.get(`${pathname}${split.mac}-${name}.cfg`)) ?? 'not there';
  };

  it('4.1 It begins at the first power-on, and again after a factory reset', async () => {
    await stage.run('tenant set --factory-reset default_line');
    await stage.addUser('1500');
    await phone.setUp('1500');
    stage.core.pass(20 * 60_000);
    phone.factoryReset();
    await phone.setUp('1500');
    expect(phone.line.user).to.equal('1500');
    expect(await stage.listed(phone.mac)).to.include({ state: 'assigned', extension: '1500' });
  });

  it('4.2 A phone is known by its MAC and by its serial number to the service that sends it on', async () => {
    await stage.run('redirect add --to https://mac.example/ --mac 00:15:65:aa:bb:02');
    await stage.run('redirect add --to https://serial.example/ --serial CBT1414');
    expect(await sentTo('001565aabb02.cfg')).to.equal('https://mac.example/');
    const cisco = (serial: string): string => `Cisco/SPA508G-7.4.8a (0002FDFF2103)(${serial})`;
    expect(await sentTo('0002fdff2103.xml', cisco('CBT141400UK'))).to.contain('https://serial.example/');
    expect(await sentTo('0002fdff2103.xml', cisco('CBT999900UK'))).to.equal('nowhere (404)');
  });

  it('4.3 A phone is sent to the server of its customer, its region or its model', async () => {
    await stage.run('redirect add --to https://all.example/');
    await stage.run('redirect add --to https://west.example/ --network 203.0.113.0/24');
    await stage.run('redirect add --to https://video.example/ --family yealink --model VP*');
    await stage.run('tenant add acme --urls https://acme.example/');
    await stage.run('device add --family yealink --mac 001565aabb07');
    await stage.run('device move 001565aabb07 --to acme');
    expect(await sentTo('001565aabb02.cfg')).to.equal('https://all.example/');
    expect(await sentTo('001565aabb02.cfg', YEALINK, '203.0.113.9')).to.equal('https://west.example/');
    expect(await sentTo('001565aabb02.cfg', 'Yealink VP-T49G 51.80.0.100')).to.equal('https://all.example/');
    expect(await sentTo('001565aabb02.cfg', 'VP530P 23.70.0.40 00:15:65:aa:bb:02')).to.equal('https://video.example/');
    expect(await sentTo('001565aabb07.cfg')).to.equal('https://acme.example/');
  });

  it('4.4 A phone asks for a boot file first, and gets it', async () => {
    await phone.fetch();
    expect(phone.requests[0]).to.deep.equal([`/${phone.mac}.boot`, 200]);
    const other = stage.phone({ family: snom });
    await other.fetch();
    expect(other.requests[0]).to.deep.equal(['/snomD785.htm', 200]);
  });

  it('4.5 The boot file is for the model of the phone', async () => {
    const bootFile = async (each: StagePhone): Promise<string> => (await each.get(`/${each.mac}.boot`)) ?? '';
    expect(await bootFile(phone)).to.contain('"y000000000108.cfg"');
    expect(await bootFile(stage.phone({ model: 'T54W' }))).to.contain('"y000000000096.cfg"');
  });

  it('4.6 What a phone gets first has the settings to begin with: language, time zone, how to treat what it has', async () => {
    await stage.run('tenant set --time-zone Asia/Tokyo --language de');
    expect(await phone.get(`/${phone.mac}.boot`)).to.contain('overwrite_mode = 1');
    const common = await phone.get('/y000000000108.cfg');
    expect(common).to.contain('local_time.time_zone = +9').and.to.contain('lang.gui = German');
  });

  it('4.7 The boot file links to all others, and a phone that follows it gets each', async () => {
    const split = stage.phone({ family: poly });
    await split.fetch();
    const names = ['', '-settings', '-buttons', '-account'].map((name) => `/${split.mac}${name}.cfg`);
    expect(split.requests.slice(0, 4)).to.deep.equal(names.map((name) => [name, 200]));
  });

  it('4.8 A phone is somebody’s or shared: its first file can say which, and its calls are accordingly', async () => {
    const families = withMadeUp(join(stage.core.directory, 'families'), 'type={{settings.user_type}}\n');
    const needs = { ...answerNeeds(stage.core), families: () => families };
    const firstFile = async (): Promise<string> => {
      const { mac, userAgent } = MADE_UP_PHONE;
      const claim = { token: null, address: '10.0.0.9' };
      const answer = await answerRequest(needs, {
        path: `/${mac}.ini`,
        userAgent,
        method: 'GET',
        transport: 'http',
        claim,
      });
      return answer?.kind === 'rendered' ? answer.body.toString() : 'nothing';
    };
    expect(await firstFile()).to.equal('type=standard\n');
    await stage.run('device-template set Default --user-type hot_desk');
    expect(await firstFile()).to.equal('type=hot_desk\n');

    await stage.addUser('1500');
    await phone.plugIn();
    expect((await phone.dial('*55'))[0]).to.equal('hot-desk-welcome');
    expect(await phone.dial('*55', `1500#${PIN}#1`)).to.deep.equal(['logged-in']);
    await stage.drive();
    await phone.comeBack();
    expect(await phone.dial('*55', '1')).to.deep.equal(['logged-off']);
  });

  it('4.9 The account file has the credentials and the server, and nothing else has them', async () => {
    const split = await splitPhone();
    const { password } = split.line;
    const account = await part(split, 'account');
    expect(account).to.contain('"1500"').and.to.contain(password).and.to.contain('sip.example.net');
    for (const name of ['settings', 'buttons'])
      expect(await part(split, name), name)
        .to.contain('<?xml')
        .and.not.to.contain(password);
  });

  it('4.10 The button file says what the keys do: lines, watched extensions, speed dials, messages', async () => {
    await stage.run('line-template set Default --voicemail *97');
    await stage.run('device-template set Default --keys', 'blf:1501:Bob;speed_dial:112:Help;voicemail::Messages');
    const split = await splitPhone();
    const kinds = split.reading.keys.map(({ kind, value }) => `${kind} ${value}`.trim());
    expect(kinds).to.include.members(['blf 1501', 'speed dial 112']);
    const buttons = await part(split, 'buttons');
    expect(buttons).to.contain('1501').and.to.contain('112');
    await stage.addUser('1502');
    await stage.run('device-template set Default --keys', 'voicemail::Messages;transfer::Pass');
    await phone.setUp('1502');
    expect(phone.reading.keys.map(({ kind }) => kind)).to.include.members(['line', 'voicemail', 'transfer']);
  });

  it('4.11 Call rules, display and preferences come with the files, and a user’s own win', async () => {
    await stage.run('device-template set Default --dial-rules 1XXX --clock 12 --time-zone Asia/Tokyo');
    const split = await splitPhone();
    expect(split.settings.get('dialplan.digitmap')).to.contain('1xxx');
    expect(split.settings.get('tcpIpApp.sntp.gmtOffset')).to.equal('32400');
    await stage.run('user set 1500 --time-zone Europe/Berlin');
    await split.fetch();
    expect(split.settings.get('tcpIpApp.sntp.gmtOffset')).to.equal('3600');
  });

  it('4.12 A phone counts as ready only when it has registered with what it was given', async () => {
    await stage.addUser('1500');
    await phone.plugIn();
    await phone.dial('*55', `1500#${PIN}#1`);
    await stage.drive();
    await phone.fetch();
    expect((await stage.listed(phone.mac)).state).to.equal('handing_over');
    expect(await phone.register()).to.deep.equal([200]);
    expect((await stage.listed(phone.mac)).state).to.equal('assigned');
    expect((await stage.steps(phone.mac)).at(-1)).to.equal('done');
  });
});
