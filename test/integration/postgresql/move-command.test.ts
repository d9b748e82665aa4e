import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { addUser } from '../../../src/administration/users.ts';
import type { Secret } from '../../../src/domain/secret.ts';
import { packageRoot } from '../../../src/packageRoot.ts';
import { past } from '../../support/connectTo.ts';
import { openTestCoreOn, type TestCore } from '../../support/core.ts';
import { WITH_PASSWORD } from '../../support/postgres.ts';
import { PROGRAM } from '../../support/selfprovProcess.ts';
import { databases } from '../../support/testDatabase.ts';

describe('selfprov move-database, as an administrator types it', function () {
  this.timeout(30_000);
  let core: TestCore;
  let target: Secret;
  beforeEach(async () => {
    core = await openTestCoreOn(undefined);
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: '840271' });
    target = await (await databases()).take();
  });
  afterEach(async () => {
    await core.close();
    await (await databases()).giveBack(target);
  });

  function type(input: string, environment: Readonly<Record<string, string>>, ...args: string[]) {
    return new Promise<{ status: number; out: string; error: string }>((resolve) => {
      const [command, ...before] = PROGRAM;
      const env = { PATH: process.env['PATH'] ?? '', SELFPROV_DIR: core.directory, ...environment };
      const child = execFile(command, [...before, ...args], { env, cwd: packageRoot }, (failure, out, error) =>
        resolve({ status: Number(failure?.code ?? 0), out, error }),
      );
      child.stdin?.end(input);
    });
  }

  it('takes the URL from standard input, and says what there is to do; every command finds the users there', async () => {
    await core.leave();
    const { status, out, error } = await type(`${target.reveal()}\n`, {}, 'move-database', '--to', '-');
    expect([status, error]).to.deep.equal([0, '']);
    expect(out)
      .to.match(/^\d+ rows are in postgresql:\/\//)
      .and.to.match(/^users +1$/m)
      .and.to.contain('SELFPROV_DATABASE_URL')
      .and.to.contain(join(core.directory, 'site.key'));
    const settings = { SELFPROV_DATABASE_URL: target.reveal() };
    expect((await type('', settings, 'user', 'list')).out).to.contain('1500');

    const from = join(core.directory, 'selfprov.sqlite');
    const again = await type('', settings, 'move-database', '--from', from);
    expect([again.status, again.out]).to.deep.equal([1, '']);
    expect(again.error).to.contain('not empty');
  });

  it('ends, and says so, when PostgreSQL asks for a password and the URL has none', async () => {
    await past({ url: target }, async (database) => {
      await database.raw(`CREATE ROLE ${WITH_PASSWORD} LOGIN PASSWORD 'secret of theirs'`);
    });
    const url = target.reveal().replace('//selfprov@', `//${WITH_PASSWORD}@`);
    const { status, error } = await type('', { SELFPROV_DATABASE_URL: url }, 'user', 'list');
    await past({ url: target }, (database) => database.raw(`DROP ROLE ${WITH_PASSWORD}`));
    expect(status).to.equal(1);
    expect(error)
      .to.contain('it asks for a password, and the URL has none')
      .and.to.not.match(/\n\s+at /);
  });

  it('takes no password that others can see, and does not show it', async () => {
    const { status, error } = await type('', {}, 'move-database', '--to', 'postgresql://me:geheim@db/selfprov');
    expect(status).to.equal(1);
    expect(error).to.contain('standard input').and.to.not.contain('geheim');
    expect((await type('nonsense geheim\n', {}, 'move-database', '--to', '-')).error).to.not.contain('geheim');
  });
});
