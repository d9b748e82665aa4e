import { expect } from 'chai';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openTestCore } from '../support/core.ts';

describe('A new database', () => {
  it('is for its owner and Asterisk’s group alone, with all that SQLite keeps beside it: who reads it can register as anybody', async () => {
    const core = await openTestCore();
    const files = readdirSync(core.directory).filter((name) => name.startsWith('selfprov.sqlite'));
    const modes = files.map((name) => [name, statSync(join(core.directory, name)).mode & 0o777]);
    await core.close();
    expect(files).to.include('selfprov.sqlite-wal');
    for (const [name, mode] of modes) expect(mode, String(name)).to.equal(0o660);
  });
});
