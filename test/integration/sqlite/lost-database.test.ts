import { chmod, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import Database from 'better-sqlite3';
import { readConfig } from '../../../src/config.ts';
import { openCore } from '../../../src/core.ts';
import { refusalOf } from '../../support/refusal.ts';

describe('A database that is lost', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'selfprov-lost-'));
  });
  afterEach(async () => {
    await chmod(directory, 0o700);
    await rm(directory, { recursive: true });
  });
  const config = (): ReturnType<typeof readConfig> => readConfig({ SELFPROV_DIR: directory });

  it('is not made anew beside what is left of it, which stays as it is', async () => {
    const core = await openCore(config());
    // Somebody else has it open, as Asterisk does: what was written last is beside the file.
    const other = new Database(join(directory, 'selfprov.sqlite'));
    other.prepare('SELECT count(*) FROM tenants').get();
    await core.close();
    await rename(join(directory, 'selfprov.sqlite'), join(directory, 'moved.sqlite'));
    const left = await readFile(join(directory, 'selfprov.sqlite-wal'));
    for (const isToBeMade of [true, false]) {
      const { code, message } = await refusalOf(openCore(config(), { isToBeMade }));
      expect(code).to.equal('invalid');
      expect(message).to.match(/selfprov\.sqlite is missing.*selfprov restore FILE/);
    }
    expect(await readFile(join(directory, 'selfprov.sqlite-wal'))).to.deep.equal(left);
    other.close();
  });
});
