import { expect } from 'chai';
import { addUser, newPin } from '../../src/administration/users.ts';
import { describeFailure } from '../../src/cli/failure.ts';
import { isPostgres, past } from '../support/connectTo.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';

/** A trigger stands for the disk that is full: the statement fails, not the beginning of its transaction. */
describe('When the database cannot write', () => {
  let core: TestCore;
  let listener: PhonesListener;
  beforeEach(async () => {
    core = await openTestCore();
    listener = await startPhonesListener(core);
  });
  afterEach(async () => {
    await listener.close();
    await core.close();
  });

  async function fill(what: string): Promise<void> {
    await past(core.place.database, async (rows) => {
      if (!isPostgres(rows))
        return rows.raw(`CREATE TRIGGER is_full BEFORE ${what} BEGIN SELECT RAISE(ABORT, 'disk is full'); END`);
      const full = `BEGIN RAISE EXCEPTION 'disk is full'; END`;
      await rows.raw(`CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $$ ${full} $$`);
      return rows.raw(`CREATE TRIGGER is_full BEFORE ${what} FOR EACH ROW EXECUTE FUNCTION full()`);
    });
  }

  it('no credential of a SIP account is in the log', async () => {
    await fill('INSERT ON lines');
    const headers = { 'user-agent': 'Yealink SIP-T46S 66.86.0.15', 'x-forwarded-for': '10.0.0.7' };
    const { status } = await fetch(`http://127.0.0.1:${listener.port}/001565aabb01.cfg`, { headers });
    expect(status).to.equal(500);
    // md5_credential is all that a SIP client needs to log in.
    expect(listener.log.join('')).to.not.match(/md5_credential|'[0-9a-f]{32}'/);
  });

  it('an administrator who chooses a PIN reads no hash of it, and one line', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await fill('UPDATE ON users');
    // Here what is imported late has classes of errors of its own: their names are the same.
    const words = await newPin(core, user, '495027').then(
      () => '',
      (error: Error) => (error.name === 'DatabaseError' ? error.message : describeFailure(error)),
    );
    expect(words).to.not.contain('scrypt$');
    expect(words.split('\n'), words).to.have.length(1);
  });

  it('a limit beyond what the database counts is refused in words, not in SQL', async () => {
    const words = await core.store.events({ limit: 1e20 }).then(() => '', describeFailure);
    expect(words).to.not.contain('select *');
  });
});
