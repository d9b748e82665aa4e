import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { waitFor } from '../support/wait.ts';
import { withOwnAsterisk } from '../support/withOwnAsterisk.ts';

const run = promisify(execFile);
const UNITS = ['selfprov', 'selfprov-asterisk'] as const;
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

describe('The units for systemd', function () {
  this.timeout(60_000);
  const docs = readFileSync(join(packageRoot, 'docs/operate.md'), 'utf8');
  let directory: string;
  const running: ChildProcess[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'selfprov-units-'));
    await chmod(directory, 0o750);
  });
  after(async () => {
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      // All of its group: what it has started has another user since, and does not hear that it is gone.
      process.kill(-child.pid, 'SIGKILL');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  });

  for (const unit of UNITS) {
    it(`leave ${unit} no more than the page says: systemd-analyze security`, async () => {
      const said = new RegExp(`^\\| \`${unit}\\.service\` +\\| (\\d)\\.(\\d) `, 'm').exec(docs);
      const threshold = `--threshold=${said?.[1]}${said?.[2]}`;
      const file = join(packageRoot, 'systemd', `${unit}.service`);
      const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', threshold, file]);
      expect(stdout).to.contain(`Overall exposure level for ${unit}.service`);
    });
  }

  it('are understood whole: systemd-analyze verify', async () => {
    const files = await Promise.all(
      UNITS.map(async (unit) => {
        const text = readFileSync(join(packageRoot, 'systemd', `${unit}.service`), 'utf8');
        const file = join(directory, `${unit}.service`);
        await writeFile(file, text.replace('/usr/bin/selfprov', join(packageRoot, 'bin/selfprov')));
        return file;
      }),
    );
    const { stdout, stderr } = await run('systemd-analyze', ['--man=no', 'verify', ...files]);
    expect(stdout + stderr).to.equal('');
  });

  it(`leave what is needed to run an Asterisk and to serve a phone beside it${isRoot ? '' : ': only root can try'}`, async function () {
    if (!isRoot) this.skip();
    await chown(directory, NOBODY, NOBODY);
    const { environment: env, url, health } = await withOwnAsterisk('/media');
    const start = (unit: string): (() => string) => {
      const script = join(packageRoot, 'test/support/asService.sh');
      const child = spawn('sh', [script, unit, packageRoot, directory], {
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
      running.push(child);
      return () => said;
    };
    const asterisk = start('selfprov-asterisk.service');
    await waitFor(() => asterisk().includes('Asterisk runs'), { what: asterisk, limit: 30_000 });
    const selfprov = start('selfprov.service');
    await waitFor(async () => (await fetch(health)).ok, { what: selfprov, limit: 20_000 });
    const file = await fetch(`${url}001565aabbcc.cfg`, {
      headers: { 'user-agent': 'Yealink SIP-T46S 66.86.0.15' },
    });
    expect(await file.text()).to.contain('account.1.enable = 1');
    expect(selfprov()).not.to.match(/"level":"error"/);
  });
});
