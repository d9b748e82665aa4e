import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUser } from '../../../src/administration/users.ts';
import { backUp } from '../../../src/backUp.ts';
import type { Restored } from '../../../src/cli/backup.ts';
import { readConfig } from '../../../src/config.ts';
import type { Secret } from '../../../src/domain/secret.ts';
import { restore } from '../../../src/restore.ts';
import { openStore } from '../../../src/store/open.ts';
import { past } from '../../support/connectTo.ts';
import { openTestCoreOn, type TestCore } from '../../support/core.ts';
import { refusalOf } from '../../support/refusal.ts';
import { postgres } from '../../support/testDatabase.ts';

describe('A backup of PostgreSQL', function () {
  this.timeout(60_000);
  let url: Secret;
  let core: TestCore;
  let folder: string;
  let file: string;

  beforeEach(async () => {
    url = await (await postgres()).newDatabase();
    core = await openTestCoreOn(url);
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: '840271' });
    folder = mkdtempSync(join(tmpdir(), 'selfprov-backup-test-'));
    file = join(folder, 'selfprov.tar');
    await backUp(readConfig(core.environment), { file, withKey: true, force: false });
  });
  afterEach(async () => {
    await core.leave();
    await (await postgres()).dropDatabase(url);
    for (const each of [core.directory, folder]) rmSync(each, { recursive: true, force: true });
  });

  const putBack = (dryRun = false): Promise<Restored> =>
    restore(core.environment, { file, dryRun, confirm: () => Promise.resolve() });
  async function users(): Promise<readonly string[]> {
    const opened = await openStore(core.place, null);
    const all = await opened.store.users('default');
    await opened.close();
    return all.map(({ extension }) => extension);
  }

  it('is for its owner alone, and has nothing beside it', () => {
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder)).to.deep.equal(['selfprov.tar']);
  });

  it('takes the place of what is there, and of what later versions have put there, and keeps that', async () => {
    await addUser(core, { tenantId: 'default', extension: '1501', name: 'Bob', pin: '840272' });
    await core.leave();
    await past({ url }, async (database) => {
      await database.raw('CREATE TABLE of_tomorrow (user_id text REFERENCES users (id))');
    });
    expect((await putBack(true)).isDone).to.equal(false);
    const { files } = await putBack();
    expect(await users()).to.deep.equal(['1500']);
    expect(statSync(files[0]?.aside ?? '').mode & 0o777).to.equal(0o600);
    await past({ url }, async (database) => {
      expect(await database('pg_tables').where({ tablename: 'of_tomorrow' })).to.deep.equal([]);
      // The next event gets a number that none has had.
      await database('events').count();
    });
  });

  it('comes back into an empty database, with its key', async () => {
    await core.leave();
    await past({ url }, async (database) => {
      await database.raw('DROP SCHEMA public CASCADE');
      await database.raw('CREATE SCHEMA public');
    });
    rmSync(join(core.directory, 'site.key'));
    await putBack();
    expect(await users()).to.deep.equal(['1500']);
  });

  it('is refused while others use the database, and changes nothing', async () => {
    await past({ url }, async (database) => {
      await database.raw('SELECT 1');
      expect(await refusalOf(putBack())).to.include({ code: 'conflict' });
    });
    expect(await core.store.users('default')).to.have.length(1);
  });

  it('does not come into SQLite', async () => {
    const refused = await refusalOf(
      restore({ SELFPROV_DIR: folder }, { file, dryRun: false, confirm: () => Promise.resolve() }),
    );
    expect(refused.message).to.contain('SELFPROV_DATABASE_URL is not set');
  });
});
