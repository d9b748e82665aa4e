import Database from 'better-sqlite3';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { packageRoot } from '../../../src/packageRoot.ts';
import { answerRequest } from '../../../src/provisioning/files/answerRequest.ts';
import { checkUser } from '../../../src/provisioning/secrets/checkSecret.ts';
import { moveDatabase, type TableMoved } from '../../../src/store/move/moveDatabase.ts';
import { openStore } from '../../../src/store/open.ts';
import { answerNeeds } from '../../support/answerNeeds.ts';
import { connectTo, past } from '../../support/connectTo.ts';
import { FIRST_TENANT, openTestCoreOn, type TestCore } from '../../support/core.ts';
import { tablesIn } from '../../support/everythingIn.ts';
import { manyDevices } from '../../support/manyDevices.ts';
import { oneOfEach, PHONES, PIN } from '../../support/oneOfEach.ts';
import { refusalOf } from '../../support/refusal.ts';
import { enrol } from '../../support/steps.ts';
import { databases, postgres } from '../../support/testDatabase.ts';

type Tables = Readonly<Record<string, readonly unknown[]>>;

describe('A database that is moved from SQLite to PostgreSQL', function () {
  this.timeout(30_000);
  let core: TestCore;
  let file: string;
  let siteKey: string;
  let target: Secret;

  beforeEach(async () => {
    core = await openTestCoreOn(undefined);
    file = join(core.directory, 'selfprov.sqlite');
    siteKey = join(core.directory, 'site.key');
    target = await (await databases()).take();
  });
  afterEach(async () => {
    await (await databases()).giveBack(target);
    rmSync(core.directory, { recursive: true, force: true });
  });

  /** As an administrator does: selfprov is stopped before. */
  async function move(): Promise<readonly TableMoved[]> {
    await core.leave();
    return moveDatabase(file, target, siteKey);
  }
  const rowsOf = (database: Knex): Promise<Tables> =>
    tablesIn(database).then(async (names) => {
      const ours = names.filter((name) => !name.startsWith('knex'));
      return Object.fromEntries(await Promise.all(ours.map(async (name) => [name, await database(name).select()])));
    });
  const moved = (): Promise<Tables> => past({ url: target }, rowsOf);
  const inFile = (): Promise<Tables> => past({ file }, rowsOf);
  const isEmpty = async (): Promise<boolean> => Object.values(await moved()).every((rows) => rows.length === 0);
  const change = (sql: string): Promise<unknown> => past({ url: target }, (database) => database.raw(sql));
  const onInsert = async (table: string, body: string): Promise<void> => {
    await change(`CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`);
    await change(`CREATE TRIGGER spoils BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION spoil()`);
  };

  it('has every row of every table, and is as it was in SQLite', async () => {
    await oneOfEach(core);
    await core.leave();
    const before = await inFile();
    const empty = Object.entries(before).filter(([, rows]) => rows.length === 0);
    expect(empty, 'a table that nothing is known of').to.deep.equal([]);

    const counts = await move();
    expect(Object.fromEntries(counts.map(({ table, rows }) => [table, rows]))).to.deep.equal(
      Object.fromEntries(Object.entries(before).map(([name, rows]) => [name, rows.length])),
    );
    const plain = (tables: Tables): readonly unknown[] =>
      Object.values(tables).map((rows) => rows.map((row) => JSON.stringify(inNumbers(row))).toSorted());
    expect(plain(await moved())).to.deep.equal(plain(before));
    expect(await inFile()).to.deep.equal(before);
  });

  it('gives every phone the same file as before, byte for byte, takes the same PIN, and goes on', async () => {
    await oneOfEach(core);
    const before = await filesOf(core);
    expect(Object.keys(before).length).to.be.greaterThan(6);
    const events = await core.store.events({ limit: 999 });
    await move();

    const opened = await openStore({ database: { url: target }, siteKey }, FIRST_TENANT);
    const after = { ...core, ...opened };
    expect(await filesOf(after)).to.deep.equal(before);
    const user = orNotFound(await after.store.userByExtension('default', '1500'), 'user');
    const asker = { device: { tenantId: 'default', mac: PHONES.nobodys, family: 'yealink' }, line: 'phone-y' };
    const keyed = { user, number: '1500', secret: new Secret(PIN) };
    expect(await checkUser(after, asker, keyed)).to.equal(true);
    // New numbers are nobody's of before.
    await enrol(after, '001565aabb99', '10.0.0.99');
    expect((await after.store.events({ limit: 9999 })).length).to.be.greaterThan(events.length);
    expect((await after.store.device('001565aabb99'))?.number).to.be.greaterThan(1005);
    await opened.close();
  });

  it('is as large as it was: thousands of phones, and no number is given twice', async () => {
    await manyDevices(core, 2500, { register: false });
    for (let at = 0; at < 3; at++) await core.store.addEvent({ step: 'called', tenantId: 'default' });
    await core.store.removeEvents(Date.now() + 1000);
    const counts = await move();
    expect(counts)
      .to.deep.include({ table: 'devices', rows: 2500 })
      .and.to.deep.include({ table: 'lines', rows: 2500 });
    const opened = await openStore({ database: { url: target }, siteKey }, FIRST_TENANT);
    await opened.store.addEvent({ step: 'called', tenantId: 'default' });
    expect((await opened.store.events({ limit: 9 })).map(({ id }) => id)).to.deep.equal(['4']);
    await opened.close();
  });

  it('may be moved into one that has no table yet', async () => {
    await enrol(core, PHONES.nobodys);
    await core.leave();
    const bare = await (await postgres()).newDatabase();
    expect(await moveDatabase(file, bare, siteKey)).to.deep.include({ table: 'devices', rows: 1 });
    await (await postgres()).dropDatabase(bare);
  });

  describe('is refused, and nothing is there afterwards,', () => {
    it('while anybody has it open, were it only Asterisk that reads its accounts', async () => {
      expect(await refusalOf(moveDatabase(file, target, siteKey))).to.include({ code: 'conflict' });
      await core.leave();
      const asterisk = connectTo({ file });
      await asterisk('ps_auths').select();
      const refusal = await refusalOf(moveDatabase(file, target, siteKey));
      expect(refusal.message).to.match(/open: stop selfprov, and Asterisk/);
      await asterisk.destroy();
      expect(await isEmpty()).to.equal(true);
    });

    it('to nobody else while it lasts: who starts selfprov meanwhile is sent away', async () => {
      await enrol(core, PHONES.nobodys);
      await onInsert('events', 'PERFORM pg_sleep(0.3); RETURN NEW;');
      await core.leave();
      const moving = moveDatabase(file, target, siteKey);
      const late = new Database(file, { timeout: 0 });
      expect(() => late.prepare('SELECT * FROM devices').get()).to.throw(/locked/);
      late.close();
      await moving;
    });

    it('when the other is not empty', async () => {
      const started = await openStore({ database: { url: target }, siteKey }, FIRST_TENANT);
      await started.close();
      const refusal = await refusalOf(move());
      expect(refusal).to.include({ code: 'conflict' });
      expect(refusal.message).to.match(/not empty, there are rows in \w+/);
    });

    it('without its site key, and with another one', async () => {
      await enrol(core, PHONES.nobodys);
      await core.leave();
      writeFileSync(join(core.directory, 'other.key'), `${'ab'.repeat(32)}\n`, { mode: 0o600 });
      const other = await refusalOf(moveDatabase(file, target, join(core.directory, 'other.key')));
      expect(other.message).to.contain('not the site key');
      const none = await refusalOf(moveDatabase(file, target, join(core.directory, 'none.key')));
      expect(none).to.include({ code: 'invalid' });
      expect(await isEmpty()).to.equal(true);
    });

    it('as the database of an earlier version, or something else', async () => {
      await core.leave();
      const directory = mkdtempSync(join(tmpdir(), 'selfprov-move-'));
      const earlier = join(directory, 'earlier.sqlite');
      await past({ file: earlier }, async (database) => {
        await database.raw('CREATE TABLE knex_migrations (id integer, name text)');
        await database('knex_migrations').insert({ id: 1, name: '001_initial' });
      });
      expect((await refusalOf(moveDatabase(earlier, target, siteKey))).message).to.contain('earlier version');
      const text = join(packageRoot, 'README.md');
      copyFileSync(text, join(directory, 'text'));
      expect(await refusalOf(moveDatabase(join(directory, 'text'), target, siteKey))).to.include({ code: 'invalid' });
      expect(readFileSync(join(directory, 'text'))).to.deep.equal(readFileSync(text));
      expect(await refusalOf(moveDatabase(join(directory, 'none'), target, siteKey))).to.include({ code: 'not_found' });
      rmSync(directory, { recursive: true });
    });

    it('when PostgreSQL cannot be reached, in words without its password', async () => {
      await core.leave();
      const nowhere = new Secret('postgresql://selfprov:geheim@127.0.0.1:1/selfprov');
      const refusal = await refusalOf(moveDatabase(file, nowhere, siteKey));
      expect(refusal).to.include({ code: 'unavailable' });
      expect(refusal.message).to.not.contain('geheim');
    });

    for (const [what, table, body] of [
      ['when something fails in the midst', 'events', `RAISE EXCEPTION 'disk is full';`],
      ['when a row does not come through', 'events', `IF NEW.id = 3 THEN RETURN NULL; END IF; RETURN NEW;`],
      ['when a row is not what it was', 'accounts', `NEW.caller_id = NEW.caller_id || ' '; RETURN NEW;`],
    ] as const) {
      it(what, async () => {
        for (const mac of Object.values(PHONES)) await enrol(core, mac);
        await onInsert(table, body);
        const before = await core.leave().then(inFile);
        const refusal = await refusalOf(move());
        expect(refusal.message).to.match(/^table \w+ (?:cannot be moved|is not the same)/);
        expect(await isEmpty()).to.equal(true);
        expect(await inFile()).to.deep.equal(before);
      });
    }

    it('with a text that PostgreSQL cannot keep, and says in which table', async () => {
      await enrol(core, PHONES.nobodys);
      await core.store.updateDevice(PHONES.nobodys, { note: 'a\0b' });
      const refusal = await refusalOf(move());
      expect(refusal.message).to.match(/^table devices cannot be moved/);
      expect(await isEmpty()).to.equal(true);
    });
  });

  /** What each line of a phone is given, by its own token. */
  async function filesOf(its: TestCore): Promise<Readonly<Record<string, string>>> {
    const files: Record<string, string> = {};
    const devices = [...(await its.store.devices('default')), ...(await its.store.devices('acme'))];
    for (const { mac } of devices) {
      for (const { id, token, address } of await its.store.lines(mac)) {
        const claim = { token, address: address ?? '10.9.9.9' };
        const userAgent = 'Yealink SIP-T46S 66.86.0.15';
        const request = { path: `/${mac}.cfg`, userAgent, method: 'GET', transport: 'http', claim } as const;
        const answer = await answerRequest(answerNeeds(its), request);
        files[id] = answer?.kind === 'rendered' ? answer.body.toString() : `none: ${answer?.kind}`;
      }
    }
    return files;
  }
});

/** SQLite has numbers for booleans. */
function inNumbers(row: unknown): unknown {
  const entries = Object.entries(row as object).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([column, value]) => [column, typeof value === 'boolean' ? Number(value) : (value as unknown)]);
}
