import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { ownCertificate } from '../../../src/certificates/ownCertificate.ts';
import { readConfig } from '../../../src/config.ts';
import { openCore } from '../../../src/core.ts';
import { doctor } from '../../../src/doctor.ts';
import type { Finding, Report } from '../../../src/doctor/finding.ts';
import type { Known } from '../../../src/doctorAtAsterisk.ts';
import { certificateFindings } from '../../../src/doctorHere.ts';
import { packageRoot } from '../../../src/packageRoot.ts';
import { askHealth, serviceFindings } from '../../../src/doctorService.ts';
import { holdFolder } from '../../../src/store/sqlite/holdFolder.ts';
import { freePorts } from '../../support/freePorts.ts';
import { PROGRAM } from '../../support/selfprovProcess.ts';

const NOBODY = 65_534;

/** What it finds where nothing runs. */
describe('selfprov doctor, where nothing runs', function () {
  this.timeout(60_000);
  let directory: string;
  let environment: Record<string, string>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'selfprov-alone-'));
    const [http = 0, admin = 0, sip = 0] = await freePorts(3);
    environment = {
      SELFPROV_DIR: directory,
      SELFPROV_HOST: '127.0.0.1',
      SELFPROV_PORT: String(http),
      SELFPROV_ADMIN_PORT: String(admin),
      SELFPROV_SIP_PORT: String(sip),
      // Over UDP nobody says that nobody is there: that is waited for.
      SELFPROV_SIP_TRANSPORT: 'tcp',
    };
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const report = (): Promise<Report> => doctor(() => readConfig(environment), { dhcp: [], call: undefined });
  const inWords = (findings: readonly Finding[]): string =>
    findings.map(({ state, says, todo }) => `${state}: ${says} → ${String(todo)}`).join('\n');
  const of = ({ findings }: Report, check: string): string =>
    inWords(findings.filter((finding) => finding.check === check));
  const found = async (check: string): Promise<string> => of(await report(), check);
  const begin = async (): Promise<void> => (await openCore(readConfig(environment))).close();

  it('says before the first start that there was none, and finds nothing wrong', async () => {
    for (const isThere of [true, false]) {
      if (!isThere) rmSync(directory, { recursive: true });
      const whole = await report();
      expect(whole.findings.filter(({ state }) => state === 'wrong')).to.deep.equal([]);
      expect(whole.ok).to.equal(true);
      expect(of(whole, 'database')).to.match(/^warning: not started yet: .*selfprov\.sqlite is not there → npm start/);
      expect(existsSync(directory)).to.equal(isThere);
    }
  });

  it('judges before the first start what can be judged', async () => {
    const taken = createServer().listen(Number(environment['SELFPROV_PORT']), '127.0.0.1');
    await once(taken, 'listening');
    environment['SELFPROV_TEMPLATES'] = '/nowhere';
    try {
      const whole = await report();
      expect(of(whole, 'service')).to.match(/^wrong: SELFPROV_PORT: another program listens/);
      expect(of(whole, 'templates')).to.match(/^wrong: /);
    } finally {
      taken.close();
    }
  });

  it('does not take a lost database for a first start', async () => {
    await begin();
    rmSync(join(directory, 'selfprov.sqlite'));
    expect(await found('database')).to.match(/^wrong: .*site key is there.*restore FILE/);
  });

  it('names the database of another program', async () => {
    const foreign = new Database(join(directory, 'selfprov.sqlite'));
    foreign.exec('CREATE TABLE songs (name TEXT)');
    foreign.close();
    expect(await found('database')).to.match(/^wrong: .* is the database of another program → .*SELFPROV_DATABASE/);
  });

  it('names, to root too, the files that the user of selfprov cannot use', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await begin();
    const [key, database] = ['site.key', 'selfprov.sqlite'].map((name) => join(directory, name)) as [string, string];
    chownSync(directory, NOBODY, NOBODY);
    chmodSync(directory, 0o750);
    chownSync(database, NOBODY, NOBODY);
    expect(await found('folder')).to.match(
      /wrong: nobody, whose folder it is, cannot read \S+site\.key → chown nobody \S+site\.key$/m,
    );
    chownSync(key, NOBODY, NOBODY);
    expect(await found('folder')).not.to.contain('wrong');
    chownSync(database, 0, 0);
    expect(await found('folder')).to.match(/cannot read and write \S+selfprov\.sqlite →/);
  });

  it('knows a selfprov that runs and answers elsewhere from another program', async () => {
    await begin();
    const held = holdFolder(directory, 'selfprov.selfprov');
    const own = createServer().listen(Number(environment['SELFPROV_PORT']), '127.0.0.1');
    await once(own, 'listening');
    try {
      expect(await found('service')).to.match(
        new RegExp(
          `^wrong: selfprov runs in ${directory} \\(process ${process.pid}\\), and does not answer at .* → .*SELFPROV_ADMIN_PORT`,
        ),
      );
    } finally {
      own.close();
      await held.close();
    }
  });

  it('tells a selfprov that hangs from one that was started with other settings', async () => {
    await begin();
    const held = holdFolder(directory, 'selfprov.selfprov');
    const mute = createServer(() => undefined).listen(Number(environment['SELFPROV_ADMIN_PORT']), '127.0.0.1');
    await once(mute, 'listening');
    try {
      const config = readConfig(environment);
      const asked = await askHealth(config, 300);
      const known: Known = { config, core: undefined, isBegun: true, ...asked };
      expect(inWords(await serviceFindings(known))).to.match(
        new RegExp(`^wrong: selfprov \\(process ${process.pid}\\) hangs: .* → (?!.*settings)`),
      );
    } finally {
      mute.closeAllConnections();
      mute.close();
      await held.close();
    }
  });

  it('waits for a selfprov that waits for an Asterisk that hangs', async () => {
    await begin();
    const parts = { ok: true, warnings: [], process: { ok: true, version: '0' } };
    const slow = createServer((_, response) => void setTimeout(() => response.end(JSON.stringify(parts)), 3200));
    slow.listen(Number(environment['SELFPROV_ADMIN_PORT']), '127.0.0.1');
    await once(slow, 'listening');
    try {
      expect(await found('service')).to.match(/well: runs, version 0/);
    } finally {
      slow.close();
    }
  });

  it('has it in the table what whoever runs it may not look at', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await begin();
    writeFileSync(join(directory, 'asterisk.env'), 'SELFPROV_ARI_PASSWORD=a\n', { mode: 0o600 });
    const [command, ...words] = PROGRAM;
    const env = { ...environment, PATH: process.env['PATH'] ?? '' };
    for (const mode of [0o755, 0o750]) {
      chmodSync(directory, mode);
      const as = { env, cwd: packageRoot, uid: NOBODY, gid: NOBODY, timeout: 30_000 };
      const { stdout } = await promisify(execFile)(command, [...words, '--json', 'doctor'], as).catch(
        (error: { readonly stdout: string }) => error,
      );
      const whole = JSON.parse(stdout) as Report;
      expect(of(whole, 'ari'), String(mode)).to.match(/^unseen: \S+asterisk\.env cannot be read/);
      expect(of(whole, 'site key')).to.match(/^unseen: \S+site\.key cannot be/);
      expect(of(whole, 'folder'))
        .to.match(/wrong: .*cannot be written/)
        .and.not.to.contain('well');
    }
  });

  it('finds wrong what a start refuses', async () => {
    environment['SELFPROV_RTP_PORTS'] = '38100-38200';
    environment['SELFPROV_SOUNDS'] = '/nonexist';
    const whole = await report();
    expect(of(whole, 'sound')).to.match(/^wrong: SELFPROV_RTP_PORTS 38100-38200 is too small for SELFPROV_CALLS 40/);
    expect(of(whole, 'prompts')).to.match(/^wrong: SELFPROV_SOUNDS: there are no prompts in \/nonexist/);
  });

  it('names the setting that an address came from, and a certificate that is not there', async () => {
    environment['SELFPROV_HOST'] = 'no-such-host.invalid';
    environment['SELFPROV_SIP_TLS_CERT'] = environment['SELFPROV_SIP_TLS_KEY'] = '/nope';
    const whole = await report();
    expect(of(whole, 'service')).to.match(/^wrong: SELFPROV_HOST: nobody knows the host no-such-host\.invalid/);
    expect(of(whole, 'certificate')).to.match(/^wrong: SELFPROV_SIP_TLS_CERT: \/nope is not there/);
  });

  it('says of a key that is lost how to have it back without the older database', async () => {
    await begin();
    const key = join(directory, 'site.key');
    rmSync(key);
    expect(await found('site key'))
      .to.contain(`tar -xOf BACKUP site.key > ${key}`)
      .and.not.to.contain('restore');
  });

  it('speaks of an Asterisk of selfprov’s own as such', async () => {
    await begin();
    writeFileSync(join(directory, 'asterisk.env'), 'SELFPROV_ARI_PASSWORD=a\nSELFPROV_AMI_PASSWORD=a\n');
    const whole = await report();
    for (const check of ['service', 'ari', 'ami']) expect(of(whole, check)).to.match(/→ (start it: )?npm start/);
    expect(of(whole, 'sip')).not.to.contain('pjsip.conf');
  });

  it('names the port that the selfprov listens on which runs, where the settings name another one', async () => {
    const parts = {
      ok: true,
      warnings: [],
      process: { ok: true, version: '0' },
      phones: { ok: true, state: 'listening', at: 1 },
    };
    const admin = createServer((_, response) => void response.end(JSON.stringify(parts)));
    admin.listen(Number(environment['SELFPROV_ADMIN_PORT']), '127.0.0.1');
    await once(admin, 'listening');
    try {
      expect(await found('phones')).to.match(
        /^wrong: the selfprov that runs listens for phones on port 1, and the settings say \d+ → /,
      );
      environment['SELFPROV_TFTP_PORT'] = String((admin.address() as AddressInfo).port);
      expect(await found('tftp')).to.match(
        /^wrong: the selfprov that runs listens nowhere for TFTP, and the settings say/,
      );
    } finally {
      admin.close();
    }
  });

  it('warns of an authority that is lost', async () => {
    const certificate = (): string => inWords(certificateFindings(readConfig(environment)));
    await ownCertificate(join(directory, 'tls'), '127.0.0.1', Date.now());
    expect(certificate()).to.match(/^well: /);
    for (const name of ['ca.key', 'ca.crt']) {
      writeFileSync(join(directory, 'tls/ca.key'), '');
      rmSync(join(directory, 'tls', name));
      expect(certificate()).to.match(new RegExp(`^warning: .*${name} is missing`));
    }
  });
});
