import { expect } from 'chai';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import knex from 'knex';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { stateOf } from '../../../src/domain/handOver.ts';
import type { Line } from '../../../src/domain/device.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { packageRoot } from '../../../src/packageRoot.ts';
import { MIGRATIONS } from '../../../src/store/migrate.ts';
import { openStore, type OpenStore } from '../../../src/store/open.ts';
import { FIRST_TENANT } from '../../support/core.ts';
import { isSecretOf } from '../../support/isSecretOf.ts';
import { waitFor } from '../../support/wait.ts';

const FIXTURES = join(packageRoot, 'test/fixtures/upgrade');
const [USERS, GOING_OVER, NOBODYS, RELEASED] = [
  '001565aabb01',
  '000413aabb02',
  '001565aabb03',
  '001565aabb04',
] as const;
type Row = Readonly<Record<string, unknown>>;

/** Version 2 as it is, or as a later one has made it its own when that was started on it. */
async function makeDatabase(file: string, version: number): Promise<void> {
  const raw = new Database(file);
  raw.exec(readFileSync(join(FIXTURES, '002.sql'), 'utf8'));
  raw.close();
  if (version === 2) return;
  const database = knex({ client: 'better-sqlite3', connection: { filename: file }, useNullAsDefault: true });
  const migrations = MIGRATIONS.slice(0, version);
  await database.raw('PRAGMA foreign_keys = OFF');
  await database.migrate.latest({
    migrationSource: {
      getMigrations: () => Promise.resolve([...migrations]),
      getMigrationName: (migration: (typeof MIGRATIONS)[number]) => migration.name,
      getMigration: (migration: (typeof MIGRATIONS)[number]) => Promise.resolve(migration),
    },
  });
  await database.destroy();
}

