import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUser } from '../../src/administration/users.ts';
import { serve, type Serving } from '../../src/app.ts';
import { ownCertificate } from '../../src/certificates/ownCertificate.ts';
import { readConfig } from '../../src/config.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLog } from '../../src/log.ts';
import { DEFINITIONS, type Definition } from '../../src/metrics/definitions.ts';
import { openMeters, type Meters } from '../../src/metrics/meters.ts';
import { scrape, type Sources } from '../../src/metrics/scrape.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { checkUser } from '../../src/provisioning/secrets/checkSecret.ts';
import { readingsOf } from '../../src/readings.ts';
import { tftpGet } from '../../src/virtualPhone/tftpClient.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { freePorts } from '../support/freePorts.ts';
import { readMetrics, scrapeOf, valueOf, type Scraped } from '../support/metricsText.ts';
import { environmentOf } from '../support/selfprovProcess.ts';
import { assign, enrol, HOME } from '../support/steps.ts';
import { dropDatabase, newDatabase } from '../support/testDatabase.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565aabb01';
const AGENT = { 'user-agent': 'Yealink SIP-T46S 66.86.0.15' };

describe('What selfprov tells Prometheus of the phones that ask', function () {
  this.timeout(30_000);
  let [directory, url, admin, tftpPort, port] = ['', '', '', 0, 0];
  let running: Serving;
  let database: Secret | undefined;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'selfprov-metrics-'));
    const [http = 0, adminPort = 0, sip = 0, tftp = 0, ari = 0, ami = 0] = await freePorts(6);
    database = await newDatabase();
    mkdirSync(join(directory, 'files', 'yealink'), { recursive: true });
    writeFileSync(join(directory, 'files', 'yealink', 'ring.wav'), 'sound');
    const environment = {
      ...environmentOf({ directory, http, admin: adminPort, sip, databaseUrl: database }),
      SELFPROV_LISTEN: '127.0.0.1',
      SELFPROV_TFTP_PORT: String(tftp),
      SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
      SELFPROV_AMI_PORT: String(ami),
      SELFPROV_FILES: join(directory, 'files'),
    };
    const config = readConfig(environment);
    await ownCertificate(join(directory, 'tls'), '127.0.0.1', Date.now());
    running = await serve(config, { log: createLog('silent'), trouble: () => undefined });
    [url, admin, tftpPort, port] = [`http://127.0.0.1:${http}`, `http://127.0.0.1:${adminPort}`, tftp, http];
  });
  after(async () => {
    await running.close();
    await dropDatabase(database);
    rmSync(directory, { recursive: true });
  });

  /** Gives the ETag. `fetch` would add headers that a phone does not send. */
  const ask = (path: string, headers: Readonly<Record<string, string>> = AGENT): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      get(`${url}${path}`, { headers }, (answer) => {
        answer.resume().on('end', () => resolve(answer.headers.etag));
      }).on('error', reject);
    });
  /** How much more of something is told after `work`; an answer is over a moment after it is here. */
  async function moved(
    work: () => Promise<unknown>,
    wanted: readonly (readonly [string, Readonly<Record<string, string>>, number])[],
  ): Promise<void> {
    const before = (await scrapeOf(admin)).all;
    await work();
    const differences = async (): Promise<readonly number[]> => {
      const { all } = await scrapeOf(admin);
      return wanted.map(([name, labels]) => (valueOf(all, name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0));
    };
    const expected = wanted.map(([, , by]) => by);
    let last: readonly number[] = [];
    await waitFor(async () => (last = await differences()).every((by, at) => by === expected[at]), {
      what: () => `${JSON.stringify(expected)}; it is ${JSON.stringify(last)}`,
      limit: 3000,
    });
  }
  const requests = (labels: Readonly<Record<string, string>>, by: number) =>
    ['selfprov_requests_total', labels, by] as const;

  it('is every metric of the page, with the labels that the page has, and is valid', async () => {
    await ask(`/${MAC}.cfg`);
    const { text, all } = await scrapeOf(admin);
    const wrong = Object.entries<Definition>(DEFINITIONS).filter(([name, { type, labels }]) => {
      const [one] = all.filter((each) => each.name === (type === 'histogram' ? `${name}_bucket` : name));
      const wanted = [...Object.keys(labels), ...(type === 'histogram' ? ['le'] : [])];
      return one === undefined || Object.keys(one.labels).toString() !== wanted.toString();
    });
    expect(wrong).to.deep.equal([]);
    const unknown = all.filter(({ name, labels }) => name.startsWith('selfprov_') && !isDocumented(name, labels));
    expect(unknown).to.deep.equal([]);
    expect(all.map(({ name }) => name)).to.include.members([
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ]);
    // Says nothing, and ends well, when there is nothing to say.
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).to.equal('');
  });

  it('has alerts that Prometheus takes', () => {
    const said = execFileSync('promtool', ['check', 'rules', join(packageRoot, 'docs/prometheus/alerts.yml')]);
    expect(said.toString()).to.match(/SUCCESS: \d+ rules found/);
  });

  it('is a file that was made, then the one from the cache, then the one that the phone has already', async () => {
    const made = { transport: 'http', family: 'yealink', outcome: 'made' };
    let tag = '';
    await moved(
      async () => (tag = (await ask('/y000000000066.cfg')) ?? ''),
      [
        requests(made, 1),
        ['selfprov_render_duration_seconds_count', {}, 1],
        ['selfprov_request_duration_seconds_count', { transport: 'http' }, 1],
      ],
    );
    await moved(
      () => ask('/y000000000066.cfg'),
      [
        requests(made, 0),
        requests({ ...made, outcome: 'cached' }, 1),
        ['selfprov_render_duration_seconds_count', {}, 0],
      ],
    );
    await moved(
      () => ask('/y000000000066.cfg', { ...AGENT, 'if-none-match': tag }),
      [requests({ ...made, outcome: 'unchanged' }, 1)],
    );
    expect(tag).not.to.equal('');
  });

  it('is a new phone that was enrolled, in a transaction, and what it was given', async () => {
    await moved(
      () => ask('/001565aabb02.cfg'),
      [
        requests({ transport: 'http', family: 'yealink', outcome: 'made' }, 1),
        ['selfprov_events_total', { step: 'enrolled' }, 1],
      ],
    );
    const { all } = await scrapeOf(admin);
    expect(valueOf(all, 'selfprov_transaction_duration_seconds_count')).to.be.at.least(1);
    expect(valueOf(all, 'selfprov_transaction_wait_seconds_count')).to.be.at.least(1);
  });

  it('is a request that got nothing, and why', async () => {
    await moved(
      () => ask('/nothing.txt', {}),
      [
        requests({ transport: 'http', family: 'none', outcome: 'not_found' }, 1),
        ['selfprov_requests_refused_total', { reason: 'no_such_file' }, 1],
      ],
    );
    await moved(
      () => ask('/ring.wav'),
      [
        requests({ transport: 'http', family: 'yealink', outcome: 'static' }, 1),
        ['selfprov_requests_refused_total', {}, 0],
      ],
    );
  });

  it('is what is no request at all', async () => {
    const nonsense = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('\u0016\u0003 this is no request\r\n\r\n'));
        socket.on('close', () => resolve()).resume();
      });
    await moved(nonsense, [['selfprov_connections_refused_total', { status: '400' }, 1]]);
  });

  it('is TFTP too', async () => {
    await moved(
      () => tftpGet({ port: tftpPort, name: 'y000000000066.cfg' }),
      [
        ['selfprov_tftp_transfers_total', { outcome: 'sent' }, 1],
        requests({ transport: 'tftp', family: 'yealink' }, 1),
        ['selfprov_tftp_transfers_under_way', {}, 0],
      ],
    );
    await moved(
      () => tftpGet({ port: tftpPort, name: 'nothing.txt' }).catch(() => undefined),
      [
        ['selfprov_tftp_transfers_total', { outcome: 'not_found' }, 1],
        requests({ transport: 'tftp', family: 'none', outcome: 'not_found' }, 1),
        ['selfprov_requests_refused_total', { reason: 'no_such_file' }, 1],
      ],
    );
  });

  it('is that Asterisk is away, since when, and when the certificates end', async () => {
    const { all } = await scrapeOf(admin);
    for (const link of ['ari', 'ami']) {
      expect(valueOf(all, 'selfprov_link_up', { link, asterisk: '' })).to.equal(0);
      expect(valueOf(all, 'selfprov_link_since_timestamp_seconds', { link })).to.be.within(1e9, Date.now() / 1000);
    }
    expect(valueOf(all, 'selfprov_database_up')).to.equal(1);
    for (const certificate of ['server', 'authority'])
      expect(valueOf(all, 'selfprov_certificate_expiry_timestamp_seconds', { certificate })).to.be.greaterThan(
        Date.now() / 1000 + 4 * 365 * 86_400,
      );
    expect(valueOf(all, 'selfprov_disk_free_bytes')).to.be.greaterThan(0);
  });
});

