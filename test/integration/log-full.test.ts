import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { freePorts } from '../support/freePorts.ts';
import { environmentOf, PROGRAM } from '../support/selfprovProcess.ts';
import { waitFor } from '../support/wait.ts';

/** What it runs beside is not there: phones are answered all the same. */
describe('selfprov with a log that cannot be written', function () {
  this.timeout(60_000);
  let directory: string;
  let url: string;
  let selfprov: ChildProcess;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'selfprov-log-full-'));
    mkdirSync(join(directory, 'logs'));
    symlinkSync('/dev/full', join(directory, 'logs/selfprov.log'));
    const [http = 0, admin = 0, sip = 0, ari = 0, ami = 0] = await freePorts(5);
    const env = {
      ...environmentOf({ directory, http, admin, sip, databaseUrl: undefined }),
      SELFPROV_LOGS: join(directory, 'logs'),
      SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
      SELFPROV_AMI_PORT: String(ami),
    };
    url = `http://127.0.0.1:${admin}`;
    const [command, ...before] = PROGRAM;
    selfprov = spawn(command, [...before, 'serve'], { env, cwd: packageRoot, stdio: 'ignore' });
    await waitFor(
      async () => selfprov.exitCode !== null || (await fetch(`${url}/healthz`).catch(() => undefined)) !== undefined,
      { what: 'an answer', limit: 20_000 },
    );
  });
  afterEach(() => {
    selfprov.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const part = async (): Promise<unknown> =>
    ((await (await fetch(`${url}/healthz`)).json()) as { readonly log: unknown }).log;

  it('answers, says what is the matter, and ends as told', async () => {
    expect(await part())
      .to.include({ ok: true, state: 'failing' })
      .and.have.property('warning')
      .that.matches(/lines of the log .*ENOSPC/);
    renameSync(join(directory, 'logs'), join(directory, 'gone'));
    selfprov.kill('SIGUSR2');
    expect(await part()).to.include({ ok: true, state: 'failing' });
    const gone = once(selfprov, 'exit');
    selfprov.kill('SIGTERM');
    expect(await gone).to.deep.equal([0, null]);
  });
});
