import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { PROGRAM } from '../support/selfprovProcess.ts';
import { waitFor } from '../support/wait.ts';
import { withOwnAsterisk } from '../support/withOwnAsterisk.ts';

/** `selfprov start`: with an Asterisk of its own. */
describe('selfprov start', function () {
  this.timeout(60_000);
  let directory: string;
  let environment: Record<string, string>;
  let adminUrl: string;
  let phonesPort: number;
  let selfprov: ChildProcess;
  let output: string;
  let phone: Phone | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'selfprov-start-'));
    const place = await withOwnAsterisk(directory);
    [phonesPort, adminUrl] = [place.ports.http, place.health];
    environment = { ...place.environment };
  });
  afterEach(async () => {
    await phone?.close();
    phone = undefined;
    if (selfprov.exitCode === null) {
      selfprov.kill('SIGTERM');
      await once(selfprov, 'close');
    }
    await rm(directory, { recursive: true, force: true });
  });

  function start(): void {
    output = '';
    const [command, ...before] = PROGRAM;
    selfprov = spawn(command, [...before, 'start'], {
      env: environment,
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [selfprov.stdout, selfprov.stderr])
      stream?.on('data', (data: Buffer) => (output += data.toString()));
  }
  const isWell = (): Promise<unknown> =>
    waitFor(async () => (await fetch(adminUrl)).ok, { what: () => `being well:\n${output}`, limit: 20_000, every: 50 });
  const says = (what: string, times = 1): Promise<unknown> =>
    waitFor(() => output.split(what).length > times, { what: () => `"${what}":\n${output}`, limit: 20_000 });

  /** Asterisk is the child whose arguments name its configuration. */
  async function asteriskPid(): Promise<number> {
    const config = join(directory, 'asterisk/etc/asterisk.conf');
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
      if (line.split('\0').includes(config)) return Number(name);
    }
    throw new Error('there is no Asterisk');
  }
  async function killAsterisk(): Promise<void> {
    process.kill(await asteriskPid(), 'SIGKILL');
  }
  /** What Asterisk has written down for after its next start. */
  function registrations(): readonly string[] {
    const kept = new Database(join(directory, 'asterisk/var/astdb.sqlite3'), { readonly: true });
    try {
      const rows = kept.prepare(`SELECT key FROM astdb WHERE key LIKE '/registrar/contact/%'`).all();
      return rows.map((row) => (row as { readonly key: string }).key);
    } finally {
      kept.close();
    }
  }

  it('starts an Asterisk again that was killed, and the phones are registered as before', async () => {
    start();
    await isWell();
    const url = `http://127.0.0.1:${phonesPort}/`;
    phone = await bootPhone({ family: 'yealink', mac: '001565dd0001', provisioningUrl: url });
    await phone.registered();
    await waitFor(() => registrations().length > 0, {
      what: () => `one registration being written down: ${registrations().join(', ')}`,
      limit: 15_000,
    });
    const before = registrations();

    await killAsterisk();
    await says('Asterisk has died. Starting it again');
    await says('Asterisk runs again.');
    await isWell();
    expect(registrations()).to.deep.equal(before);
    expect(await readFile(join(directory, 'selfprov.log'), 'utf8')).to.include(
      'Asterisk has died and is started again',
    );
    const call = await phone.dial('*55');
    await call.established();
  });

  it('lets phones in over TLS, and shows what the authority has signed that it tells them of', async () => {
    environment['SELFPROV_SIP_TRANSPORT'] = 'tls';
    start();
    await isWell();
    const url = `http://127.0.0.1:${phonesPort}/`;
    phone = await bootPhone({ family: 'yealink', mac: '001565dd0002', address: '127.0.0.1', provisioningUrl: url });
    const line = await phone.registered();
    expect(line.transport).to.equal('tls');
    const ca = phone.requests.find((request) => request.url === `${url}ca.crt`)?.body;
    // Rejects whom it does not believe, or who is not at this address.
    const connection = connect({ host: '127.0.0.1', port: line.port, ca });
    await once(connection, 'secureConnect');
    connection.destroy();
  });

  it('opens its logs, and those of Asterisk, again when they have been moved away', async () => {
    start();
    await isWell();
    const logs = ['selfprov.log', 'asterisk/log/messages.log'].map((name) => join(directory, name));
    for (const log of logs) await rename(log, `${log}.1`);
    selfprov.kill('SIGUSR2');
    for (const log of logs)
      await waitFor(() => stat(log).catch(() => undefined), { what: () => `${log}:\n${output}`, limit: 10_000 });
    await isWell();
  });

  it('ends with one sentence when Asterisk keeps dying', async () => {
    start();
    await isWell();
    await killAsterisk();
    for (const times of [1, 2]) {
      await says('Asterisk runs again.', times);
      await killAsterisk();
    }
    await once(selfprov, 'close');
    expect(selfprov.exitCode).to.equal(1);
    expect(output.trim().split('\n').at(-1)).to.equal(
      `selfprov: Asterisk died 3 times within a minute and is not started again: see ${directory}/asterisk/log/messages.log`,
    );
  });

  /** What it says when it cannot start; whatever it has started it has ended. */
  async function refusal(): Promise<readonly string[]> {
    start();
    await once(selfprov, 'close');
    expect(selfprov.exitCode, output).to.equal(1);
    return output.trim().split('\n');
  }

  it('says before it starts anything which settings name a port that another program has', async () => {
    const others = [phonesPort, Number(environment['SELFPROV_AMI_PORT'])].map((port) =>
      createServer().listen(port, '127.0.0.1'),
    );
    await Promise.all(others.map((other) => once(other, 'listening')));
    try {
      const [phones = '', ami = '', ...more] = await refusal();
      expect(phones).to.match(
        new RegExp(`^selfprov: SELFPROV_PORT: another program listens on TCP 127.0.0.1:${phonesPort} .*choose another`),
      );
      expect(ami).to.match(/^SELFPROV_AMI_PORT: another program listens on /);
      expect(more).to.deep.equal([]);
      expect(await readdir(directory)).not.to.include('selfprov.sqlite');
    } finally {
      others.forEach((other) => other.close());
    }
  });

  it('says which setting names an address that this machine does not have', async () => {
    environment['SELFPROV_LISTEN'] = '192.0.2.77';
    expect(await refusal()).to.deep.equal([
      'selfprov: SELFPROV_LISTEN: this machine has no address 192.0.2.77 to listen on: "ip -brief address" shows those that it has',
    ]);
  });

  it('leaves one that runs in the same folder alone, and says which process it is', async () => {
    start();
    await isWell();
    const first = selfprov;
    const running = await asteriskPid();
    const said = await refusal();
    selfprov = first;
    expect(said).to.deep.equal([
      `selfprov: selfprov runs in ${directory} already (process ${first.pid}): stop that one, or give this one a folder of its own (SELFPROV_DIR)`,
    ]);
    expect(await asteriskPid()).to.equal(running);
    await isWell();
  });

  it('is not kept from starting by one that was killed', async () => {
    start();
    await isWell();
    selfprov.kill('SIGKILL');
    await once(selfprov, 'close');
    start();
    await isWell();
  });

  it('says what to do with a database that is none', async () => {
    const file = join(directory, 'selfprov.sqlite');
    await writeFile(file, 'this is no database\n'.repeat(100));
    expect(await refusal()).to.deep.equal([
      `selfprov: cannot use the database ${file}: the database says: file is not a database (SQLITE_NOTADB): put the backup back, or, if it never was one, move it away`,
    ]);
  });

  it('shows no stack when its folder cannot be made', async () => {
    environment['SELFPROV_DIR'] = '/dev/null/selfprov';
    expect(await refusal()).to.deep.equal([
      'selfprov: cannot make the folder /dev/null/selfprov: a part of its path is a file, no folder',
    ]);
  });
});
