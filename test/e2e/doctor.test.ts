import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import type { Finding, Report } from '../../src/doctor/finding.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { freePorts } from '../support/freePorts.ts';
import { startProduct, type Product } from '../support/product.ts';
import { PROGRAM } from '../support/selfprovProcess.ts';
import { ON_POSTGRES } from '../support/testDatabase.ts';
import { waitFor } from '../support/wait.ts';

/** One thing is broken at a time, and that one is named, with what to do. */
describe('selfprov doctor', function () {
  this.timeout(60_000);
  let product: Product;
  let own: string;

  before(async () => {
    own = await mkdtemp(join(tmpdir(), 'selfprov-doctor-'));
    product = await startProduct();
    await product.addUser('1500', 'Ann Lee');
    const phone = { headers: { 'user-agent': 'Yealink SIP-T46S 66.86.0.15' } };
    expect((await fetch(`${product.url}001565ed0001.cfg`, phone)).status).to.equal(200);
  });
  after(async () => {
    await product.close();
    await rm(own, { recursive: true, force: true });
  });

  type Told = Readonly<Record<string, string | undefined>>;

  /** With these settings besides; an `undefined` one is left out. */
  async function examined(told: Told = {}, ...words: readonly string[]): Promise<{ code: number; text: string }> {
    const [command, ...before] = PROGRAM;
    const env = { ...product.environment, ...told };
    return promisify(execFile)(command, [...before, ...words], { env, cwd: packageRoot }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, text: stdout }),
    );
  }
  async function report(told: Told = {}, ...words: readonly string[]): Promise<Report & { readonly code: number }> {
    const { code, text } = await examined(told, '--json', 'doctor', ...words);
    return { ...(JSON.parse(text) as Report), code };
  }

  /** What is wrong, or warned of, besides what is so in every test. */
  async function finds(
    state: Finding['state'],
    check: string,
    says: RegExp,
    todo: RegExp | null,
    told: Told = {},
    ...words: readonly string[]
  ): Promise<void> {
    const { ok, code, findings } = await report(told, ...words);
    const found = findings.filter((each) => each.check === check && each.state === state);
    const what = JSON.stringify(findings, null, 1);
    expect(found.map((each) => each.says).join('\n'), what).to.match(says);
    if (todo !== null) expect(found.map((each) => each.todo).join('\n'), what).to.match(todo);
    expect([ok, code], what).to.deep.equal(state === 'wrong' ? [false, 1] : [ok, ok ? 0 : 1]);
    const others = findings.filter((each) => each.state === 'wrong' && each.check !== check);
    expect(others.map(({ check: name }) => name)).to.satisfy((names: string[]) =>
      names.every((name) => (RESTS_ON[check] ?? []).includes(name)),
    );
  }
  /** What else cannot be well then. */
  const RESTS_ON: Readonly<Record<string, readonly string[]>> = {
    folder: ['database', 'site key', 'service', 'tenants'],
    database: ['tenants', 'site key'],
    'site key': ['tenants'],
    service: ['phones'],
    settings: [],
    accounts: ['service'],
  };

  /** Changes a file of Asterisk's for one test. */
  async function withFile(
    name: string,
    change: (text: string) => string,
    reload: string,
    work: () => Promise<void>,
  ): Promise<void> {
    const file = join(product.asteriskFiles, name);
    const before = await readFile(file, 'utf8');
    expect(change(before)).not.to.equal(before);
    await writeFile(file, change(before));
    await product.console(reload);
    try {
      await work();
    } finally {
      await writeFile(file, before);
      await product.console(reload);
    }
  }

  it('finds nothing wrong where nothing is, and says what it has looked at', async () => {
    const { ok, code, findings } = await report();
    expect(findings.filter(({ state }) => state === 'wrong')).to.deep.equal([]);
    expect([ok, code]).to.deep.equal([true, 0]);
    expect(new Set(findings.map(({ check }) => check))).to.have.lengthOf.at.least(20);
    const { text } = await examined({}, 'doctor');
    expect(text).to.match(/^accounts +ok +Asterisk has phone-001565ed0001-\w+ as the database has it$/m);
    expect(text).to.match(/^phones +WARNING .*this machine only\n +→ name an address/m);
  });

  it('names a setting that there is not, and one line is all', async () => {
    await finds('wrong', 'settings', /SELFPROV_PROT: there is no such setting/, null, { SELFPROV_PROT: '80' });
  });

  it('names a file of settings that everybody may read', async () => {
    const file = join(own, 'open.env');
    await writeFile(file, 'SELFPROV_LOG_LEVEL=info\n');
    await chmod(file, 0o644);
    await finds('wrong', 'settings', /everybody may read the settings/, /^chmod o-rwx /, { SELFPROV_CONFIG: file });
  });

  it('names a folder that is not there, or that others may look into', async () => {
    await finds('wrong', 'folder', /there is no folder \/nowhere/, /SELFPROV_DIR/, { SELFPROV_DIR: '/nowhere' });
    const open = join(own, 'open');
    await mkdir(open);
    await chmod(open, 0o755);
    const { findings } = await report({ SELFPROV_DIR: open });
    expect(findings.find(({ check }) => check === 'folder')).to.include({
      state: 'warning',
      todo: `chmod o-rwx ${open}`,
    });
  });

  describe('with a database of its own', function () {
    let folder: string;
    before(function () {
      if (ON_POSTGRES) this.skip();
    });
    beforeEach(async () => {
      folder = await mkdtemp(join(own, 'data-'));
      await chmod(folder, 0o750);
      const database = new Database(product.database);
      database.exec(`VACUUM INTO '${join(folder, 'selfprov.sqlite')}'`);
      database.close();
      await cp(join(product.database, '../site.key'), join(folder, 'site.key'));
    });
    const told = (): Told => ({ SELFPROV_DIR: folder });
    const change = (sql: string): void => {
      const database = new Database(join(folder, 'selfprov.sqlite'));
      database.exec(sql);
      database.close();
    };

    it('names one that is not there, is none, is damaged, or is of another version', async () => {
      change(`INSERT INTO knex_migrations (name, batch) VALUES ('999_of_tomorrow', 9)`);
      await finds('wrong', 'database', /newer version \(it has 999_of_tomorrow\)/, /install that version/, told());
      change(`DELETE FROM knex_migrations WHERE name IN ('999_of_tomorrow', '010_adopted_users')`);
      await finds('warning', 'database', /older version/, /next start/, told());
      const file = join(folder, 'selfprov.sqlite');
      const bytes = await readFile(file);
      await writeFile(file, bytes.fill(7, bytes.length >> 1, (bytes.length >> 1) + 8192));
      await finds('wrong', 'database', /damaged|malformed/, null, told());
      await writeFile(file, 'no database at all\n'.repeat(100));
      await finds('wrong', 'database', /not a database/, null, told());
      await rm(file);
      await finds('wrong', 'database', /there is no database of selfprov yet/, /restore FILE/, told());
    });

    it('names a site key that is lost, open to others, or another one', async () => {
      const file = join(folder, 'site.key');
      await chmod(file, 0o640);
      await finds('wrong', 'site key', /can be read by others \(mode 640\)/, /^chmod 600 /, told());
      await writeFile(file, `${'ab'.repeat(32)}\n`);
      await chmod(file, 0o600);
      await finds(
        'wrong',
        'site key',
        /not the site key that this database was made with/,
        /SELFPROV_SITE_KEY/,
        told(),
      );
      await rm(file);
      await finds('wrong', 'site key', /is missing/, /tar -xOf BACKUP site\.key/, told());
    });

    it('names an account that Asterisk does not have, or has otherwise', async () => {
      change(`UPDATE lines SET auth_id = auth_id || '-gone'`);
      await finds('wrong', 'accounts', /Asterisk does not know it, so no phone of selfprov can register/, null, told());
      change(`UPDATE lines SET auth_id = auth_name, md5_credential = '${'0'.repeat(32)}'`);
      await finds('wrong', 'accounts', /the site key does not open its secret/, null, told());
    });
  });

  it('warns of a tenant that gives phones to everybody', async () => {
    await product.cli('tenant', 'set', '--authentication', 'none');
    try {
      await finds('warning', 'tenants', /nobody has to prove anything/, /tenant set --authentication users/);
    } finally {
      await product.cli('tenant', 'set', '--authentication', 'users');
    }
  });

  it('warns of settings that only the first start counts', async () => {
    await finds('warning', 'tenants', /SELFPROV_EXTENSION=\*99 counts at the first start only/, null, {
      SELFPROV_EXTENSION: '*99',
    });
  });

  it('names templates that are missing or broken', async () => {
    await finds('wrong', 'templates', /SELFPROV_TEMPLATES: there is no folder \/nowhere/, null, {
      SELFPROV_TEMPLATES: '/nowhere',
    });
    await mkdir(join(own, 'templates/mine'), { recursive: true });
    await writeFile(join(own, 'templates/mine/family.yaml'), 'no: family\n');
    await finds('wrong', 'templates', /family\.yaml/, null, { SELFPROV_TEMPLATES: join(own, 'templates') });
  });

  it('names prompts that callers would not hear', async () => {
    const sounds = join(own, 'sounds');
    await cp(join(packageRoot, 'sounds/en'), join(sounds, 'en'), { recursive: true });
    await rm(join(sounds, 'en/not-accepted.wav'));
    await finds('wrong', 'prompts', /in en callers hear nothing in place of not-accepted/, /sounds check en/, {
      SELFPROV_SOUNDS: sounds,
    });
    await rm(join(sounds, 'en'), { recursive: true });
    await finds('wrong', 'prompts', /no prompts in en/, null, { SELFPROV_SOUNDS: sounds });
  });

  it('warns of a certificate that phones would refuse', async () => {
    const [certificate, key] = [join(own, 'cert.pem'), join(own, 'key.pem')];
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-subj', '/CN=pbx.example', '-addext', 'subjectAltName=DNS:pbx.example', '-keyout', key, '-out', certificate],
    ]);
    await finds('warning', 'certificate', /the certificate is not for 127\.0\.0\.1/, null, {
      SELFPROV_SIP_TLS_CERT: certificate,
      SELFPROV_SIP_TLS_KEY: key,
    });
    await finds('wrong', 'certificate', /SELFPROV_SIP_TLS_KEY/, null, {
      SELFPROV_SIP_TLS_CERT: certificate,
      SELFPROV_SIP_TLS_KEY: certificate,
    });
  });

  it('says that selfprov does not run, and whose port is taken then', async () => {
    const [port = 0, free = 0] = await freePorts(2);
    // By its name it is known which one runs in a folder.
    await finds('wrong', 'service', /selfprov does not run/, /systemctl start selfprov/, {
      SELFPROV_APP: 'another',
      SELFPROV_ADMIN_PORT: String(port),
      SELFPROV_PORT: String(free),
    });
    await finds('wrong', 'service', /SELFPROV_PORT: another program listens on TCP/, null, {
      SELFPROV_APP: 'another',
      SELFPROV_ADMIN_PORT: String(port),
    });
    if (!ON_POSTGRES)
      await finds('wrong', 'service', /selfprov runs in .* and does not answer at /, /SELFPROV_ADMIN_PORT/, {
        SELFPROV_ADMIN_PORT: String(port),
      });
  });

  it('names a URL for phones that leads nowhere, or to somebody else', async () => {
    const [dead = 0] = await freePorts(1);
    const other = createServer((_request, response) => void response.end('hello')).listen(0, '127.0.0.1');
    try {
      await finds('wrong', 'phones', /does not answer: ECONNREFUSED/, /SELFPROV_URL/, {
        SELFPROV_URL: `http://127.0.0.1:${dead}/`,
      });
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
      await finds('wrong', 'phones', /is answered by somebody else/, /proxy/, { SELFPROV_URL: url });
      await finds('wrong', 'phones', /nobody knows the host/, /DNS/, { SELFPROV_URL: 'http://phones.invalid/' });
    } finally {
      other.close();
    }
  });

  it('names a host that there cannot be', async () => {
    await finds('wrong', 'settings', /SELFPROV_HOST: a host name or an address/, null, { SELFPROV_HOST: '999.1.1.1' });
  });

  it('names a TFTP port that the selfprov which runs does not listen on', async () => {
    const [port = 0] = await freePorts(1);
    await finds('wrong', 'tftp', /listens nowhere for TFTP/, /started with/, { SELFPROV_TFTP_PORT: String(port) });
  });

  it('holds what a DHCP server says against the URL', async () => {
    const file = join(own, 'dnsmasq.conf');
    const snippet = await examined({}, 'dhcp', 'dnsmasq');
    await writeFile(file, snippet.text);
    const { findings } = await report({}, '--dhcp', file);
    expect(findings.find(({ check }) => check === 'dhcp')).to.include({ state: 'well' });
    await writeFile(file, snippet.text.replaceAll('http://127.0.0.1:', 'http://127.0.0.2:'));
    await finds('wrong', 'dhcp', /sends phones to http:\/\/127\.0\.0\.2:/, /selfprov dhcp/, {}, '--dhcp', file);
    await finds('wrong', 'dhcp', /cannot be read/, null, {}, '--dhcp', '/nowhere/dhcpd.conf');
  });

  it('names the password or the port with which Asterisk does not let it in', async () => {
    const [port = 0] = await freePorts(1);
    await finds('wrong', 'ari', /does not accept the ARI user "selfprov"/, /asterisk-files --apply/, {
      SELFPROV_ARI_PASSWORD: 'wrong',
    });
    await finds('wrong', 'ari', /does not answer at .*ECONNREFUSED/, /http\.conf/, {
      SELFPROV_ARI_URL: `http://127.0.0.1:${port}`,
    });
    await finds('wrong', 'ami', /does not accept the AMI user "selfprov"/, /manager\.conf/, {
      SELFPROV_AMI_PASSWORD: 'wrong',
    });
    await finds('wrong', 'ami', /does not let us in at 127\.0\.0\.1/, /SELFPROV_AMI_PORT/, {
      SELFPROV_AMI_PORT: String(port),
    });
  });

  it('names an ARI user that may only read', async () => {
    await withFile(
      'selfprov/ari.conf',
      (text) => text.replace('read_only = no', 'read_only = yes'),
      'module reload res_ari.so',
      () => finds('wrong', 'ari', /may only read/, /read_only = no/),
    );
  });

  it('names rights at the manager that are missing, and those that are too many', async () => {
    const write = (classes: string) => (text: string) => text.replace('write = system,reporting', `write = ${classes}`);
    await withFile('selfprov/manager.conf', write('reporting'), 'manager reload', () =>
      finds('wrong', 'ami rights', /refuses selfprov PJSIPNotify, PJSIPShowAuths/, /write = system,reporting/),
    );
    await withFile('selfprov/manager.conf', write('system,reporting,originate,command'), 'manager reload', () =>
      finds('warning', 'ami rights', /more than it needs: Originate, Command/, /write = system,reporting/),
    );
  });

  it('names a module that does not run', async () => {
    await product.console('module unload func_groupcount.so');
    try {
      await finds('wrong', 'modules', /does not run func_groupcount/, null);
    } finally {
      await product.console('module load func_groupcount.so');
    }
  });

  it('names a number that users cannot dial, and what strangers and new phones can', async () => {
    const dialplan = (change: (text: string) => string, work: () => Promise<void>): Promise<void> =>
      withFile('extensions.conf', change, 'dialplan reload', work);
    await dialplan(
      (text) => text.replace(/^include => selfprov-users$/m, ''),
      () => finds('wrong', 'dialplan', /\*55 leads nowhere from \[users\]/, /include => selfprov-users/),
    );
    await dialplan(
      (text) => `${text}\n[from-trunk]\ninclude => selfprov-users\n`,
      () =>
        finds(
          'warning',
          'dialplan',
          /calls from \[from-trunk\] reach selfprov/,
          /take "include => selfprov-users" out/,
        ),
    );
    await dialplan(
      (text) => `${text}\n[from-trunk]\ninclude => selfprov-default-line\n`,
      () => finds('wrong', 'dialplan', /\[from-trunk\] includes \[selfprov-default-line\]/, null),
    );
    const all =
      '\n[selfprov-default-line](+)\ninclude => everything\n[everything]\nexten => _X.,1,Dial(PJSIP/${EXTEN})\n';
    await dialplan(
      (text) => `${text}${all}`,
      () => finds('wrong', 'dialplan', /nobody's can call 1500 from \[selfprov-default-line\]/, null),
    );
  });

  it('names emergency numbers that lead nowhere', async () => {
    await finds('wrong', 'emergency', /112 is an emergency number of tenant default, and leads nowhere/, null, {
      SELFPROV_EMERGENCY_CONTEXT: 'nowhere',
    });
  });

  it('names an endpoint by which strangers reach selfprov', async () => {
    const anonymous = '\n[anonymous]\ntype = endpoint\ncontext = users\ndisallow = all\nallow = ulaw\n';
    await withFile(
      'pjsip.conf',
      (text) => text + anonymous,
      'module reload res_pjsip.so',
      () => finds('wrong', 'strangers', /no account at all can dial \*55.*\[users\]/, /another context/),
    );
  });

  it('names a SIP server that does not answer', async () => {
    const [port = 0] = await freePorts(1);
    await finds('wrong', 'sip', /nobody answers SIP over UDP at 127\.0\.0\.1/, /SELFPROV_SIP_PORT/, {
      SELFPROV_SIP_PORT: String(port),
    });
    await finds('wrong', 'sip', /nobody knows the host pbx\.invalid/, /DNS/, { SELFPROV_SIP_HOST: 'pbx.invalid' });
  });

  it('warns of a clock that nobody keeps right', async () => {
    const programs = join(own, 'bin');
    await mkdir(programs);
    await writeFile(join(programs, 'timedatectl'), '#!/bin/sh\necho no\n', { mode: 0o755 });
    await finds('warning', 'clock', /nobody keeps the clock/, /timedatectl set-ntp true/, {
      PATH: `${programs}:${product.environment['PATH']}`,
    });
  });

  describe('--call', () => {
    const left = async (): Promise<unknown> => [await product.cli('user', 'list'), await product.cli('device', 'list')];

    it('sets up a phone by a real call, and leaves nothing behind', async () => {
      const before = await left();
      const { findings } = await report({}, '--call');
      expect(findings.at(-1), JSON.stringify(findings.at(-1))).to.include({ check: 'call', state: 'well' });
      expect(findings.at(-1)?.says).to.match(/booted, called \*55, and was its user's after \d+ s/);
      expect(await left()).to.deep.equal(before);
    });

    it('says how far the phone came when it cannot be set up, and leaves nothing behind then either', async () => {
      const before = await left();
      await product.cli('tenant', 'set', '--ivr', 'off');
      try {
        await finds(
          'wrong',
          'call',
          /not set up by extension and PIN: nothing was accepted|prompts/,
          null,
          {},
          '--call',
        );
      } finally {
        await product.cli('tenant', 'set', '--ivr', 'on');
      }
      expect(await left()).to.deep.equal(before);
    });

    it('takes away what one has left that was killed', async () => {
      const before = await left();
      const [command, ...first] = PROGRAM;
      const killed = spawn(command, [...first, 'doctor', '--call'], { env: product.environment, stdio: 'ignore' });
      await waitFor(async () => JSON.stringify(await left()) !== JSON.stringify(before), {
        what: 'the user who is made up',
        limit: 30_000,
      });
      killed.kill('SIGKILL');
      await once(killed, 'close');
      const { findings } = await report({}, '--call');
      expect(findings.at(-1), JSON.stringify(findings.at(-1))).to.include({ check: 'call', state: 'well' });
      expect(await left()).to.deep.equal(before);
    });
  });
});
