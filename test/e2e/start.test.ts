import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { freePorts } from '../support/freePorts.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { PROGRAM } from '../support/selfprovProcess.ts';
import { waitFor } from '../support/wait.ts';

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
    const [http = 0, admin = 0, sip = 0, , ari = 0, ami = 0] = await freePorts(6);
    const [rtp = 0] = await freePorts(40);
    phonesPort = http;
    adminUrl = `http://127.0.0.1:${admin}/healthz`;
    environment = {
      PATH: process.env['PATH'] ?? '',
      SELFPROV_DIR: directory,
      SELFPROV_HOST: '127.0.0.1',
      SELFPROV_PORT: String(http),
      SELFPROV_ADMIN_PORT: String(admin),
      SELFPROV_SIP_PORT: String(sip),
      // Few ports are enough for few calls.
      SELFPROV_CALLS: '5',
      SELFPROV_RTP_PORTS: `${rtp}-${rtp + 39}`,
      SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
      SELFPROV_AMI_PORT: String(ami),
    };
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
    await waitFor(() => registrations().length === 1, { what: 'the registration being written down' });
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

  it('says in one sentence, and soon, why it cannot start', async () => {
    const other = createServer().listen(phonesPort, '127.0.0.1');
    await once(other, 'listening');
    try {
      const began = performance.now();
      start();
      await once(selfprov, 'close');
      expect(performance.now() - began).to.be.lessThan(6000);
      expect(selfprov.exitCode).to.equal(1);
      const [first = '', ...more] = output.trim().split('\n');
      expect(first).to.match(/^Starting Asterisk/);
      expect(more).to.deep.equal([`selfprov: cannot listen for phones on 127.0.0.1 port ${phonesPort}: EADDRINUSE`]);
    } finally {
      other.close();
    }
  });

  it('shows no stack when its folder cannot be made', async () => {
    environment['SELFPROV_DIR'] = '/dev/null/selfprov';
    start();
    await once(selfprov, 'close');
    expect(output.trim()).to.match(/^selfprov: E[A-Z]+: .*\/dev\/null\/selfprov'$/);
  });
});
