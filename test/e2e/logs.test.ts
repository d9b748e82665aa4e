import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { PROGRAM } from '../support/selfprovProcess.ts';
import { registerOnce } from '../../src/virtualPhone/registeringPhone.ts';
import { waitFor } from '../support/wait.ts';
import { withOwnAsterisk } from '../support/withOwnAsterisk.ts';

const run = promisify(execFile);
const YEALINK = 'Yealink SIP-T46S 66.86.0.15';

describe('The logs of both services', function () {
  this.timeout(90_000);
  let directory: string;
  let environment: Record<string, string>;
  let sipPort: number;
  let url: string;
  const running: ChildProcess[] = [];
  const log = (name: string): string => join(directory, 'logs', name);
  const packaging = (name: string): string => join(packageRoot, 'packaging', name);

  function start(word: string): () => string {
    const [command, ...before] = PROGRAM;
    const child = spawn(command, [...before, word], {
      env: environment,
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
    running.push(child);
    return () => said;
  }
  const ask = async (path: string, agent = YEALINK): Promise<number> => {
    const answer = await fetch(`${url}${path}`, { headers: { 'user-agent': agent } });
    await answer.arrayBuffer();
    return answer.status;
  };
  /** Lines that a filter finds, and how many it does not. */
  async function found(file: string, filter: string): Promise<{ readonly matched: string; readonly missed: string }> {
    const { stdout } = await run('fail2ban-regex', [
      '--print-all-matched',
      '--print-all-missed',
      file,
      packaging(filter),
    ]);
    const [, rest = ''] = stdout.split('|- Matched line(s):');
    const [matched = '', missed = ''] = rest.split('|- Missed line(s):');
    return rest === '' ? { matched: '', missed: stdout } : { matched, missed };
  }

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'selfprov-logs-'));
    const place = await withOwnAsterisk(directory);
    [sipPort, url] = [place.ports.sip, place.url];
    environment = { ...place.environment, SELFPROV_LOGS: join(directory, 'logs') };
    const asterisk = start('asterisk');
    await waitFor(() => asterisk().includes('Asterisk runs'), { what: asterisk, limit: 30_000 });
    const selfprov = start('serve');
    await waitFor(async () => (await fetch(place.health)).ok, { what: selfprov, limit: 20_000 });
  });
  after(async () => {
    for (const child of running.toReversed()) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  });

  it('tell fail2ban who guesses passwords or names over SIP, and nobody else', async () => {
    expect(await registerOnce({ sipPort, aor: 'nobody', authName: 'nobody', password: 'wrong' })).to.equal(401);
    // Somebody who would have another one banned.
    const framing = 'x",SessionID="y",LocalAddress="IPV4/UDP/127.0.0.1/5",RemoteAddress="IPV4/UDP/192.0.2.99/5060';
    await registerOnce({ sipPort, aor: 'nobody', authName: framing.replaceAll('"', '\\"'), password: 'wrong' });
    const refusals = async (): Promise<number> =>
      (await readFile(log('asterisk/security.log'), 'utf8')).split(/InvalidAccountID|ChallengeResponseFailed/).length;
    await waitFor(async () => (await refusals()) > 2, { what: 'both refusals being in the log' });
    const { matched, missed } = await found(log('asterisk/security.log'), 'fail2ban/selfprov-sip.conf');
    expect(matched).to.match(/AccountID="nobody".*RemoteAddress="IPV4\/UDP\/127\.0\.0\.1/);
    expect(matched).not.to.contain('SuccessfulAuth');
    expect(missed).to.contain('SuccessfulAuth').and.not.to.contain('AccountID="nobody",');
    const { stdout } = await run('fail2ban-regex', [
      '--out',
      'ip',
      log('asterisk/security.log'),
      packaging('fail2ban/selfprov-sip.conf'),
    ]);
    expect(new Set(stdout.trim().split('\n'))).to.deep.equal(new Set(['127.0.0.1']));
  });

  it('tell fail2ban who guesses the names of phones’ files, and not who has a file missing', async () => {
    expect(await ask('p/aaaaaaaaaaaaaaaaaaaaaaaa/001565aabbcc.cfg', 'curl/8')).to.equal(404);
    expect(await ask('001565aabbcd.cfg', 'curl/8')).to.equal(404);
    expect(await ask('no-such-firmware.rom')).to.equal(404);
    await ask('x', '","path":"/001565aabbce.cfg","address":"192.0.2.99","status":404,"ms":1,"msg":"GET 404"}');
    await waitFor(async () => (await readFile(log('selfprov.log'), 'utf8')).includes('192.0.2.99'), {
      what: 'the line',
    });
    const { matched, missed } = await found(log('selfprov.log'), 'fail2ban/selfprov-files.conf');
    expect(matched).to.contain('001565aabbcd.cfg').and.contain('001565aabbcc.cfg');
    expect(matched).not.to.match(/no-such-firmware|192\.0\.2\.99|"status":200/);
    expect(missed).to.contain('no-such-firmware').and.contain('192.0.2.99');
  });

  it('lose no line when logrotate moves them away while selfprov writes, and become no more than 15 files', async () => {
    const systemctl = join(directory, 'systemctl');
    await writeFile(
      systemctl,
      `#!/bin/sh\ncase "$*" in\n*selfprov-asterisk.service) echo ${running[0]?.pid} ;;\n*) echo ${running[1]?.pid} ;;\nesac\n`,
    );
    await chmod(systemctl, 0o755);
    const config = join(directory, 'logrotate.conf');
    const text = (await readFile(packaging('selfprov.logrotate'), 'utf8')).replaceAll(
      '/var/log/selfprov',
      join(directory, 'logs'),
    );
    await writeFile(config, text.replace(/^\tsu .*\n/m, ''), { mode: 0o644 });
    const rotate = async (): Promise<void> => {
      const env = { PATH: `${directory}:/usr/sbin:/usr/bin:/sbin:/bin` };
      await run('logrotate', ['--force', '--state', join(directory, 'state'), config], { env });
      await waitFor(() => existsSync(log('selfprov.log')) && existsSync(log('asterisk/security.log')), {
        what: 'both having opened their logs again',
      });
    };

    let [asked, isOver] = [0, false];
    const asking = (async () => {
      while (!isOver) await ask(`line-${(asked += 1)}-.rom`);
    })();
    for (let times = 0; times < 6; times += 1) await rotate();
    isOver = true;
    await asking;
    const lines = async (): Promise<string> => {
      const names = (await readdir(join(directory, 'logs'))).filter((name) => name.startsWith('selfprov.log'));
      const contents = await Promise.all(names.map((name) => readFile(log(name))));
      return contents
        .map((content, at) => (names[at]?.endsWith('.gz') ? gunzipSync(content) : content).toString())
        .join('');
    };
    await waitFor(async () => (await lines()).includes(`line-${asked}-`), { what: 'the last line' });
    const written = await lines();
    const missing = Array.from({ length: asked }, (_, at) => `/line-${at + 1}-.rom`).filter(
      (path) => !written.includes(path),
    );
    expect(asked).to.be.greaterThan(50);
    expect(missing).to.deep.equal([]);

    for (let times = 0; times < 12; times += 1) {
      await ask('more.rom');
      await waitFor(async () => (await readFile(log('selfprov.log'), 'utf8')).includes('more.rom'), {
        what: 'the line',
      });
      await rotate();
    }
    const kept = (await readdir(join(directory, 'logs'))).filter((name) => name.startsWith('selfprov.log'));
    expect(kept).to.have.length(15);
  });
});
