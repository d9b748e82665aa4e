import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newDevice } from '../../../src/provisioning/files/enrolDevice.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { command } from '../../support/command.ts';

const at = { family: 'yealink', name: 'T46S-66.86.0.15.rom' };
const seen = (firmware: string | null) => ({ family: 'yealink', model: 'T46S', firmware, address: '192.0.2.1' });
interface Listed {
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

describe('Firmware by the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const folder = () => join(core.directory, 'files', 'yealink');
  const names = async (family = 'yealink') =>
    (await api.call<Listed>('listFamilyFiles', { at: { family } })).body.items.map(({ name }) => name);

  it('lies there byte by byte as it was sent, and in the place of what was there', async () => {
    expect(await names()).to.deep.equal([]);
    for (const size of [3_000_000, 10]) {
      const content = Buffer.alloc(size, `${size}`);
      const { status, body } = await api.call('putFamilyFile', { at, body: content });
      const sha256 = createHash('sha256').update(content).digest('hex');
      expect({ status, body }).to.deep.equal({ status: 200, body: { name: at.name, size, sha256 } });
      expect(readFileSync(join(folder(), at.name)).equals(content)).to.equal(true);
    }
    expect(await names()).to.deep.equal([at.name]);
    expect((await api.call('removeFamilyFile', { at })).status).to.equal(204);
    expect((await api.call('removeFamilyFile', { at })).status).to.equal(404);
    expect(await names()).to.deep.equal([]);
  });

  it('is refused under a name that is none, or that is made here for each phone, and of a family that there is not', async () => {
    const put = async (where: object) =>
      (await api.call('putFamilyFile', { at: { ...at, ...where }, body: Buffer.from('x') })).status;
    for (const name of ['.hidden', '../x', 'a/b', 'a\\b', '%2e%2e', 'x'.repeat(200), 'a\nb'])
      expect(await put({ name }), name).to.equal(400);
    expect(await put({ name: '001565aabbcc.cfg' })).to.equal(409);
    expect(await put({ family: 'nosuch' })).to.equal(404);
    expect(await put({ family: '..' })).to.equal(404);
    expect((await api.call('listFamilyFiles', { at: { family: '..' } })).status).to.equal(404);
    expect((await api.call('removeFamilyFile', { at: { family: '..', name: 'site.key' } })).status).to.equal(404);
    expect(readdirSync(core.directory)).to.not.contain('files');
  });

  it('is not there at all when it breaks off', async () => {
    const { url } = api;
    const token = await api.token(['write']);
    await api.call('putFamilyFile', { at, body: Buffer.from('the one before') });
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const abort = new AbortController();
    async function* slowly() {
      yield Buffer.from('half of');
      begin();
      await new Promise((resolve) => abort.signal.addEventListener('abort', resolve));
    }
    const sending = fetch(`${url}/api/v1/families/yealink/files/${at.name}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      body: slowly(),
      duplex: 'half',
      signal: abort.signal,
    });
    await begun;
    while (readdirSync(folder()).length < 2) await new Promise(setImmediate);
    abort.abort();
    await sending.catch(() => undefined);
    while (readdirSync(folder()).length > 1) await new Promise(setImmediate);
    expect(readFileSync(join(folder(), at.name), 'utf8')).to.equal('the one before');
  });

  it('stays as it is when it was to be put on a condition, which is none here', async () => {
    await api.call('putFamilyFile', { at, body: Buffer.from('the one before') });
    const headers = { 'if-match': '"other"' };
    expect((await api.call('putFamilyFile', { at, body: Buffer.from('x'), headers })).status).to.equal(400);
    expect(readFileSync(join(folder(), at.name), 'utf8')).to.equal('the one before');
  });

  it('takes what was left of one that a dead process was putting', async () => {
    mkdirSync(folder(), { recursive: true });
    const left = ['.3f2b8c1e-0d4a-4c1b-9a55-0123456789ab.part', '.9f2b8c1e-0d4a-4c1b-9a55-0123456789ab.part'];
    for (const name of left) writeFileSync(join(folder(), name), 'half');
    utimesSync(join(folder(), left[0] ?? ''), new Date(0), new Date(0));
    await api.call('putFamilyFile', { at, body: Buffer.from('x') });
    expect(readdirSync(folder()).toSorted()).to.deep.equal([left[1], at.name]);
  });

  it('is put and removed by who may change what holds for everybody, and read by the others', async () => {
    const mine = await api.token(['write'], 'default');
    const reader = await api.token(['read']);
    expect((await api.call('putFamilyFile', { at, body: Buffer.from('x'), token: mine })).status).to.equal(403);
    expect((await api.call('putFamilyFile', { at, body: Buffer.from('x'), token: reader })).status).to.equal(403);
    expect((await api.call('removeFamilyFile', { at, token: mine })).status).to.equal(403);
    expect((await api.call('listFamilyFiles', { at, token: mine })).status).to.equal(200);
  });

  it('is told by model and version, how many phones of each, and what they are to have', async () => {
    const add = (mac: string, firmware: string | null) =>
      core.store.addDevice(newDevice(mac, 'default', seen(firmware), 0));
    await add('001565000001', '66.86.0.15');
    await add('001565000002', '66.86.0.15');
    await add('001565000003', '66.85.0.5');
    await add('001565000004', null);
    const set = { model: 'T46S', file: at.name, version: '66.86.0.15' };
    await api.call('setFirmware', { body: { model: 'T4*', file: 'other.rom' } });
    const { body } = await api.call<Listed>('setFirmware', { body: set });
    const firmware = `T46S=${at.name}@66.86.0.15`;
    const of = { family: 'yealink', model: 'T46S', firmware };
    expect(body.items).to.deep.equal([
      { ...of, version: null, devices: 1 },
      { ...of, version: '66.85.0.5', devices: 1 },
      { ...of, version: '66.86.0.15', devices: 2 },
    ]);
    expect((await core.store.tenant('default'))?.deviceSays.firmware).to.have.length(2);
    await api.call('setFirmware', { body: { model: 't46s', file: null } });
    const { items } = (await api.call<Listed>('listVersions')).body;
    expect(items[0]).to.include({ firmware: 'T4*=other.rom' });
    await api.call('setFirmware', { body: { model: 'T4*', file: null } });
    expect((await core.store.tenant('default'))?.deviceSays).to.not.have.property('firmware');
    expect((await api.call('setFirmware', { body: { ...set, model: 'A=b;C' } })).status).to.equal(400);
  });

  it('is told by the command in the same words', async () => {
    const rom = join(core.directory, 'new.rom');
    writeFileSync(rom, 'firmware');
    mkdirSync(folder(), { recursive: true });
    expect(await command(core, 'firmware', 'add-file', 'yealink', rom, '--name', at.name)).to.contain('8 bytes');
    expect(await command(core, 'firmware', 'files', 'yealink')).to.contain(at.name);
    expect(await command(core, 'firmware', 'set', 'T46S', at.name, '--firmware-version', '1')).to.contain('sync start');
    await core.store.addDevice(newDevice('001565000001', 'default', seen('66.86.0.15'), 0));
    expect(await command(core, 'firmware', 'list')).to.contain(`T46S=${at.name}@1`);
    await command(core, 'firmware', 'remove-file', 'yealink', at.name);
    expect(readdirSync(folder())).to.deep.equal([]);
  });
});