describe('What selfprov tells Prometheus of users and their phones', () => {
  let core: TestCore;
  let meters: Meters;
  let sources: Sources;

  beforeEach(async () => {
    meters = openMeters();
    core = await openTestCore(meters.event, meters.transaction);
    const config = readConfig({ ...core.environment, SELFPROV_HOST: '127.0.0.1' });
    const templates = () => ({ error: null });
    sources = readingsOf({ config, core, asterisks: { all: [] }, templates, tftp: undefined });
  });
  afterEach(() => core.close());

  const told = async (): Promise<readonly Scraped[]> => readMetrics((await scrape(meters, sources)).text);
  const value = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> =>
    valueOf(await told(), name, labels);
  const failed = (error: unknown): never => {
    throw error;
  };

  it('is how far a hand-over is, how long each step took, and how it ended', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    const place = { address: HOME, port: 5060, viaAddress: HOME, viaPort: 5060, callId: 'one', userAgent: 'Phone 1.0' };
    const first = await enrol(core, MAC);
    const register = (line: typeof first): Promise<unknown> =>
      core.registrar.register({
        ...{ ...place, user: line.endpoint, authName: line.authName, password: line.secret.reveal(), expires: 600 },
      });
    await register(first);
    await noteRegistrations(core, first.endpoint);
    const line = await assign(core, MAC, user.id);
    expect(await value('selfprov_hand_overs', { state: 'accepted' })).to.equal(1);
    expect(await value('selfprov_hand_overs_due')).to.equal(0);
    core.pass(20_000);
    expect(await value('selfprov_hand_overs_due')).to.equal(1);
    await driveHandOvers(core, failed);
    expect(await value('selfprov_hand_overs', { state: 'notified' })).to.equal(1);
    core.pass(2000);
    await register(line);
    await noteRegistrations(core, '1500');

    const all = await told();
    const seen = (name: string, labels: Readonly<Record<string, string>> = {}) => valueOf(all, name, labels);
    expect(seen('selfprov_hand_overs')).to.equal(0);
    expect(seen('selfprov_hand_overs_ended_total', { kind: 'assign', outcome: 'done' })).to.equal(1);
    expect(seen('selfprov_hand_overs_ended_total')).to.equal(1);
    expect(seen('selfprov_check_syncs_total', { outcome: 'notified' })).to.equal(1);
    // Acceptance to check-sync took 20 s, from there to the registration 2 s.
    expect(seen('selfprov_hand_over_step_seconds_sum', { step: 'notified' })).to.equal(20);
    expect(seen('selfprov_hand_over_step_seconds_sum', { step: 'registered' })).to.equal(2);
    expect(seen('selfprov_hand_over_step_seconds_bucket', { step: 'notified', le: '10' })).to.equal(0);
    expect(seen('selfprov_hand_over_step_seconds_bucket', { step: 'notified', le: '20' })).to.equal(1);
    expect(seen('selfprov_hand_over_step_seconds_bucket', { step: 'notified', le: '+Inf' })).to.equal(1);
    expect(seen('selfprov_hand_over_duration_seconds_sum', { kind: 'assign' })).to.equal(22);
    expect(seen('selfprov_events_total', { step: 'accepted' })).to.equal(1);
    expect(seen('selfprov_registrations_total', { line: 'default' })).to.equal(1);
    expect(seen('selfprov_registrations_total', { line: 'user' })).to.equal(1);
  });

  it('is a phone that has not come back, and for how long', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    await enrol(core, MAC);
    await assign(core, MAC, user.id);
    for (let looks = 0; (await core.store.handOver(MAC, 1))?.state === 'open' && looks < 50; looks++) {
      core.pass(5 * 60_000);
      await driveHandOvers(core, failed);
    }
    core.pass(3600_000);
    expect(await value('selfprov_hand_overs', { state: 'failed' })).to.equal(1);
    expect(await value('selfprov_oldest_failed_hand_over_age_seconds')).to.be.at.least(3600);
    expect(await value('selfprov_hand_overs_ended_total', { outcome: 'done' })).to.equal(0);
    expect(await value('selfprov_hand_overs_ended_total')).to.equal(1);
  });

  it('is each wrong PIN, and what is locked after too many', async () => {
    const { user, pin } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    const { authName } = await enrol(core, MAC);
    const wrong = new Secret(pin.reveal() === '840271' ? '840272' : '840271');
    const asker = { device: { tenantId: 'default', mac: MAC, family: 'yealink' }, line: authName };
    for (let tries = 0; tries < 6; tries++) await checkUser(core, asker, { user, number: '1500', secret: wrong });
    expect(await value('selfprov_wrong_secrets_total', { way: 'pin' })).to.equal(5);
    expect(await value('selfprov_refusals_total', { reason: 'wrong_secret' })).to.equal(5);
    expect(await value('selfprov_refusals_total', { reason: 'locked' })).to.equal(1);
    expect(await value('selfprov_locks_total', { scope: 'extension' })).to.equal(1);
    expect(await value('selfprov_locks_total', { scope: 'line' })).to.equal(1);
  });

  it('is how many users, devices and lines there are', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    await enrol(core, MAC);
    await enrol(core, '001565aabb02');
    await assign(core, MAC, user.id);
    const all = await told();
    expect(valueOf(all, 'selfprov_users')).to.equal(1);
    expect(valueOf(all, 'selfprov_devices')).to.equal(2);
    expect(valueOf(all, 'selfprov_lines', { line: 'user' })).to.equal(1);
    expect(valueOf(all, 'selfprov_lines', { line: 'default' })).to.equal(1);
    expect(valueOf(all, 'selfprov_lines_registered')).to.equal(0);
  });

  it('is all but what the database has when that does not answer, and that it does not', async () => {
    await enrol(core, MAC);
    const away = () => Promise.reject(new Error('away'));
    const config = readConfig({ ...core.environment, SELFPROV_HOST: '127.0.0.1' });
    const broken = { ...core, ping: away, figures: { due: away, size: away } };
    const templates = () => ({ error: 'broken' });
    sources = readingsOf({ config, core: broken, asterisks: { all: [] }, templates, tftp: undefined });
    const all = await told();
    expect(valueOf(all, 'selfprov_database_up')).to.equal(0);
    expect(valueOf(all, 'selfprov_hand_overs')).to.equal(undefined);
    expect(valueOf(all, 'selfprov_scrape_errors_total', { part: 'counts' })).to.equal(1);
    expect(valueOf(all, 'selfprov_events_total', { step: 'enrolled' })).to.equal(1);
    expect(valueOf(all, 'selfprov_disk_free_bytes')).to.be.greaterThan(0);
    expect(valueOf(all, 'selfprov_templates_broken')).to.equal(1);
  });
});

function isDocumented(name: string, labels: Readonly<Record<string, string>>): boolean {
  const all: Readonly<Record<string, Definition>> = DEFINITIONS;
  const definition = all[name] ?? all[name.replace(/_(?:bucket|sum|count)$/, '')];
  return Object.entries(labels).every(([label, value]) => {
    if (label === 'le') return definition?.type === 'histogram';
    const values = definition?.labels[label];
    return typeof values === 'string' || values?.includes(value) === true;
  });
}
