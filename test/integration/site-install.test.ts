import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../src/config.ts';
import { withConfigFile } from '../../src/configFile.ts';
import { installAt, removeFrom, writeAt } from '../../src/siteInstall.ts';
import { refusalOf } from '../support/refusal.ts';

describe('Files of an Asterisk, changed and changed back', () => {
  let directory: string;
  let etc: string;
  let own: string;
  const settings = () => ({
    SELFPROV_DIR: directory,
    SELFPROV_CONFIG: join(own, 'selfprov.env'),
    SELFPROV_USERS_CONTEXT: 'users',
    SELFPROV_EMERGENCY_NUMBERS: '112',
    SELFPROV_EMERGENCY_CONTEXT: 'emergency',
  });
  const at = () => ({ etc, apply: true });
  const install = () => installAt(readConfig(settings()), own, at());
  const remove = () => removeFrom(readConfig(settings()), own, at());

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'selfprov-test-'));
    [etc, own] = [join(directory, 'etc'), join(directory, 'own')];
    mkdirSync(etc);
    writeFileSync(join(etc, 'extensions.conf'), '[users]\n');
    writeFileSync(join(etc, 'pjsip.conf'), '');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('a file that was empty is there again, one that was not is gone, and so is the folder of selfprov', async () => {
    await install();
    await remove();
    expect(readdirSync(etc).toSorted()).to.deep.equal(['extensions.conf', 'pjsip.conf']);
    expect(readFileSync(join(etc, 'pjsip.conf'), 'utf8')).to.equal('');
    expect(existsSync(own)).to.equal(false);
  });

  it('what somebody else has put into the folder of selfprov stays', async () => {
    await install();
    writeFileSync(join(own, 'notes.txt'), 'mine');
    await remove();
    expect(readdirSync(own)).to.deep.equal(['notes.txt']);
  });

  it('keep every byte, whatever an editor has written, and their rights', async () => {
    const bytes = Buffer.from('[1001]\ntype = endpoint\ncallerid = M\xfcller <1001>\n', 'latin1');
    writeFileSync(join(etc, 'pjsip.conf'), bytes, { mode: 0o600 });
    chmodSync(join(etc, 'pjsip.conf'), 0o600);
    await install();
    expect(readFileSync(join(etc, 'pjsip.conf')).subarray(0, bytes.length).equals(bytes)).to.equal(true);
    expect(statSync(join(etc, 'pjsip.conf')).mode & 0o777).to.equal(0o600);
    await remove();
    expect(readFileSync(join(etc, 'pjsip.conf')).equals(bytes)).to.equal(true);
    expect(readdirSync(etc).filter((name) => name.includes('before-selfprov'))).to.deep.equal([]);
  });

  it('are not followed to where somebody with less rights has laid a link', async () => {
    const victim = join(directory, 'shadow');
    writeFileSync(victim, 'root only', { mode: 0o600 });
    symlinkSync(victim, join(etc, 'pjsip.conf.partial'));
    symlinkSync(join(directory, 'made'), join(etc, 'pjsip.conf.before-selfprov'));
    await install();
    expect([readFileSync(victim, 'utf8'), existsSync(join(directory, 'made'))]).to.deep.equal(['root only', false]);
    const elsewhere = join(directory, 'elsewhere');
    mkdirSync(elsewhere);
    own = join(directory, 'link');
    symlinkSync(elsewhere, own);
    expect((await refusalOf(install())).message).to.contain('is a link');
    expect((await refusalOf(remove())).message).to.contain('is a link');
  });

  it('have settings beside them that only their owner reads, with what the administrator wrote there', async () => {
    mkdirSync(own);
    const file = join(own, 'selfprov.env');
    writeFileSync(file, '# ticket 4711\nSELFPROV_USERS_CONTEXT=users\n', { mode: 0o644 });
    const settled = { ...settings(), SELFPROV_TEMPLATES: "/srv/it's mine" };
    await installAt(readConfig(settled), own, at());
    const text = readFileSync(file, 'utf8');
    expect(text).to.match(/^# ticket 4711\n# In the database since, .*: SELFPROV_USERS_CONTEXT=users\n/);
    expect(text).to.contain(`SELFPROV_TEMPLATES="/srv/it's mine"\n`);
    expect(statSync(file).mode & 0o077).to.equal(0);
    expect(withConfigFile({ SELFPROV_CONFIG: file })['SELFPROV_TEMPLATES']).to.equal("/srv/it's mine");
  });

  it('of an Asterisk are never written over with those of selfprov, whoever names its folder', async () => {
    writeFileSync(join(etc, 'asterisk.conf'), '[options]\n');
    const before = readFileSync(join(etc, 'extensions.conf'), 'utf8');
    expect((await refusalOf(writeAt(readConfig(settings()), etc))).message).to.contain('a folder of its own');
    expect((await refusalOf(removeFrom(readConfig(settings()), etc, { etc: own, apply: true }))).code).to.equal(
      'invalid',
    );
    expect(readFileSync(join(etc, 'extensions.conf'), 'utf8')).to.equal(before);
  });

  it('name an endpoint of the name that NOTIFYs come from once', async () => {
    writeFileSync(join(etc, 'pjsip.conf'), '[default_outbound_endpoint]\ntype = endpoint\n');
    await install();
    expect(readFileSync(join(own, 'pjsip.conf'), 'utf8')).not.to.contain('[default_outbound_endpoint]');
  });

  it('can be taken out while the database is broken', async () => {
    await install();
    writeFileSync(join(directory, 'selfprov.sqlite'), 'no database any more');
    rmSync(join(directory, 'selfprov.sqlite-wal'), { force: true });
    mkdirSync(join(etc, 'old.conf'));
    const { left } = await remove();
    expect(left.join()).to.contain('stay until they run out');
    expect(readFileSync(join(etc, 'extensions.conf'), 'utf8')).to.equal('[users]\n');
  });

  it('are refused as the folder of selfprov: its files have the same names', async () => {
    own = etc;
    expect((await refusalOf(install())).message).to.contain('a folder of its own');
    expect((await refusalOf(remove())).message).to.contain('a folder of its own');
    expect(readdirSync(etc)).to.have.length(2);
  });
});
