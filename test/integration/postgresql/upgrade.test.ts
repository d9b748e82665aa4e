import { expect } from 'chai';
import type { Knex } from 'knex';
import * as initial from '../../../migrations/001_initial.ts';
import * as second from '../../../migrations/002_one_line_for_each_who_asks.ts';
import type { Secret } from '../../../src/domain/secret.ts';
import { openPostgres } from '../../../src/store/postgres/openPostgres.ts';
import { past } from '../../support/connectTo.ts';
import { postgres } from '../../support/testDatabase.ts';

describe('A PostgreSQL database of an earlier version', () => {
  let url: Secret;
  before(async () => {
    url = await (await postgres()).newDatabase();
    const migrations = { '001_initial': initial, '002_one_line_for_each_who_asks': second };
    await past({ url }, async (database) => {
      await database.migrate.latest({
        migrationSource: {
          getMigrations: () => Promise.resolve(Object.keys(migrations)),
          getMigrationName: (name: string) => name,
          getMigration: (name: keyof typeof migrations) => Promise.resolve(migrations[name]),
        },
      });
      await database.raw('CREATE ROLE "the asterisk"');
      await database.raw('GRANT SELECT ON ps_endpoints, ps_auths TO "the asterisk"');
    });
  });
  after(async () => (await postgres()).dropDatabase(url));

  const mayRead = (database: Knex, view: string): Promise<boolean> =>
    database
      .raw<{ rows: { may: boolean }[] }>(`SELECT has_table_privilege('the asterisk', ?, 'SELECT') AS may`, [view])
      .then(({ rows }) => rows[0]?.may === true);

  it('is brought up to date by the first of several that start at once, and Asterisk may read what it could', async () => {
    const engines = await Promise.all([openPostgres(url), openPostgres(url), openPostgres(url)]);
    await past({ url }, async (database) => {
      expect(await database('knex_migrations').select()).to.have.length.greaterThan(6);
      expect(await mayRead(database, 'ps_endpoints'), 'a view that was made anew').to.equal(true);
      expect(await mayRead(database, 'ps_auths')).to.equal(true);
      expect(await mayRead(database, 'ps_aors'), 'it never could').to.equal(false);
      expect(await mayRead(database, 'lines')).to.equal(false);
    });
    await Promise.all(engines.map((engine) => engine.close()));
  });
});