/** `002.sql` was written by that version itself: phones enrolled, handed over, released; PINs keyed; names changed. */
for (let version = 2; version < MIGRATIONS.length; version++)
  describe(`A database of version ${version} of the schema`, () => {
    let directory: string;
    let file: string;
    let opened: OpenStore;
    let accounts: Readonly<Record<string, readonly Row[]>>;

    const read = (): Readonly<Record<string, readonly Row[]>> => {
      const raw = new Database(file, { readonly: true });
      const views = ['ps_endpoints', 'ps_auths', 'ps_aors'];
      const all = views.map((view) => [view, raw.prepare(`SELECT * FROM ${view} ORDER BY id`).all() as Row[]]);
      raw.close();
      return Object.fromEntries(all);
    };

    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'selfprov-upgrade-'));
      file = join(directory, 'selfprov.sqlite');
      await makeDatabase(file, version);
      chmodSync(file, 0o660);
      const siteKey = join(directory, 'site.key');
      copyFileSync(join(FIXTURES, '002.key'), siteKey);
      chmodSync(siteKey, 0o600);
      accounts = read();
      opened = await openStore({ database: { file }, siteKey }, FIRST_TENANT);
    });
    after(async () => {
      await opened.close();
      rmSync(directory, { recursive: true });
    });

    const linesOf = (mac: string): Promise<readonly Line[]> => opened.store.lines(mac);
    const state = async (mac: string): Promise<string> =>
      stateOf(await linesOf(mac), await opened.store.handOversOf(mac));

    it('is copied before anything in it is changed, for nobody else to read', () => {
      expect(statSync(`${file}.before-migration-${version + 1}`).mode & 0o777).to.equal(0o600);
      expect(readdirSync(directory).filter((name) => name.includes('before'))).to.have.length(1);
    });

    // It is the same copy for all.
    const itOnce = version === 2 ? it : () => undefined;
    itOnce('is copied whole, though a process was killed over it', async function () {
      this.timeout(30_000);
      const folder = mkdtempSync(join(tmpdir(), 'selfprov-upgrade-'));
      const [database, siteKey] = [join(folder, 'selfprov.sqlite'), join(folder, 'site.key')];
      const raw = new Database(database);
      raw.exec(readFileSync(join(FIXTURES, '002.sql'), 'utf8'));
      raw.exec('CREATE TABLE much (content)');
      for (let i = 0; i < 40; i++) raw.exec('INSERT INTO much VALUES (randomblob(1000000))');
      raw.close();
      copyFileSync(join(FIXTURES, '002.key'), siteKey);
      chmodSync(siteKey, 0o600);
      const open = `import { openStore } from ${JSON.stringify(join(packageRoot, 'src/store/open.ts'))};
      await openStore(${JSON.stringify({ database: { file: database }, siteKey })}, ${JSON.stringify(FIRST_TENANT)});`;
      const process = spawn(execPath, ['--import', 'tsx', '--input-type=module', '-e', open], { cwd: packageRoot });
      const hasBegun = (): boolean => readdirSync(folder).some((name) => name.includes('before-migration'));
      await waitFor(() => hasBegun() || undefined, { what: 'the copy', limit: 20_000 });
      process.kill('SIGKILL');
      await once(process, 'exit');
      await (await openStore({ database: { file: database }, siteKey }, FIRST_TENANT)).close();
      const copy = new Database(`${database}.before-migration-3`, { readonly: true });
      expect(copy.prepare('SELECT count(*) AS rows FROM much').get()).to.deep.equal({ rows: 40 });
      copy.close();
      rmSync(folder, { recursive: true });
    });

    it('gives Asterisk the same accounts as before: who is registered stays so, and may register again', () => {
      const after = read();
      for (const [view, rows] of Object.entries(accounts)) {
        const known = after[view] ?? [];
        expect(known.map(({ id }) => id)).to.deep.equal(rows.map(({ id }) => id));
        for (const [at, row] of rows.entries()) expect(known[at], view).to.deep.include(row);
      }
      expect(accounts['ps_endpoints']).to.have.length.greaterThan(3);
    });

    it('keeps what each device is, with whose it is and what it was registered with', async () => {
      expect(await state(USERS)).to.equal('assigned');
      expect(await state(GOING_OVER)).to.equal('handing_over');
      expect(await state(NOBODYS)).to.equal('unassigned');
      expect(await state(RELEASED)).to.equal('unassigned');
      expect((await linesOf(USERS))[0]).to.include({ endpoint: '1500', contact: 'sip:1500@10.0.0.1:5060', slot: 1 });
      expect(await linesOf(NOBODYS)).to.have.length(2);
    });

    it('keeps the secrets of phones and people: they open, and PINs are right', async () => {
      const { store, secrets } = opened;
      for (const mac of [USERS, GOING_OVER, NOBODYS, RELEASED]) {
        for (const { secret, token } of await linesOf(mac)) {
          expect(secret.reveal()).to.have.length(20);
          expect((await store.deviceByToken(token))?.mac).to.equal(mac);
        }
      }
      const ann = await store.userByExtension('default', '1500');
      expect(ann).to.include({ endpoint: '1500', loginId: null, passwordHash: null });
      expect(await isSecretOf(secrets, '840271', ann)).to.equal(true);
      expect((await store.tries('extension', 'default', '1501')).wrong).to.equal(1);
    });

    it('goes on with hand-overs that are under way, and with what is left to do about lines that have ended', async () => {
      const [underWay] = await opened.store.handOversOf(GOING_OVER);
      expect(underWay).to.include({ slot: 1, kind: 'assign', state: 'open' });
      expect((await opened.store.deviceByToken(underWay?.previousToken ?? new Secret('')))?.mac).to.equal(GOING_OVER);
      expect((await opened.store.dueFarewells(Infinity)).map(({ mac }) => mac)).to.include(RELEASED);
    });

    it('gives each device a number, and the tenant what it had', async () => {
      const devices = await opened.store.devices('default');
      expect(new Set(devices.map(({ number }) => number)).size).to.equal(4);
      const tenant = await opened.store.tenant('default');
      expect(tenant).to.include({
        name: 'Example',
        extension: '*55',
        numberExtension: '*57',
        endpointPattern: '{extension}',
      });
      expect(tenant?.policySays).to.deep.equal({ prompts: ['en'] });
    });
  });
