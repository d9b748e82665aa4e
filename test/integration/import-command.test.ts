import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStage, type Stage } from '../support/stage.ts';

const MAC = '001565aabb01';

describe('An import, as an administrator types it', () => {
  let stage: Stage;
  let table: string;
  beforeEach(async () => {
    stage = await openStage();
    await stage.addUser('1500');
    table = join(stage.core.directory, 'table.csv');
    writeFileSync(table, `mac,family,model,user\n${MAC},yealink,T46S,1500\n`);
  });
  afterEach(() => stage.close());

  it('enters no device whose URL cannot be written down', async () => {
    const urls = join(stage.core.directory, 'nowhere', 'urls.csv');
    const failed = await stage.run(`device import ${table} --apply --urls ${urls}`).then(() => '', String);
    expect(failed).to.contain(urls);
    expect(await stage.json('device list')).to.deep.equal([]);
  });

  it('says what becomes of devices whose URLs are in no file', async () => {
    expect(await stage.run(`device import ${table} --apply`))
      .to.contain('--urls')
      .and.to.contain('device url MAC');
    const urls = join(stage.core.directory, 'urls.csv');
    expect(await stage.run(`device import ${table} --apply --urls ${urls}`), 'too late').to.contain('device url MAC');
    expect(readFileSync(urls, 'utf8')).to.not.contain('/p/');
  });

  it('says of such a device that asks without its URL how it can show what it is', async () => {
    await stage.run(`device import ${table} --apply`);
    const path = `${stage.url}${MAC}.cfg`;
    expect((await fetch(path, { headers: { 'user-agent': 'Yealink SIP-T46S 66.86.0.15' } })).status).to.equal(404);
    const { note } = await stage.listed(MAC);
    expect(note).to.contain('device url').and.to.contain('--inventory-proof').and.to.not.contain('release');
    expect(await stage.run(`device show ${MAC}`)).to.match(/turned away .*advice=.*device url/);
  });

  it('shows users as the table has them, and where their PINs would go', async () => {
    writeFileSync(table, 'extension,name,selfProvisioning\n1500,,off\n1501,Bo,\n');
    expect(await stage.run(`user import ${table}`))
      .to.contain('selfProvisioning=on → off')
      .and.to.contain('say where they go');
    const shown = await stage.run(`user import ${table} --pins pins.csv`);
    expect(shown).to.contain('PINs to be made up: 1; for pins.csv').and.to.not.contain('say where');
  });
});
