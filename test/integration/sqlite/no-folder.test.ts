import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { serve } from '../../../src/app.ts';
import { readConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/log.ts';
import { packageRoot } from '../../../src/packageRoot.ts';
import { holderOf, holdFolder } from '../../../src/store/sqlite/holdFolder.ts';
import { startAll } from '../../../src/startAll.ts';
import { refusalOf } from '../../support/refusal.ts';
import { PROGRAM } from '../../support/selfprovProcess.ts';

const NOT_LONG = { stop: Promise.resolve(), onSignal: () => undefined };

describe('The folder of a selfprov', function () {
  this.timeout(30_000);
  let own: string;
  beforeEach(async () => {
    own = await mkdtemp(join(tmpdir(), 'selfprov-folder-'));
  });
  afterEach(() => rm(own, { recursive: true, force: true }));

  it('that the system does not make is refused in one line, at once', async () => {
    const [command, ...before] = PROGRAM;
    for (const told of [{ SELFPROV_DIR: '/proc/selfprov' }, { SELFPROV_DIR: own, SELFPROV_LOGS: '/proc/logs' }]) {
      const env = { PATH: process.env['PATH'] ?? '', SELFPROV_ARI_PASSWORD: 'a', SELFPROV_AMI_PASSWORD: 'a', ...told };
      const run = promisify(execFile)(command, [...before, 'serve'], { env, cwd: packageRoot, timeout: 10_000 });
      const { stderr, killed } = await run.then(
        () => ({ stderr: '', killed: false }),
        (error: { readonly stderr: string; readonly killed: boolean }) => error,
      );
      expect([killed, stderr]).to.deep.equal([
        false,
        `selfprov: no folder can be made in /proc: name another place than ${Object.values(told).at(-1)}\n`,
      ]);
    }
  });

  it('is as it was before after a start that was refused', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const passwords = { SELFPROV_ARI_PASSWORD: 'a', SELFPROV_AMI_PASSWORD: 'a' };
    const port = String((taken.address() as AddressInfo).port);
    const refused = [
      (SELFPROV_DIR: string) =>
        serve(readConfig({ SELFPROV_DIR, ...passwords, SELFPROV_HOST: '127.0.0.1', SELFPROV_PORT: port }), {
          log: createLog('silent'),
          trouble: () => undefined,
        }),
      (SELFPROV_DIR: string) => startAll(readConfig({ SELFPROV_DIR, SELFPROV_RTP_PORTS: '12000-12003' }), NOT_LONG),
    ];
    try {
      for (const start of refused) {
        await refusalOf(start(join(own, 'new')));
        expect(existsSync(join(own, 'new'))).to.equal(false);
        mkdirSync(join(own, 'empty'), { recursive: true });
        await refusalOf(start(join(own, 'empty')));
        expect(readdirSync(join(own, 'empty'))).to.deep.equal([]);
      }
    } finally {
      taken.close();
    }
  });

  it('is one process’s at a time, one after the other, and it can be asked whose it is', async () => {
    for (let times = 0; times < 3; times++) {
      const held = holdFolder(own);
      expect(holderOf(own, 'selfprov')).to.equal(String(process.pid));
      expect(holderOf(own, 'selfprov.other')).to.equal(undefined);
      expect((await refusalOf(Promise.resolve().then(() => holdFolder(own)))).message).to.contain(`${process.pid}`);
      await held.close();
      expect(holderOf(own, 'selfprov')).to.equal(undefined);
    }
  });
});
