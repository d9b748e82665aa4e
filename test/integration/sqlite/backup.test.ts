import Database from 'better-sqlite3';
import { expect } from 'chai';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
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
import { execPath } from 'node:process';
import { addUser } from '../../../src/administration/users.ts';
import { backUp } from '../../../src/backUp.ts';
import type { Restored } from '../../../src/cli/backup.ts';
import { readConfig } from '../../../src/config.ts';
import { packageRoot } from '../../../src/packageRoot.ts';
import { restore } from '../../../src/restore.ts';
import { fingerprintOf, siteKey } from '../../../src/secrets/siteKey.ts';
import { DATABASES, SITE_KEY, writeBackup } from '../../../src/store/backup/archive.ts';
import { openStore } from '../../../src/store/open.ts';
import { holdFolder } from '../../../src/store/sqlite/holdFolder.ts';
import { FIRST_TENANT, openTestCoreOn, type TestCore } from '../../support/core.ts';
import { refusalOf } from '../../support/refusal.ts';

describe('A backup of SQLite', function () {
  this.timeout(60_000);
  let core: TestCore;
  let folder: string;
  let file: string;

  beforeEach(async () => {
    core = await openTestCoreOn(undefined);
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: '840271' });
    folder = mkdtempSync(join(tmpdir(), 'selfprov-backup-test-'));
    file = join(folder, 'selfprov.tar');
  });
  afterEach(async () => {
    await core.leave();
    rmSync(core.directory, { recursive: true, force: true });
    rmSync(folder, { recursive: true });
  });

  const make = (more: { withKey?: boolean; force?: boolean } = {}) =>
    backUp(readConfig(core.environment), { file, withKey: true, force: false, ...more });
  const putBack = (dryRun = false, environment = core.environment): Promise<Restored> =>
    restore(environment, { file, dryRun, confirm: () => Promise.resolve() });
  const place = (): { database: { file: string }; siteKey: string } => ({
    database: { file: join(core.directory, 'selfprov.sqlite') },
    siteKey: join(core.directory, 'site.key'),
  });
  /** All that is in the database is in its one file then. */
  async function leave(): Promise<void> {
    await core.leave();
    const database = new Database(place().database.file);
    database.pragma('journal_mode = DELETE');
    database.close();
  }
  /** Extensions of those who are there; the database opens with the key beside it. */
  async function users(): Promise<readonly string[]> {
    const opened = await openStore(place(), null);
    const all = await opened.store.users('default');
    await opened.close();
    return all.map(({ extension }) => extension);
  }
  /** All that is in the folder of selfprov's data, to the byte. */
  const everything = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      readdirSync(core.directory, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [name, readFileSync(join(core.directory, name), 'base64')]),
    );

  it('is one file for its owner alone, written as one, and not over another one', async () => {
    const mask = process.umask(0);
    try {
      await make();
    } finally {
      process.umask(mask);
    }
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder)).to.deep.equal(['selfprov.tar']);
    const before = readFileSync(file);
    expect(await refusalOf(make()))
      .to.include({ code: 'conflict' })
      .and.have.property('message')
      .that.contains('--force');
    expect(readFileSync(file).equals(before)).to.equal(true);
    await make({ force: true });
    expect(readFileSync(file).equals(before)).to.equal(false);
  });

  it('brings all of it back after all has been lost, with the rights that it had', async () => {
    mkdirSync(join(core.directory, 'tls'));
    writeFileSync(join(core.directory, 'tls/authority.pem'), 'of phones', { mode: 0o640 });
    writeFileSync(join(core.directory, 'asterisk.env'), 'SELFPROV_ARI_PASSWORD=once\n', { mode: 0o600 });
    writeFileSync(join(core.directory, 'selfprov.env'), 'SELFPROV_SIP_PORT=5070\n', { mode: 0o640 });
    chmodSync(core.directory, 0o750);
    const said = {
      ...core.environment,
      SELFPROV_CONFIG: join(core.directory, 'selfprov.env'),
      SELFPROV_SIP_PORT: '5070',
    };
    await backUp(readConfig(said), { file, withKey: true, force: false });
    await core.leave();
    rmSync(core.directory, { recursive: true });
    await putBack();
    expect(await users()).to.deep.equal(['1500']);
    const modes = ['', 'selfprov.sqlite', 'site.key', 'asterisk.env', 'selfprov.env', 'tls/authority.pem'].map((name) =>
      (statSync(join(core.directory, name)).mode & 0o777).toString(8),
    );
    expect(modes).to.deep.equal(['750', '660', '600', '600', '640', '640']);
    expect(readFileSync(join(core.directory, 'selfprov.env'), 'utf8')).to.equal('SELFPROV_SIP_PORT=5070\n');
    expect(readdirSync(core.directory).filter((name) => name.includes('restor'))).to.deep.equal([]);
  });

  it('puts what is there aside, and shows before what it would do', async () => {
    await make();
    await addUser(core, { tenantId: 'default', extension: '1501', name: 'Bob', pin: '840272' });
    await leave();
    const before = everything();
    const shown = await putBack(true);
    expect(shown).to.include({ isDone: false });
    expect(everything()).to.deep.equal(before);
    const { files } = await putBack();
    expect(files.map(({ path }) => path)).to.deep.equal([place().database.file]);
    expect(await users()).to.deep.equal(['1500']);
    const aside = new Database(files[0]?.aside ?? '', { readonly: true });
    expect(aside.prepare('SELECT extension FROM users ORDER BY 1').pluck().all()).to.deep.equal(['1500', '1501']);
    aside.close();
  });

  it('does nothing without a yes', async () => {
    await make();
    await leave();
    const before = everything();
    let asked = '';
    const confirm = (what: string): Promise<void> => {
      asked = what;
      return Promise.reject(new Error('no'));
    };
    const failed = await restore(core.environment, { file, dryRun: false, confirm }).catch((error: unknown) => error);
    expect(failed).to.have.property('message', 'no');
    expect(asked).to.contain('1 users, 0 devices').and.to.contain(place().database.file);
    expect(everything()).to.deep.equal(before);
  });

  it('is refused while anybody has the database open, with nothing changed', async () => {
    await make();
    const other = new Database(place().database.file, { readonly: true });
    other.prepare('SELECT 1 FROM users').all();
    await core.leave();
    const refused = await refusalOf(putBack());
    expect(refused)
      .to.include({ code: 'conflict' })
      .and.have.property('message')
      .that.contains('stop selfprov, and Asterisk');
    other.close();
    expect(readdirSync(core.directory).filter((name) => name.includes('restor'))).to.deep.equal([]);
    await putBack();
  });

  it('is refused while selfprov runs, also one whose database has been deleted', async () => {
    await make();
    await leave();
    rmSync(place().database.file);
    for (const name of ['selfprov', 'selfprov.second']) {
      const held = holdFolder(core.directory, name);
      const refused = await refusalOf(putBack());
      expect(refused).to.include({ code: 'conflict' });
      expect(refused.message).to.contain(`process ${process.pid}): stop it, and Asterisk`);
      expect((await putBack(true)).notes.join('\n')).to.match(/^Not as long as selfprov runs in/);
      expect(existsSync(place().database.file)).to.equal(false);
      await held.close();
    }
    await putBack();
    expect(await users()).to.deep.equal(['1500']);
  });

  it('is looked through by a dry run while selfprov runs, which says what has to be stopped', async () => {
    await make();
    const before = Object.keys(everything());
    const { isDone, notes, manifest } = await putBack(true);
    expect([isDone, manifest.counts.users]).to.deep.equal([false, 1]);
    expect(notes.join('\n')).to.match(/^Not as long as somebody has the database .* open: stop selfprov, and Asterisk/);
    expect(Object.keys(everything())).to.deep.equal(before);
    await leave();
    expect((await putBack(true)).notes).to.deep.equal([]);
  });

  it('goes through a link to where that leads, and takes the place of nothing that is no file', async () => {
    const real = join(folder, 'real.tar');
    writeFileSync(real, '');
    symlinkSync(real, file);
    await make({ force: true });
    expect(lstatSync(file).isSymbolicLink()).to.equal(true);
    expect(statSync(real).size).to.be.above(10_000);
    rmSync(file);
    for (const kind of ['pipe', 'link to a device', 'link to nothing']) {
      if (kind === 'pipe') execFileSync('mkfifo', [file]);
      else symlinkSync(kind === 'link to a device' ? '/dev/null' : join(folder, 'nothing'), file);
      const before = lstatSync(file).ino;
      expect(await refusalOf(make({ force: true })), kind).to.include({ code: 'conflict' });
      expect(lstatSync(file).ino).to.equal(before);
      rmSync(file);
    }
  });

  it('that is a pipe, a device or a folder is refused at once, as is a size that leads back', async () => {
    for (const other of ['/dev/zero', '/dev/null', folder, join(folder, 'pipe')]) {
      if (other.endsWith('pipe')) execFileSync('mkfifo', [other]);
      expect(
        await refusalOf(restore(core.environment, { file: other, dryRun: true, confirm: () => Promise.resolve() })),
      )
        .to.include({ code: 'invalid' })
        .and.have.property('message')
        .that.contains('it is no plain file');
    }
    await make();
    const hostile = readFileSync(file);
    hostile.write('-0000001000\0', 124, 'latin1');
    hostile.fill(' ', 148, 156);
    const sum = hostile.subarray(0, 512).reduce((all, byte) => all + byte, 0);
    hostile.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    writeFileSync(file, hostile);
    expect((await refusalOf(putBack(true))).message).to.contain('it is no tar');
  });

  it('that is none is refused with what is the matter with it', async () => {
    await make();
    const whole = readFileSync(file);
    const says = async (bytes: Buffer): Promise<string> => {
      writeFileSync(file, bytes);
      return (await refusalOf(putBack(true))).message.replace(file, 'FILE');
    };
    const changed = (at: number): Buffer => {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      return damaged;
    };
    const folded = 512 + Math.ceil(Number.parseInt(whole.toString('latin1', 124, 135), 8) / 512) * 512;
    const other = join(folder, 'other.tar');
    writeFileSync(join(folder, 'letter.txt'), 'Dear Ann');
    execFileSync('tar', ['-cf', other, '-C', folder, 'letter.txt']);
    expect(await says(Buffer.from('Dear Ann\n'.repeat(1000)))).to.equal('FILE is no backup of selfprov: it is no tar');
    expect(await says(readFileSync(other))).to.match(
      /^FILE is no backup of selfprov: it is a tar without manifest\.json/,
    );
    expect(await says(whole.subarray(0, whole.length / 2))).to.match(/^FILE is not whole: it ends too early/);
    expect(await says(changed(folded))).to.equal('FILE is damaged: behind manifest.json it is no tar any more');
    expect(await says(changed(folded + 512 + 8192))).to.equal('FILE is damaged: database.sqlite is not what it was');
    expect(await says(changed(512))).to.equal('FILE is damaged: manifest.json in it is no JSON');
  });

  it('is refused when a byte of it is another one, or when it ends too early, with nothing changed', async () => {
    await make();
    await leave();
    const [whole, before] = [readFileSync(file), everything()];
    const places = Array.from({ length: 40 }, (_, at) => Math.trunc((whole.length - 1024) * (at / 40)));
    for (const at of [...places, 156, 600]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(file, damaged);
      const outcome = await refusalOf(putBack(true)).catch(() => undefined);
      // What fills a block up is nobody's.
      if (outcome === undefined) expect(whole[at], `byte ${at}`).to.equal(0);
      else expect(outcome).to.include({ code: 'invalid' });
    }
    for (const length of [0, 100, 512, 1024, whole.length - 1025, whole.length - 512 * 40]) {
      writeFileSync(file, whole.subarray(0, length));
      expect(await refusalOf(putBack()), `${length} bytes`).to.include({ code: 'invalid' });
    }
    expect(everything()).to.deep.equal(before);
  });

  it('is refused when a later version made it, and names that one', async () => {
    const database = place().database.file;
    const copy = join(folder, 'copy');
    await core.leave();
    copyFileSync(database, copy);
    const rights = { mode: 0o600, user: 'nobody', group: 'nogroup' };
    const about = {
      ...{ version: '9.9.9', engine: 'sqlite' as const, settings: null, folder: rights },
      fingerprint: fingerprintOf(siteKey(place().siteKey)),
      counts: { tenants: 1, users: 1, devices: 0 },
    } as const;
    const content = { path: copy, bytes: statSync(copy).size };
    await writeBackup(file, { ...about, migrations: ['001_initial', '002_of_tomorrow'] }, [
      { name: DATABASES.sqlite, content, rights },
      { name: SITE_KEY, content: readFileSync(place().siteKey), rights },
    ]);
    const refused = await refusalOf(putBack());
    expect(refused).to.include({ code: 'invalid' }).and.have.property('message').that.contains('version 9.9.9');
  });

  it('without the key comes back where the key is, and nowhere else', async () => {
    await make({ withKey: false });
    expect(readFileSync(file, 'latin1')).not.to.contain(readFileSync(place().siteKey, 'utf8').trim());
    await core.leave();
    const [key, kept] = [place().siteKey, join(folder, 'kept')];
    copyFileSync(key, kept);
    rmSync(core.directory, { recursive: true });
    expect(await refusalOf(putBack()))
      .to.have.property('message')
      .that.contains('site key');
    mkdirSync(core.directory);
    writeFileSync(key, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    expect(await refusalOf(putBack()))
      .to.have.property('message')
      .that.contains('not the site key');
    copyFileSync(kept, key);
    chmodSync(key, 0o600);
    await putBack();
    expect(await users()).to.deep.equal(['1500']);
  });

  it('is of one moment, though others write all the time', async () => {
    let isOver = false;
    const writing = (async () => {
      for (let at = 0; !isOver; at++) {
        await core.store.transaction(async (store) => {
          await store.addEvent({ step: 'changed', tenantId: 'default', detail: { at, half: 1 } });
          await store.addEvent({ step: 'changed', tenantId: 'default', detail: { at, half: 2 } });
        });
      }
    })();
    try {
      for (let at = 0; at < 5; at++) {
        await make({ force: true });
        const target = mkdtempSync(join(tmpdir(), 'selfprov-backup-test-'));
        await putBack(false, { SELFPROV_DIR: target });
        const database = new Database(join(target, 'selfprov.sqlite'));
        const asked = `SELECT count(*) FROM events WHERE step = 'changed'`;
        expect(Number(database.prepare(asked).pluck().get()) % 2).to.equal(0);
        database.close();
        rmSync(target, { recursive: true });
      }
    } finally {
      isOver = true;
      await writing;
    }
    expect(await core.store.events({ tenantId: 'default', step: 'changed', limit: 10 })).to.have.length(10);
  });

  /** What another selfprov leaves in this folder: another key, and other users. */
  async function another(): Promise<void> {
    for (const name of readdirSync(core.directory)) rmSync(join(core.directory, name), { recursive: true });
    const opened = await openStore(place(), FIRST_TENANT);
    await addUser({ ...core, ...opened }, { tenantId: 'default', extension: '1999', name: 'Zoe', pin: '840279' });
    await opened.close();
  }

  it('leaves all of the one or all of the other, wherever a restore is killed', async () => {
    await make();
    await core.leave();
    const results = new Set<string>();
    for (let renames = 0; ; renames++) {
      await another();
      const [program, ended] = await killedAfter(renames);
      const there = (await users()).join();
      expect(['1500', '1999'], program).to.include(there);
      results.add(there);
      if (ended === 0) break;
      expect(readdirSync(core.directory).filter((name) => name.endsWith('.restoring'))).to.deep.equal([]);
    }
    expect([...results]).to.deep.equal(['1999', '1500']);
  });

  /** A restore in a process that is killed instead of renaming one file more. */
  async function killedAfter(renames: number): Promise<[string, number | null]> {
    const program = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const rename = fs.renameSync;
      let left = ${renames};
      fs.renameSync = (...paths) => (left-- === 0 ? process.kill(process.pid, 'SIGKILL') : rename(...paths));
      syncBuiltinESMExports();
      const { restore } = await import(${JSON.stringify(join(packageRoot, 'src/restore.ts'))});
      await restore(${JSON.stringify(core.environment)}, { file: ${JSON.stringify(file)}, dryRun: false, confirm: async () => {} });`;
    const command = ['--import', 'tsx', '--input-type=module', '-e', program];
    const child = spawn(execPath, command, { cwd: packageRoot, stdio: ['ignore', 'inherit', 'inherit'] });
    const [status] = (await once(child, 'exit')) as [number | null];
    return [`killed instead of rename ${renames}`, status];
  }

  it('takes away what a restore that was killed has left of secrets, and not what one that runs needs', async () => {
    await make();
    const gone = spawn(execPath, ['--version'], { stdio: 'ignore' });
    await once(gone, 'exit');
    const [left, needed] = [gone.pid, process.pid].map((pid) =>
      mkdtempSync(join(tmpdir(), `selfprov-restore-${pid}-`)),
    );
    writeFileSync(join(left ?? '', 'site.key'), 'secret');
    await putBack(true);
    expect([left, needed].map((each) => existsSync(each ?? ''))).to.deep.equal([false, true]);
    rmSync(needed ?? '', { recursive: true });
  });

  it('makes no file that more people can read than selfprov’s own', async () => {
    writeFileSync(join(core.directory, 'asterisk.env'), 'SELFPROV_ARI_PASSWORD=once\n');
    for (const name of ['', 'selfprov.sqlite', 'site.key', 'asterisk.env'])
      chmodSync(join(core.directory, name), 0o600);
    chmodSync(core.directory, 0o700);
    await make();
    const hostile = readFileSync(file)
      .toString('latin1')
      .replaceAll('"mode": 384', '"mode": 511')
      .replace('"mode": 448', '"mode": 511');
    expect(hostile.match(/"mode": 511/g)?.length).to.equal(4);
    writeFileSync(file, hostile, 'latin1');
    await core.leave();
    rmSync(core.directory, { recursive: true });
    await putBack();
    const modes = ['', 'selfprov.sqlite', 'site.key', 'asterisk.env'].map((name) =>
      (statSync(join(core.directory, name)).mode & 0o7777).toString(8),
    );
    expect(modes).to.deep.equal(['770', '660', '600', '600']);
  });

  it('goes where its settings say on a machine that has none', async () => {
    const settings = join(folder, 'etc/selfprov.env');
    mkdirSync(join(folder, 'etc'));
    writeFileSync(settings, `SELFPROV_DIR=${core.directory}\n`, { mode: 0o640 });
    const said = { SELFPROV_CONFIG: settings, SELFPROV_DIR: core.directory };
    await backUp(readConfig(said), { file, withKey: true, force: false });
    await core.leave();
    rmSync(core.directory, { recursive: true });
    rmSync(join(folder, 'etc'), { recursive: true });
    // Who wrote the backup may name any file of this machine: who restores it has to name it too.
    const refused = await refusalOf(putBack(false, {}));
    expect(refused.message).to.contain(`SELFPROV_DIR=${core.directory} SELFPROV_CONFIG=${settings} selfprov restore`);
    expect([existsSync(settings), existsSync(core.directory)]).to.deep.equal([false, false]);
    await putBack(false, said);
    expect(existsSync(settings)).to.equal(true);
    expect(await users()).to.deep.equal(['1500']);
  });
});
