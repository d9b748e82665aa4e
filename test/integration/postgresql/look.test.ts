import { expect } from 'chai';
import { readConfig } from '../../../src/config.ts';
import { unreadableFindings } from '../../../src/doctorHere.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { lookAtDatabase } from '../../../src/store/look.ts';
import { WITH_PASSWORD } from '../../support/postgres.ts';
import { refusalOf } from '../../support/refusal.ts';
import { databases, postgres } from '../../support/testDatabase.ts';

describe('A PostgreSQL that is looked at', () => {
  it('and is not there, or does not let us in, is told from one that nothing is in yet', async () => {
    const pool = await databases();
    const url = await pool.take();
    const empty = await (await postgres()).newDatabase();
    const look = (wanted: string): ReturnType<typeof lookAtDatabase> => lookAtDatabase({ url: new Secret(wanted) });
    const as = (who: string): string => url.reveal().replace(/\/\/[^@]+@/, `//${who}@`);
    try {
      expect((await look(url.reveal()))?.pending).to.deep.equal([]);
      expect(await look(empty.reveal())).to.equal(undefined);
    } finally {
      await pool.giveBack(url);
      await (await postgres()).dropDatabase(empty);
    }
    for (const [wanted, why] of [
      [empty.reveal(), 'database "\\w+" does not exist'],
      [as('nobody_here'), 'role "nobody_here" does not exist'],
      [as(`${WITH_PASSWORD}:sesame`), 'password authentication failed'],
      ['postgresql://selfprov@127.0.0.1:1/selfprov', 'connect ECONNREFUSED'],
    ] as const) {
      const refusal = await refusalOf(look(wanted));
      expect(refusal.code).to.equal('unavailable');
      const [finding] = unreadableFindings(readConfig({ SELFPROV_DATABASE_URL: wanted }), refusal);
      expect(finding?.says).to.match(new RegExp(`^postgresql://[^@]+: the database says: ${why}`));
      expect(finding?.todo).to.match(/^does PostgreSQL run .*SELFPROV_DATABASE_URL/);
    }
  });
});
