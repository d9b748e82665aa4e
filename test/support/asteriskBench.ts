import { firstTenant } from './tenantSettings.ts';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { placeOf } from '../../src/domain/addresses.ts';
import { connectAmi } from '../../src/asterisk/ami/ami.ts';
import { connectAri, type Ari } from '../../src/asterisk/ari/ari.ts';
import { ownAuthorityFile, ownCertificate } from '../../src/certificates/ownCertificate.ts';
import { startPrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';
import { registrar } from '../../src/asterisk/registrar/registrar.ts';
import { Secret } from '../../src/domain/secret.ts';
import { privatePlace } from '../../src/ownAsterisk.ts';
import { isPostgres, past } from './connectTo.ts';
import { openTestCore, type TestCore } from './core.ts';
import { freePorts } from './freePorts.ts';
import { registeringPhone, type RegisteringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { leaveRoomForTwo, type BenchPhoneOptions, type RegistrarBench } from './registrarContract.ts';
import { waitFor } from './wait.ts';
import { consoleOf, theAsterisk } from './theAsterisk.ts';

const PASSWORD = 'onlyForThisTest123456789';

/** The private Asterisk over the accounts of a store. */
export interface AsteriskBench extends RegistrarBench {
  readonly sipPort: number;
  readonly tlsPort: number;
  /** PEM: who has signed what Asterisk shows over TLS. */
  readonly authority: string;
  readonly ari: Ari;
  /** One command of Asterisk's console; its output. */
  cli(command: string): Promise<string>;
}

export async function openAsteriskBench(limits = { calls: 10, callsPerAddress: 10 }): Promise<AsteriskBench> {
  const core = await openTestCore();
  const directory = await mkdtemp(join(tmpdir(), 'selfprov-bench-'));
  const installation = await theAsterisk();
  await leaveRoomForTwo(core);
  await letRegistrationsBeShort(core);

  const [sipPort = 0, , httpPort = 0, amiPort = 0] = await freePorts(4);
  const [rtpFirst = 0] = await freePorts(40);
  const tls = await ownCertificate(join(directory, 'tls'), '127.0.0.1', Date.now());
  const start = () =>
    startPrivateAsterisk({
      installation,
      place: privatePlace(directory),
      settings: {
        apps: ['selfprov'],
        adopted: [],
        tenants: [firstTenant({ emergencyNumbers: ['112'], defaultNumbers: ['_900X'] })],
        emergencyContext: 'emergency',
        calls: limits.calls,
        callsPerAddress: limits.callsPerAddress,
        database: core.place.database,
        httpAddress: '127.0.0.1',
        httpPort,
        ariUser: 'selfprov',
        ariPassword: new Secret(PASSWORD),
        amiUser: 'selfprov',
        amiPassword: new Secret(PASSWORD),
        amiClients: ['127.0.0.1'],
        peers: null,
        sipAddress: '127.0.0.1',
        sipPort,
        tlsPort: sipPort + 1,
        tls,
        amiAddress: '127.0.0.1',
        amiPort,
        rtpFirst,
        rtpLast: rtpFirst + 39,
        realm: 'asterisk',
      },
    });
  let asterisk = await start();
  const authenticated: string[] = [];
  const access = { user: 'selfprov', password: PASSWORD, log: pino({ level: 'silent' }) };
  const ami = connectAmi({
    ...access,
    host: '127.0.0.1',
    port: amiPort,
    onAuthenticated({ endpoint, address, port }) {
      authenticated.push(endpoint);
      core.heard(endpoint, placeOf(address, port));
    },
  });
  const ari = connectAri({ ...access, url: `http://127.0.0.1:${httpPort}`, app: 'selfprov' });
  const linksUp = (): Promise<unknown> =>
    waitFor(() => ami.state().state === 'up' && ari.state().state === 'up', { what: 'both links', limit: 20_000 });
  await linksUp();

  const cli = (command: string): Promise<string> => consoleOf(installation, join(directory, 'etc'), command);

  return {
    registrar: registrar({ name: null, ami, ari }),
    core,
    now: Date.now,
    authenticated,
    sipPort,
    tlsPort: sipPort + 1,
    authority: await readFile(ownAuthorityFile(join(directory, 'tls')), 'utf8'),
    ari,
    cli,
    async phone({ contactHost, ...options }: BenchPhoneOptions) {
      const contact = contactHost === undefined ? {} : { contact: `sip:${options.aor}@${contactHost}` };
      const phone = await registeringPhone({ sipPort, ...options, ...contact });
      return { port: phone.port, register: phone.register, notified: () => eventsOf(phone), close: phone.close };
    },
    async shadow(name) {
      const auth = `[${name}]\ntype = auth\nusername = ${name}\npassword = another\n`;
      const endpoint = `[${name}]\ntype = endpoint\nauth = ${name}\naors = ${name}\ncontext = default\n`;
      await appendFile(
        join(directory, 'etc/pjsip.conf'),
        `\n${auth}${endpoint}[${name}]\ntype = aor\nmax_contacts = 2\n`,
      );
      await cli('module reload res_pjsip.so');
    },
    async until(condition, seconds = 0) {
      await waitFor(condition, { what: 'what was to come', limit: seconds * 1000 + 3000 });
    },
    stop: () => asterisk.close(),
    async start() {
      asterisk = await start();
      await linksUp();
    },
    async close() {
      await Promise.all([ami.close(), ari.close()]);
      await asterisk.close();
      await core.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function eventsOf({ received }: RegisteringPhone): readonly string[] {
  return received
    .filter((request) => request.startsWith('NOTIFY '))
    .map((request) => /^Event: *(.*)\r$/m.exec(request)?.[1] ?? '');
}

/** A test cannot wait for the minute that a registration lasts at least. */
async function letRegistrationsBeShort({ place }: Pick<TestCore, 'place'>): Promise<void> {
  await past(place.database, async (views) => {
    const asked = isPostgres(views)
      ? `SELECT 'CREATE VIEW ps_aors AS ' || pg_get_viewdef('ps_aors'::regclass) AS sql`
      : `SELECT sql FROM sqlite_master WHERE name = 'ps_aors'`;
    const answer = await views.raw<{ sql: string }[] | { readonly rows: { sql: string }[] }>(asked);
    const [view] = 'rows' in answer ? answer.rows : answer;
    await views.raw('DROP VIEW ps_aors');
    await views.raw(String(view?.sql).replaceAll('60 AS minimum_expiration', '1 AS minimum_expiration'));
  });
}
