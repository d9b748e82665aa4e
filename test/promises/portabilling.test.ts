import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLog } from '../../src/log.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { listenTftp } from '../../src/tftp/listenTftp.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { grandstreamHt } from '../../src/virtualPhone/families/grandstreamHt.ts';
import { poly } from '../../src/virtualPhone/families/poly.ts';
import { snom } from '../../src/virtualPhone/families/snom.ts';
import { fetchOwnFile, manyDevices } from '../support/manyDevices.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { refusalOf } from '../support/refusal.ts';
import { openStage, type Stage } from '../support/stage.ts';
import type { StagePhone } from '../support/stagePhone.ts';
import { tftpGet } from '../../src/virtualPhone/tftpClient.ts';

describe('Promises of PortaBilling', () => {
  let stage: Stage;
  let phone: StagePhone;
  beforeEach(async () => {
    stage = await openStage();
    phone = stage.phone();
  });
  afterEach(() => stage.close());

  /** The user has the phone; it has not been told yet. */
  async function give(extension = '1500', to = phone): Promise<void> {
    await stage.addUser(extension);
    await to.fetch();
    await stage.run(`device assign ${to.mac} ${extension}`);
  }

  it('2.1 A phone that nobody can reach, behind a router, gets its user’s configuration all the same', async () => {
    const far = stage.phone({ address: '203.0.113.9', inside: '192.168.1.20' });
    await give('1500', far);
    await stage.drive();
    expect(stage.told(), 'nobody knows where it is').to.deep.equal([]);
    await far.comeBack();
    expect(far.line.user).to.equal('1500');
    expect((await stage.listed(far.mac)).state).to.equal('assigned');
  });

  it('2.2 Thousands of phones are kept, and each of them gets its own file', async () => {
    const phones = await manyDevices(stage.core, 3000, { register: false });
    await phone.fetch();
    for (const each of [phones[0], phones[1500], phones.at(-1)]) {
      if (each === undefined) throw new Error('there is no phone');
      expect(await fetchOwnFile(stage.core, each)).to.deep.equal([each.user.id]);
    }
    expect(await stage.core.store.devices('default')).to.have.length(3001);
  });

  it('2.3 Phones come and look for changes by themselves, as often as an administrator wants', async () => {
    await stage.run('tenant set --refresh-hours 6');
    await phone.fetch();
    expect(phone.settings.get('static.auto_provision.repeat.enable')).to.equal('1');
    expect(phone.settings.get('static.auto_provision.repeat.minutes')).to.equal('360');
  });

  it('2.4 There is a list of the phones that are supported, and the command has the same one', async () => {
    const page = readFileSync(join(packageRoot, 'docs/families.md'), 'utf8');
    const listed = await stage.json<readonly { family: string }[]>('families');
    expect(listed.map(({ family }) => family)).to.have.members(shippedFamilies().all.map(({ id }) => id));
    expect(listed.filter(({ family }) => !page.includes(`templates/${family}/README.md`))).to.deep.equal([]);
  });

  it('2.5 A profile says what the phones of its users are like: codecs, server, transport', async () => {
    await stage.run('line-template add Branch --codecs alaw --sip-server pbx2.example:5070 --transport tcp');
    await stage.run('profile add Branch --line-template Branch');
    await give();
    await stage.run('user set 1500 --profile Branch');
    await phone.fetch();
    expect(phone.line).to.include({ host: 'pbx2.example', port: 5070, transport: 'tcp' });
    const codecs = [...phone.settings].filter(
      ([name, value]) => /^account\.1\.codec.*enable$/.test(name) && value === '1',
    );
    expect(codecs.map(([name]) => name)).to.deep.equal(['account.1.codec.pcma.enable']);
  });

  it('2.6 The files of a phone are made by the server, in the dialect of each maker', async () => {
    for (const [at, family] of [snom, poly, grandstreamHt].entries()) {
      const each = stage.phone({ family });
      await give(`150${at}`, each);
      await each.fetch();
      expect(each.line.user).to.equal(`150${at}`);
      expect(await each.register()).to.include(200);
    }
  });

  it('2.7 A phone needs to know nothing but the address of the server', async () => {
    expect(phone.settings.size).to.equal(0);
    await phone.plugIn();
    expect((await stage.core.registrar.contacts(phone.line.user)).map(({ uri }) => uri)).to.deep.equal([phone.contact]);
  });

  it('2.8 A phone’s file is found by its MAC, by HTTP and by TFTP', async () => {
    const needs = answerNeeds(stage.core);
    const tftp = await listenTftp({
      ...{ host: '127.0.0.1', port: 0, log: createLog('silent') },
      answer: (request) => answerRequest(needs, request),
    });
    try {
      const { body } = await tftpGet({ port: tftp.port, name: '001565cc0001.cfg' });
      expect(body.toString()).to.contain('user_name = phone-001565cc0001-');
    } finally {
      await tftp.close();
    }
    expect(await phone.get(`/${phone.mac}.cfg`)).to.contain(`user_name = phone-${phone.mac}-`);
  });

  it('2.9 The SIP server is changed in one place, and all phones get files with the new one', async () => {
    const other = stage.phone({ family: snom });
    await give('1500', phone);
    await give('1501', other);
    const set = 'line-template set Default --sip-server pbx2.example';
    expect(await stage.run(`${set} --dry-run`)).to.contain('pbx2.example');
    await stage.run(set);
    for (const each of [phone, other]) {
      await each.fetch();
      expect(each.line.host, each.mac).to.equal('pbx2.example');
    }
  });

  it('2.10 A phone that was away has the change the next time that it asks', async () => {
    await give();
    await phone.comeBack();
    await stage.run('user set 1500 --voicemail *97');
    expect(phone.line.voicemail).to.equal(undefined);
    await phone.fetch();
    expect(phone.line.voicemail).to.equal('*97');
  });

  it('2.11 Each phone has a name and a password of its own, also two of one user', async () => {
    const other = stage.phone();
    await give();
    await other.fetch();
    await stage.run(`device assign ${other.mac} 1500`);
    for (const each of [phone, other]) await each.fetch();
    expect([phone.line.user, other.line.user]).to.deep.equal(['1500', '1500']);
    expect(phone.line.authUser).not.to.equal(other.line.authUser);
    expect(phone.line.password).not.to.equal(other.line.password);
    expect(await phone.register()).to.deep.equal([200]);
  });

  it('2.12 A phone is entered with its MAC and a profile before it is there', async () => {
    await stage.run('device-template add Lobby --language fr');
    await stage.run('profile add Lobby --device-template Lobby');
    await stage.run(`device add --family yealink --mac ${phone.mac} --profile Lobby`);
    expect((await stage.listed(phone.mac)).state).to.equal('unassigned');
    expect(await stage.run(`device show ${phone.mac} --effective`)).to.match(/language +fr/);
  });

  it('2.13 A port of an adapter is given to one user, while the other port is nobody’s', async () => {
    const adapter = stage.phone({ family: grandstreamHt });
    await stage.addUser('1500');
    await adapter.fetch();
    await stage.run(`device assign ${adapter.mac} 1500 --port 2`);
    await adapter.fetch();
    const [one, two] = adapter.reading.lines;
    expect(one?.user).to.match(/^phone-/);
    expect(two?.user).to.equal('1500');
  });

  it('2.14 The inventory says of each phone what it is, where, and whose, and can be had as a table', async () => {
    await stage.run(`device add --family yealink --mac ${phone.mac} --model T46U --serial ab-1`);
    await stage.addUser('1500');
    await stage.run(`device set ${phone.mac} --note`, 'Room 7');
    await stage.run(`device assign ${phone.mac} 1500`);
    expect(await stage.listed(phone.mac)).to.include({ serial: 'AB-1', remark: 'Room 7', extension: '1500' });
    const file = join(stage.core.directory, 'devices.csv');
    await stage.run('device export --out', file);
    expect(readFileSync(file, 'utf8')).to.contain('Room 7').and.to.contain('1500').and.to.contain('AB-1');
  });

  it('2.15 A phone cannot be entered by a table without its MAC, nor twice', async () => {
    const file = join(stage.core.directory, 'in.csv');
    const load = async (text: string): Promise<unknown> => {
      writeFileSync(file, text);
      return stage.run('device import', file, '--apply');
    };
    expect(await refusalOf(load('mac,family\n,yealink\n'))).to.include({ code: 'invalid' });
    await stage.run(`device add --family yealink --mac ${phone.mac}`);
    expect(await refusalOf(stage.run(`device add --family yealink --mac ${phone.mac}`))).to.include({
      code: 'conflict',
    });
  });
});
