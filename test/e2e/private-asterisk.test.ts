import { firstTenant } from '../support/tenantSettings.ts';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { ownCertificate } from '../../src/certificates/ownCertificate.ts';
import { includeLines } from '../../src/asterisk/configFiles/asteriskFiles.ts';
import { fillTemplate } from '../../src/asterisk/configFiles/fillTemplate.ts';
import type { AsteriskInstallation } from '../../src/asterisk/private/findAsterisk.ts';
import { startPrivateAsterisk, type PrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';
import type { PrivateAsteriskSettings } from '../../src/asterisk/private/privateConfig.ts';
import { isRefusal } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { privatePlace } from '../../src/ownAsterisk.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { startBaresip, type Baresip } from '../../src/virtualPhone/baresip.ts';
import type { BaresipEvent } from '../../src/virtualPhone/baresipControl.ts';
import { freePorts } from '../support/freePorts.ts';
import { registerOnce } from '../../src/virtualPhone/registeringPhone.ts';
import { waitFor } from '../support/wait.ts';
import { theAsterisk } from '../support/theAsterisk.ts';

const secret = 'only-for-this-test';

/** What the store's views look like to Asterisk: one unassigned phone, one user with two phones, one with one. */
function writeAccounts(file: string): void {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.exec(`
    CREATE TABLE ps_endpoints (id TEXT PRIMARY KEY, aors, auth, context, disallow, allow, identify_by);
    CREATE TABLE ps_auths (id TEXT PRIMARY KEY, auth_type, username, realm, md5_cred);
    CREATE TABLE ps_aors (id TEXT PRIMARY KEY, max_contacts);`);
  const endpoint = database.prepare(`INSERT INTO ps_endpoints VALUES (?, ?, ?, ?, 'all', 'ulaw,alaw', 'username')`);
  const auth = database.prepare(`INSERT INTO ps_auths VALUES (?, 'md5', ?, 'selfprov', ?)`);
  const aor = database.prepare('INSERT INTO ps_aors VALUES (?, 9)');
  const accounts = [
    { name: 'unassigned', auths: ['unassigned'], context: 'selfprov-default-line' },
    { name: '1500', auths: ['1500-a', '1500-b'], context: 'users' },
    { name: '1501', auths: ['1501-a'], context: 'users' },
  ];
  for (const { name, auths, context } of accounts) {
    endpoint.run(name, name, auths.join(','), context);
    aor.run(name);
    for (const user of auths)
      auth.run(user, user, createHash('md5').update(`${user}:selfprov:${secret}`).digest('hex'));
  }
  database.close();
}

describe('The private Asterisk', function () {
  this.timeout(30_000);
  let installation: AsteriskInstallation;
  let directory: string;
  let settings: PrivateAsteriskSettings;
  let asterisk: PrivateAsterisk;
  const phones: Baresip[] = [];

  const start = (): Promise<PrivateAsterisk> =>
    startPrivateAsterisk({
      installation,
      place: privatePlace(directory),
      settings,
    });

  before(async () => {
    installation = await theAsterisk();
    directory = await mkdtemp(join(tmpdir(), 'selfprov-private-'));
    const [sipPort = 0, , httpPort = 0, amiPort = 0] = await freePorts(4);
    const [rtpFirst = 0] = await freePorts(40);
    const databaseFile = join(directory, 'accounts.db');
    writeAccounts(databaseFile);
    settings = {
      apps: ['selfprov'],
      adopted: [],
      tenants: [firstTenant({ emergencyNumbers: ['112'] })],
      emergencyContext: 'emergency',
      calls: 10,
      callsPerAddress: 10,
      database: { file: databaseFile },
      httpAddress: '127.0.0.1',
      httpPort,
      ariUser: 'selfprov',
      ariPassword: new Secret('AriPassword12'),
      amiUser: 'selfprov',
      amiPassword: new Secret('AmiPassword12'),
      amiClients: ['127.0.0.1'],
      peers: null,
      sipAddress: '127.0.0.1',
      sipPort,
      tlsPort: sipPort + 1,
      tls: await ownCertificate(join(directory, 'tls'), '127.0.0.1', Date.now()),
      amiAddress: '127.0.0.1',
      amiPort,
      rtpFirst,
      rtpLast: rtpFirst + 39,
      realm: 'selfprov',
    };
    asterisk = await start();
  });

  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.end('unplug')));
  });

  after(async () => {
    await asterisk.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function command(line: string): Promise<string> {
    const [program, ...before] = installation.command;
    const config = join(directory, 'etc/asterisk.conf');
    return (await promisify(execFile)(program, [...before, '-C', config, '-rx', line])).stdout;
  }

  /** Status of the answer to a REGISTER. */
  async function register(name: string, authName: string, password = secret): Promise<number> {
    return registerOnce({ sipPort: settings.sipPort, aor: name, authName, password });
  }

  /** Calls from an account; resolves with the events until the call is over or stands. */
  async function dial(name: string, authName: string, number: string): Promise<readonly BaresipEvent[]> {
    const [sipPort = 0] = await freePorts(2);
    const events: BaresipEvent[] = [];
    const onEvent = (event: BaresipEvent): void => void events.push(event);
    const phone = await startBaresip({ address: '127.0.0.1', sipPort, tone: 440, onEvent, onMessage: () => {} });
    phones.push(phone);
    const host = `127.0.0.1:${settings.sipPort}`;
    await phone.command('uanew', `<sip:${name}@${host}>;auth_user=${authName};auth_pass=${secret};regint=0`);
    await phone.command('dial', `sip:${number}@${host}`);
    await waitFor(() => events.some(({ type }) => type === 'CALL_ESTABLISHED' || type === 'CALL_CLOSED'), {
      what: () => `an end of the call to ${number}: ${JSON.stringify(events)}`,
    });
    return events;
  }

  const outcome = (events: readonly BaresipEvent[]): string | undefined =>
    events.find(({ type }) => type === 'CALL_ESTABLISHED')?.type ??
    events.find(({ type }) => type === 'CALL_CLOSED')?.param;

  it('starts PJSIP, realtime, ARI and AMI without an error in its log', async () => {
    const log = await readFile(join(directory, 'log/messages.log'), 'utf8');
    expect(log.split('\n').filter((line) => line.includes('ERROR'))).to.deep.equal([]);
    expect(log).not.to.contain('res_config_sqlite3');
    expect(await command('module show like res_pjsip_notify')).to.contain('Running');
  });

  it('lets selfprov do at AMI what it needs: no calls, no console, no writing of files', async () => {
    const ami = connect(settings.amiPort, '127.0.0.1');
    let said = '';
    ami.on('data', (data: Buffer) => (said += data.toString()));
    ami.write(
      `Action: Login\r\nUsername: selfprov\r\nSecret: ${settings.amiPassword.reveal()}\r\n\r\nAction: ListCommands\r\n\r\n`,
    );
    await waitFor(() => said.includes('WaitEvent:'), { what: () => `the list of what is allowed: ${said}` });
    ami.destroy();
    const allowed = [...said.matchAll(/^(\w+): .* \(Priv: (.*)\)\r$/gm)].map(([, name = '', needs = '']) => ({
      name,
      needs: needs.split(','),
    }));
    const names = allowed.map(({ name }) => name);
    // Each but ShowDialPlan is of the class system; that one is of config and of reporting, which is the smaller.
    expect(names).to.include.members(['PJSIPNotify', 'DBGetTree', 'DBDel', 'PJSIPShowAuths', 'ShowDialPlan']);
    for (const name of ['Originate', 'Redirect', 'Command', 'UpdateConfig', 'CreateConfig', 'Setvar', 'UserEvent'])
      expect(names).not.to.include(name);
    for (const { name, needs } of allowed)
      expect(
        needs.some((one) => ['system', 'reporting', '<none>'].includes(one)),
        name,
      ).to.equal(true);
  });

  it('lets each phone of a user in with its own name and secret', async () => {
    expect(await register('1500', '1500-a')).to.equal(200);
    expect(await register('1500', '1500-b')).to.equal(200);
    expect(await register('unassigned', 'unassigned')).to.equal(200);
  });

  it('lets nobody in with a wrong secret or the name of another user’s phone', async () => {
    expect(await register('1500', '1500-a', 'wrong')).to.equal(401);
    expect(await register('1500', '1501-a')).to.equal(401);
    expect(await register('nobody', 'nobody')).to.equal(401);
  });

  it('knows nobody as the account that it sends NOTIFY from', async () => {
    expect(await register('default_outbound_endpoint', 'default_outbound_endpoint')).to.equal(401);
    expect(outcome(await dial('default_outbound_endpoint', 'default_outbound_endpoint', '*55'))).to.match(/^401/);
  });

  for (const number of ['1500', '1501', '600', '*58', '*571', 's', 'release', 'unavailable']) {
    it(`does not let a default line call ${number}`, async () => {
      expect(outcome(await dial('unassigned', 'unassigned', number))).to.match(/^404/);
    });
  }

  it('lets a default line call an emergency number', async () => {
    expect(outcome(await dial('unassigned', 'unassigned', '112'))).to.equal('CALL_ESTABLISHED');
  });

  it('tells the caller of the self-provisioning extension that selfprov is not there, and hangs up', async () => {
    await command('logger add channel played.log verbose(3)');
    for (const [name, authName] of [
      ['unassigned', 'unassigned'],
      ['1500', '1500-a'],
    ] as const) {
      const events = await dial(name, authName, '*55');
      expect(outcome(events)).to.equal('CALL_ESTABLISHED');
      await waitFor(() => events.some(({ type }) => type === 'CALL_CLOSED'), { what: 'the hang-up', limit: 10_000 });
    }
    expect(await readFile(join(directory, 'log/played.log'), 'utf8')).to.match(/Playing 'please-try-call-later/);
  });

  it('says at once that a user has no phone', async () => {
    expect(outcome(await dial('1500', '1500-a', '1501'))).to.match(/^480/);
  });

  it('still knows the registrations after a restart', async () => {
    expect(await register('1501', '1501-a')).to.equal(200);
    await asterisk.close();
    asterisk = await start();
    expect(await command('pjsip show contacts')).to.contain('1501/sip:1501@127.0.0.1');
  });

  it('leaves no process when it is closed, even when it hangs', async () => {
    const { pid } = asterisk;
    asterisk.kill('SIGSTOP');
    await asterisk.close();
    expect(() => process.kill(pid, 0)).to.throw();
    asterisk = await start();
  });

  it('is refused while another program has one of its ports, and says which', async () => {
    await asterisk.close();
    const other = createServer().listen(settings.amiPort, '127.0.0.1');
    await once(other, 'listening');
    try {
      const error: unknown = await start().catch((reason: unknown) => reason);
      expect(isRefusal(error, 'conflict')).to.equal(true);
      expect(String(error)).to.contain(
        `SELFPROV_AMI_PORT: another program listens on TCP 127.0.0.1:${settings.amiPort}`,
      );
    } finally {
      other.close();
      await once(other, 'close');
      asterisk = await start();
    }
  });

  it('leaves the accounts working that an administrator has in pjsip.conf', async () => {
    const file = join(directory, 'etc/pjsip.conf');
    const own = `
[2000]
type = endpoint
auth = 2000
aors = 2000
context = default
[2000]
type = auth
username = 2000
password = ${secret}
[2000]
type = aor
max_contacts = 1
`;
    await writeFile(file, `${await readFile(file, 'utf8')}${own}`);
    await command('module reload res_pjsip.so');
    await waitFor(async () => (await register('2000', '2000')) === 200, {
      what: "the administrator's phone registering",
    });
    expect(await register('1500', '1500-a')).to.equal(200);
  });

  it('is made of the very lines that an administrator is told to include', async () => {
    const etc = join(directory, 'etc');
    for (const { file, line } of includeLines(join(etc, 'selfprov'), { file: '/selfprov.sqlite' })) {
      expect(await readFile(join(etc, file), 'utf8')).to.contain(line);
    }
    expect(() => fillTemplate(join(packageRoot, 'dialplan/http.conf'), {})).to.throw('HTTP_ADDRESS');
  });
});
