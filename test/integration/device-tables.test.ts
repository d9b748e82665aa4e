import { expect } from 'chai';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeTenant } from '../../src/administration/tenants.ts';
import { changeDevice } from '../../src/administration/devices.ts';
import { deviceLines, devicesKind } from '../../src/administration/tables/devices.ts';
import { exportTable } from '../../src/administration/tables/exportTable.ts';
import { importDevices, previewDevices, urlTable } from '../../src/administration/tables/importDevices.ts';
import { writePrivately } from '../../src/cli/privateFile.ts';
import { Secret } from '../../src/domain/secret.ts';
import { countsOf } from '../../src/administration/tables/planTable.ts';
import { addUser } from '../../src/administration/users.ts';
import { blockDevice } from '../../src/administration/whoseDevice.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { listDevices } from '../support/listDevices.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { refusalOf } from '../support/refusal.ts';
import { stateOfDevice } from '../support/steps.ts';
import { ON_POSTGRES } from '../support/testDatabase.ts';

const families = shippedFamilies();
const facts = { families: () => families, openUrl: () => 'http://phones.example/' };
const MAC = '001565aabb01';

describe('A table of devices', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
    for (const extension of ['1500', '1501']) {
      await addUser(core, { tenantId: 'default', extension, name: `User ${extension}` });
    }
  });
  afterEach(() => core.close());

  const file = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'));
  async function load(...lines: readonly string[]): Promise<Readonly<Record<string, number>>> {
    const bytes = file(...lines);
    const plan = await previewDevices(core, facts, 'default', bytes);
    expect(plan.mistakes, JSON.stringify(plan.mistakes)).to.deep.equal([]);
    await importDevices(core, facts, 'default', bytes, plan, null);
    return countsOf(plan);
  }
  const expectRefused = async (work: Promise<unknown>): Promise<void> => {
    const outcome = await work.then(
      () => 'done',
      () => 'refused',
    );
    expect(outcome).to.equal('refused');
  };
  async function ask(mac: string, address: string, userAgent = 'Yealink SIP-T46S 66.86.0.15'): Promise<string> {
    const claim = { token: null, address };
    const request = { path: `/${mac}.cfg`, userAgent, method: 'GET', transport: 'http', claim } as const;
    const answer = await answerRequest(answerNeeds(core), request);
    return answer?.kind === 'rendered' ? answer.body.toString() : '';
  }

  it('enters devices with their users, before they have ever asked for anything', async () => {
    const header = 'mac;family;model;serial;note;user';
    expect(await load(header, `${MAC};yealink;T46S;ab-123;Room 7;1500`)).to.include({ new: 1 });
    const [shown] = await listDevices(core, facts, 'default');
    expect(shown).to.include({ mac: MAC, serial: 'AB-123', remark: 'Room 7', extension: '1500' });
    expect(await stateOfDevice(core, MAC)).to.equal('assigned');
  });

  it('shows what it would change, and changes nothing that is as it is', async () => {
    await load('mac,family,note', `${MAC},yealink,Room 7`);
    const plan = await previewDevices(core, facts, 'default', file('mac,note,user', `${MAC},Room 8,1500`));
    expect(plan.lines[0]?.change).to.deep.include({ what: 'changed', fields: { note: 'Room 8', user: '1500' } });
    expect(await load('mac,note', `${MAC},Room 7`)).to.include({ unchanged: 1 });
  });

  it('names each mistake with its line, and enters nothing', async () => {
    const lines = [
      'mac,family,user,user-2,profile,time-zone',
      '00:15:65:aa:bb:02,yealink,1999,,,',
      'no mac,yealink,,,,',
      '00:15:65:aa:bb:03,nokia,,,,',
      '00:15:65:aa:bb:04,,,,,',
      '00:15:65:aa:bb:05,yealink,1500,1500,,',
      '00:15:65:aa:bb:06,yealink,,,Nobody,',
      '00:15:65:aa:bb:07,yealink,,,,Mars/Olympus',
      '00:15:65:aa:bb:07,yealink,,,,',
    ];
    const { mistakes } = await previewDevices(core, facts, 'default', file(...lines));
    expect(mistakes.map(({ line, column }) => `${line} ${column}`)).to.have.members([
      ...['2 user', '3 mac', '4 family', '5 family', '6 user-2', '7 profile', '8 time-zone', '9 mac'],
    ]);
    expect(await core.store.devices('default')).to.deep.equal([]);
  });

  it('takes a phone from nobody', async () => {
    await load('mac,family,user', `${MAC},yealink,1500`);
    const { mistakes } = await previewDevices(core, facts, 'default', file('mac,user', `${MAC},1501`));
    expect(mistakes[0]?.message).to.contain('1500').and.to.contain('release');
  });

  it('names what its devices would be refused for: a second line of one user, and a block', async () => {
    const adapter = '000b82aabb02';
    await load('mac,family,model,user', `${adapter},grandstream-ht,HT802,1500`, `${MAC},yealink,T46S,`);
    await blockDevice(core, MAC);
    const lines = file('mac,user,user-2', `${adapter},,1500`, `${MAC},1501,`);
    const { mistakes } = await previewDevices(core, facts, 'default', lines);
    expect(mistakes.map(({ line, column }) => `${line} ${column}`)).to.deep.equal(['2 user-2', '3 user']);
  });

  it('is not imported when the URLs of its devices cannot be kept', async () => {
    const table = join(core.directory, 'devices.csv');
    writeFileSync(table, file('mac,family', `${MAC},yealink`));
    const urls = (name: string): Promise<string> =>
      command(core, 'device', 'import', table, '--apply', '--force', '--urls', join(core.directory, name));
    await expectRefused(urls('nowhere/urls.csv'));
    await expectRefused(urls('.'));
    expect(await core.store.devices('default')).to.deep.equal([]);
    await urls('urls.csv');
    const [line] = await core.store.lines(MAC);
    expect(readFileSync(join(core.directory, 'urls.csv'), 'utf8')).to.contain(`/p/${line?.token.reveal()}/`);
  });

  it('comes out as it went in', async () => {
    await load('mac,family,model,serial,note,user,time-zone', `${MAC},yealink,T46S,S1,=Room 7,1500,Europe/Paris`);
    const { columns } = await devicesKind(core.store, families, 'default');
    const { csv } = exportTable(columns, await deviceLines(core.store, 'default'));
    expect(csv).to.contain('Europe/Paris').and.to.contain('1500');
    expect(await load(...csv.trimEnd().split('\r\n'))).to.include({ unchanged: 1 });
  });

  it('enters nothing when the URLs cannot be written, and no URL is left when nothing is entered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfprov-urls-'));
    const kept = join(folder, 'urls.csv');
    const bytes = file('mac,family', `${MAC},yealink`);
    const plan = await previewDevices(core, facts, 'default', bytes);
    const into = (path: string): Promise<void> =>
      importDevices(core, facts, 'default', bytes, plan, (urls, commit) =>
        writePrivately([{ path, content: async () => urlTable(urls) }], false, commit),
      );
    try {
      const lost = into(join(folder, 'absent', 'urls.csv'));
      expect(await lost.catch((error: Error) => error.message)).to.contain('no such file');
      expect(await core.store.devices('default')).to.deep.equal([]);

      await into(kept);
      const [, url = ''] = /^mac,url\r\n[^,]+,(\S+)\r\n$/.exec(readFileSync(kept, 'utf8')) ?? [];
      const claim = { token: new Secret(url.split('/').at(-2) ?? ''), address: '10.1.0.5' };
      const request = { path: `/${MAC}.cfg`, userAgent: 'Yealink SIP-T46S 66.86.0.15', method: 'GET', claim } as const;
      expect(await answerRequest(answerNeeds(core), { ...request, transport: 'http' })).to.include({
        kind: 'rendered',
      });
      rmSync(kept);

      expect(await refusalOf(into(kept)), 'planned before it was entered').to.include({ code: 'conflict' });
      expect(existsSync(kept), 'of an import that came to nothing').to.equal(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('comes out as it went in, with a phone of a family that there are no files for', async () => {
    const unserved = families.all.find((family) => family.files.size === 0 && family.data.oui.length > 0);
    await ask(`${unserved?.data.oui[0] ?? ''}aabbcc`.slice(0, 12).toLowerCase(), '10.0.0.9', '');
    expect(await deviceLines(core.store, 'default')).to.have.length(1);
    const { columns } = await devicesKind(core.store, families, 'default');
    const { csv } = exportTable(columns, await deviceLines(core.store, 'default'));
    expect(await load(...csv.trimEnd().split('\r\n'))).to.include({ unchanged: 1 });
  });

  it('thousands of them are one transaction', async function () {
    this.timeout(120_000);
    // Ten statements each, and on PostgreSQL each goes there and back.
    const many = ON_POSTGRES ? 2000 : 10_000;
    const macs = Array.from({ length: many }, (_, at) => `001565${at.toString(16).padStart(6, '0')}`);
    const begun = performance.now();
    const bytes = file('mac,family,note', ...macs.map((mac) => `${mac},yealink,Room`));
    const plan = await previewDevices(core, facts, 'default', bytes);
    const seen = performance.now();
    await importDevices(core, facts, 'default', bytes, plan, null);
    const done = performance.now();
    process.stdout.write(`      preview ${Math.round(seen - begun)} ms, import ${Math.round(done - seen)} ms\n`);
    expect(await core.store.devices('default')).to.have.length(many);
  });

  describe('and a device in it that comes up', () => {
    beforeEach(() => load('mac,family,serial,user', `${MAC},yealink,S1,1500`));

    it('is its user’s phone without a call, from a network that the tenant trusts', async () => {
      expect(await ask(MAC, '10.1.0.5'), 'no proof yet').to.equal('');
      await changeTenant(core, 'default', {
        texts: { inventoryProof: 'network', trustedNetworks: '10.1.0.0/16,fd00::/8' },
      });
      expect(await ask(MAC, '10.2.0.5'), 'another network').to.equal('');
      expect(await ask(MAC, '10.1.0.5')).to.contain('1500');
      expect(await ask(MAC, '10.1.0.5'), 'once: from then on it has a token').to.equal('');
    });

    it('is not promised to come by its network while none is trusted', async () => {
      const refusal = await refusalOf(changeTenant(core, 'default', { texts: { inventoryProof: 'network' } }));
      expect(refusal.message).to.contain('--trusted-networks');
    });

    it('is nobody’s for who only knows its MAC', async () => {
      await changeTenant(core, 'default', { texts: { inventoryProof: 'serial' } });
      expect(await ask(MAC, '10.1.0.5')).to.equal('');
    });
  });

  it('a device in it has the settings of its profile, until a user has it', async () => {
    await load('mac,family', `${MAC},yealink`);
    const profile = await core.store.addDeviceTemplate({
      tenantId: 'default',
      name: 'Lobby',
      says: { language: 'fr' },
    });
    const like = await core.store.profile('default');
    if (like === undefined) throw new Error('there is no profile');
    await core.store.addProfile({ ...like, name: 'Lobby', deviceTemplateId: profile.id });
    await changeDevice(core, MAC, { profile: 'Lobby' });
    expect(await ask(MAC, '10.1.0.5')).to.match(/lang.*French/);
  });
});
