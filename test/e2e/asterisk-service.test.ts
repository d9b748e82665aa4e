import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { AsteriskInstallation } from '../../src/asterisk/private/findAsterisk.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { freePorts } from '../support/freePorts.ts';
import { notifySocket, type NotifySocket } from '../support/notifySocket.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { PROGRAM, runCli } from '../support/selfprovProcess.ts';
import { consoleOf, theAsterisk } from '../support/theAsterisk.ts';
import { waitFor } from '../support/wait.ts';
import { withOwnAsterisk } from '../support/withOwnAsterisk.ts';

interface Started {
  readonly process: ChildProcess;
  readonly said: () => string;
}

describe('The private Asterisk as a service of its own', function () {
  this.timeout(60_000);
  let installation: AsteriskInstallation;
  let directory: string;
  let environment: Record<string, string>;
  let health: string;
  let url: string;
  let systemd: NotifySocket;
  let asterisk: Started;
  let selfprov: Started;
  let phone: Phone;
  const running: ChildProcess[] = [];

  function run(command: string, args: readonly string[]): Started {
    const child = spawn(command, args, { env: environment, cwd: packageRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    running.push(child);
    return { process: child, said: () => output };
  }
  const command = (word: string): Started => run(PROGRAM[0], [...PROGRAM.slice(1), word]);
  const says = (started: Started, what: string): Promise<unknown> =>
    waitFor(() => started.said().includes(what), { what: () => `"${what}":\n${started.said()}`, limit: 20_000 });
  async function serve(): Promise<void> {
    selfprov = command('serve');
    await waitFor(async () => (await fetch(health)).ok, { what: () => selfprov.said(), limit: 20_000, every: 50 });
  }
  async function end({ process: child }: Started, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
  const inAsterisk = (line: string): Promise<string> => consoleOf(installation, join(directory, 'asterisk/etc'), line);
  const log = (name: string): string => join(directory, 'logs', name);

  before(async () => {
    installation = await theAsterisk();
    directory = await mkdtemp(join(tmpdir(), 'selfprov-two-'));
    const place = await withOwnAsterisk(directory);
    ({ url, health } = place);
    environment = {
      ...place.environment,
      NOTIFY_SOCKET: join(directory, 'notify'),
      WATCHDOG_USEC: '1500000',
      SELFPROV_LOGS: join(directory, 'logs'),
    };
    systemd = await notifySocket(join(directory, 'notify'));
    asterisk = command('asterisk');
    await systemd.says('READY=1');
    await serve();
    phone = await bootPhone({ family: 'yealink', mac: '001565dd0101', provisioningUrl: url });
    await phone.registered();
  });
  after(async () => {
    await phone.close();
    await systemd.close();
    await end(selfprov);
    await end(asterisk);
    for (const child of running) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  it('tells who has started it that it is ready, and that it is alive', async () => {
    await systemd.says('WATCHDOG=1');
    expect(asterisk.said()).to.contain('"selfprov serve" works beside it');
  });

  it('drops no call and no registration while selfprov is killed and started again', async () => {
    const before = await inAsterisk('pjsip show contacts');
    expect(before).to.contain('001565dd0101');
    const call = await phone.dial('112');
    await call.established();
    await end(selfprov, 'SIGKILL');
    expect(await inAsterisk('core show channels count')).to.contain('1 active call');
    await serve();
    expect(await inAsterisk('pjsip show contacts')).to.equal(before);
    await call.hangUp();
    await call.ended();
    const next = await phone.dial('*55');
    await next.established();
    await next.hangUp();
    await next.ended();
  });

  it('is served by one selfprov of a name: a second one in the same folder is refused, whatever its ports', async () => {
    const [http = 0, admin = 0] = await freePorts(2);
    const ports = { SELFPROV_PORT: String(http), SELFPROV_ADMIN_PORT: String(admin) };
    const [program, ...before] = PROGRAM;
    const second = await promisify(execFile)(program, [...before, 'serve'], {
      env: { ...environment, ...ports },
      cwd: packageRoot,
    }).catch((error: unknown) => error as { readonly code: number; readonly stderr: string });
    expect(second).to.include({ code: 1 });
    expect(second.stderr).to.equal(
      `selfprov: selfprov runs in ${directory} already (process ${selfprov.process.pid}): stop that one, or give this one a folder of its own (SELFPROV_DIR)\n`,
    );
    expect((await fetch(health)).ok).to.equal(true);
  });

  it('reads what has changed when it is told to, in the middle of a call', async () => {
    // What has been changed back Asterisk knows already.
    for (const [number, isKnown] of [
      ['*99', false],
      ['*55', true],
      ['*99', false],
    ] as const) {
      const set = ['tenant', 'set', '--extension', number];
      expect(await runCli(environment, set)).to.include({ id: 'default', isKnownToAsterisk: isKnown });
    }
    const call = await phone.dial('112');
    await call.established();
    asterisk.process.kill('SIGHUP');
    await says(asterisk, 'no call was dropped');
    expect(await inAsterisk('core show channels count')).to.contain('1 active call');
    await call.hangUp();
    await call.ended();
    const next = await phone.dial('*99');
    await next.established();
    await next.hangUp();
    await next.ended();
  });

  it('opens its logs again when they have been moved, and so does selfprov', async () => {
    for (const name of ['selfprov.log', 'asterisk/security.log']) await rename(log(name), `${log(name)}.moved`);
    asterisk.process.kill('SIGUSR2');
    selfprov.process.kill('SIGUSR2');
    for (const name of ['selfprov.log', 'asterisk/security.log'])
      await waitFor(() => existsSync(log(name)), { what: `${name} being there again` });
    selfprov.process.kill('SIGHUP');
    await waitFor(async () => (await readFile(log('selfprov.log'), 'utf8')).includes('templates are read again'), {
      what: 'a line in the new log',
    });
  });

  it('moves a log away that has grown too large where nobody else does', async () => {
    await end(selfprov);
    await writeFile(log('selfprov.log'), 'the first line\n');
    await truncate(log('selfprov.log'), 21_000_000);
    await serve();
    expect((await readFile(`${log('selfprov.log')}.old`)).subarray(0, 14).toString()).to.equal('the first line');
    expect(await readFile(log('selfprov.log'), 'utf8')).not.to.contain('the first line');
  });

  it('is ended with what it runs, and says so', async () => {
    await end(asterisk);
    expect(asterisk.process.exitCode).to.equal(0);
    expect(systemd.said()).to.contain('STOPPING=1');
    expect(await inAsterisk('core show uptime').catch(() => 'gone')).not.to.contain('System uptime');
  });
});
