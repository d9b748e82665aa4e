import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../src/store/open.ts';
import { openSqlite } from '../../../src/store/sqlite/openSqlite.ts';
import { FIRST_TENANT } from '../../support/core.ts';

describe('A new database', () => {
  it('is for its owner and Asterisk’s group alone, with all that SQLite keeps beside it: who reads it can register as anybody', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'selfprov-mode-'));
    const [file, siteKey] = [join(directory, 'selfprov.sqlite'), join(directory, 'site.key')];
    const opened = await openStore({ database: { file }, siteKey }, FIRST_TENANT);
    const files = readdirSync(directory).filter((name) => name.startsWith('selfprov.sqlite'));
    const modes = files.map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
    await opened.close();
    rmSync(directory, { recursive: true });
    expect(files).to.include('selfprov.sqlite-wal');
    for (const [name, mode] of modes) expect(mode, String(name)).to.equal(0o660);
  });

  it('is changed without a folder for what SQLite needs for a moment: a service may have none', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'selfprov-mode-'));
    const engine = await openSqlite(join(directory, 'selfprov.sqlite'), () => undefined);
    const kept = await engine.run(engine.database, 'SELECT * FROM pragma_temp_store', []);
    const [written] = (await engine.database.raw('PRAGMA temp_store')) as unknown[];
    await engine.close();
    rmSync(directory, { recursive: true });
    // In memory (sqlite.org/pragma.html#pragma_temp_store).
    expect([...kept, written]).to.deep.equal([{ temp_store: 2 }, { temp_store: 2 }]);
  });
});
