import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../src/config.ts';
import { installAt, removeFrom } from '../../src/siteInstall.ts';
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

  it('are refused as the folder of selfprov: its files have the same names', async () => {
    own = etc;
    expect((await refusalOf(install())).message).to.contain('a folder of its own');
    expect((await refusalOf(remove())).message).to.contain('a folder of its own');
    expect(readdirSync(etc)).to.have.length(2);
  });
});
