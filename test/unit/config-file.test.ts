import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { withConfigFile } from '../../src/configFile.ts';

describe('The file of settings', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'selfprov-test-'));
    file = join(directory, 'selfprov.env');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is read by the name that is given, in the folder of the database, or where it usually is', () => {
    writeFileSync(file, '# ours\nSELFPROV_PORT=8580\nSELFPROV_URL=\'http://a b/\'\n\nSELFPROV_LANGUAGE="de"\n');
    const all = { SELFPROV_PORT: '8580', SELFPROV_URL: 'http://a b/', SELFPROV_LANGUAGE: 'de' };
    const nowhere = join(directory, 'none');
    expect(withConfigFile({ SELFPROV_CONFIG: file })).to.include(all);
    expect(withConfigFile({ SELFPROV_DIR: directory }, { usual: nowhere })).to.include(all);
    expect(withConfigFile({}, { usual: file })).to.include(all);
    expect(withConfigFile({}, { usual: nowhere })).to.deep.equal({});
  });

  it('has the last word nowhere: what the environment says holds', () => {
    writeFileSync(file, 'SELFPROV_PORT=8580\n');
    expect(withConfigFile({ SELFPROV_CONFIG: file, SELFPROV_PORT: '1' })).to.include({ SELFPROV_PORT: '1' });
  });

  it('is refused with the line that is none, and where it is missing unless it is to be made', () => {
    writeFileSync(file, 'SELFPROV_PORT=8580\nPORT 8580\n');
    expect(() => withConfigFile({ SELFPROV_CONFIG: file })).to.throw('line 2');
    const missing = { SELFPROV_CONFIG: join(directory, 'other') };
    expect(() => withConfigFile(missing)).to.throw('asterisk-files');
    expect(withConfigFile(missing, { isToBeMade: true })).to.deep.equal(missing);
  });
});
