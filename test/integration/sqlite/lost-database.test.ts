import { chmod, copyFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import Database from 'better-sqlite3';
import { readConfig } from '../../../src/config.ts';
import { openCore } from '../../../src/core.ts';
import { healthOf } from '../../../src/health.ts';
import { siteKey } from '../../../src/secrets/siteKey.ts';
import { openSqlite } from '../../../src/store/sqlite/openSqlite.ts';
import { refusalOf } from '../../support/refusal.ts';

describe('A database that is lost', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'selfprov-lost-'));
    file = join(directory, 'selfprov.sqlite');
  });
  afterEach(async () => {
    await chmod(directory, 0o700);
    await rm(directory, { recursive: true });
  });
  const config = (): ReturnType<typeof readConfig> => readConfig({ SELFPROV_DIR: directory });

  async function isRefused(says: RegExp): Promise<void> {
    for (const isToBeMade of [true, false]) {
      const { code, message } = await refusalOf(openCore(config(), { isToBeMade }));
      expect(code).to.equal('invalid');
      expect(message).to.match(says);
    }
  }

  it('is not made anew beside what is left of it, which stays as it is', async () => {
    const core = await openCore(config());
    const other = new Database(file);
    other.prepare(`UPDATE tenants SET name = 'of a process that was killed'`).run();
    await rename(file, join(directory, 'moved.sqlite'));
    const left = await readFile(`${file}-wal`);
    expect(left.length).to.be.above(0);
    await isRefused(/selfprov\.sqlite is missing.*selfprov restore FILE/);
    expect(await readFile(`${file}-wal`)).to.deep.equal(left);
    other.close();
    await core.close().catch(() => undefined);
  });

  it('is not made anew beside its site key, and it is said what to type to begin anew', async () => {
    await (await openCore(config())).close();
    for (const lose of [() => rm(file), () => writeFile(file, '')]) {
      await lose();
      await isRefused(/selfprov\.sqlite is missing or empty.*restore FILE.*mv .*site\.key .*site\.key\.old$/);
      expect((await stat(file).catch(() => ({ size: 0 }))).size).to.equal(0);
    }
    await rename(join(directory, 'site.key'), join(directory, 'site.key.old'));
    await (await openCore(config())).close();
  });

  it('makes a service that has it open unwell, whether nothing or another one is in its place', async () => {
    const core = await openCore(config());
    const database = async (): Promise<unknown> => {
      const asterisks = { all: [], health: () => ({}) };
      const templates = () => ({ families: 0, error: null });
      return (await healthOf({ config: config(), core, asterisks, templates, logTrouble: () => undefined })())[
        'database'
      ];
    };
    expect(await database()).to.include({ ok: true });
    await rename(file, `${file}.old`);
    expect(await database())
      .to.include({ ok: false, state: 'down' })
      .and.have.property('error')
      .that.contains('selfprov.sqlite is gone');
    await copyFile(`${file}.old`, file);
    expect(await database())
      .to.include({ ok: false, state: 'down' })
      .and.have.property('error')
      .that.contains('another file');
    await rename(`${file}.old`, file);
    expect(await database()).to.include({ ok: true });
    await core.close();
  });

  it('is none as long as the first start has not come as far as the key, wherever that was stopped', async () => {
    const key = join(directory, 'site.key');
    const stops = [
      () => writeFile(file, ''),
      async () => (await openSqlite(file, () => undefined)).close(),
      async () => (await openSqlite(file, () => undefined)).close().then(() => siteKey(key)),
    ];
    for (const stopped of stops) {
      await stopped();
      await (await openCore(config())).close();
      await Promise.all([file, key].map((each) => rm(each)));
    }
  });

  it('of another program is left alone, to the byte', async () => {
    const foreign = new Database(file);
    foreign.exec(`CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES ('Yesterday')`);
    foreign.close();
    const before = await readFile(file);
    await isRefused(/^\S+selfprov\.sqlite is the database of another program: [^\n]*SELFPROV_DATABASE[^\n]*$/);
    expect(await readFile(file)).to.deep.equal(before);
    const migrated = new Database(file);
    migrated.exec(`CREATE TABLE knex_migrations (name TEXT); INSERT INTO knex_migrations VALUES ('1_songs')`);
    migrated.close();
    await isRefused(/is the database of another program/);
    expect(await readdir(directory)).to.deep.equal(['selfprov.sqlite']);
  });

  it('is whole in its file alone once it has been closed, also while Asterisk has it open', async () => {
    for (const isOpenElsewhere of [false, true]) {
      const other = isOpenElsewhere ? new Database(file) : undefined;
      const core = await openCore(config());
      const name = `the last, ${isOpenElsewhere}`;
      await core.store.transaction((inside) => inside.updateTenant('default', { name }));
      other?.prepare('SELECT count(*) FROM tenants').get();
      await core.close();
      expect((await stat(`${file}-wal`).catch(() => ({ size: 0 }))).size).to.equal(0);
      await writeFile(join(directory, 'copy.sqlite'), await readFile(file));
      const copy = new Database(join(directory, 'copy.sqlite'));
      const rows = copy.prepare('SELECT name FROM tenants').pluck().all();
      copy.close();
      expect(rows).to.deep.equal([name]);
      other?.close();
    }
  });
});
