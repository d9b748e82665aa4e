import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Check, Finding, Report } from './doctor/finding.ts';
import { examine, notWithout, unseen, warning, well, wrong } from './doctor/finding.ts';
import { dhcpFindings } from './doctor/dhcpFiles.ts';
import { folderFindings, keyFindings, ownFolderFindings, secretFindings } from './doctor/files.ts';
import { addressesOf, askHttp, askSip, askTftp } from './doctor/probes.ts';
import { checkCertificate } from './certificates/certificateFiles.ts';
import { plannedTime } from './clock.ts';
import { describeFailure } from './cli/failure.ts';
import type { Config } from './config.ts';
import { authorityFile, familiesOf, openCore, passwordsFile, soundsOf, soundsPath } from './core.ts';
import { asteriskChecks, type Known } from './doctorAtAsterisk.ts';
import type { Core } from './administration/core.ts';
import { describePlace } from './domain/databasePlace.ts';
import { isRefusal } from './domain/errors.ts';
import { DEFAULT_TENANT, policyOf } from './domain/tenant.ts';
import { saidTooLate } from './firstStart.ts';
import type { Parts } from './health.ts';
import { servedPorts } from './listening.ts';
import { checkPortsFree } from './network/freePorts.ts';
import { isKeyOf, lookAtDatabase, type DatabaseLook } from './store/look.ts';
import { version } from './version.ts';

export interface DoctorOptions {
  /** Files of a DHCP server to look into, besides the usual ones. */
  readonly dhcp: readonly string[];
  /** A phone is played and set up by a call, unless this fires; `undefined`: none is. */
  readonly call: AbortSignal | undefined;
}

/**
 * Looks at everything that selfprov rests on, in the order in which one thing rests on the other, and changes nothing that
 * lasts. `read` gives the settings, or throws as `readConfig` does.
 */
export async function doctor(read: () => Config, options: DoctorOptions): Promise<Report> {
  let config: Config;
  try {
    config = read();
  } catch (error) {
    return examine([{ name: 'settings', look: () => Promise.reject(error) }], words);
  }
  const known: Known = { config, core: undefined, health: undefined };
  try {
    return await examine(checksOf(known, options), words);
  } finally {
    await known.core?.close();
  }
}

const words = (error: unknown): string => describeFailure(error).replace(/^selfprov: /, '');

function checksOf(known: Known, { dhcp, call }: DoctorOptions): readonly Check[] {
  const { config } = known;
  const check = (name: string, look: () => Promise<readonly Finding[]> | readonly Finding[]): Check => ({
    name,
    look: async () => look(),
  });
  let database: DatabaseLook | undefined;
  return [
    check('settings', () => settingsFindings(config)),
    check('folder', () => folderFindings(config.directory)),
    check('database', async () => {
      database = await lookAtDatabase(config.database);
      return databaseFindings(config, database);
    }),
    check('site key', () => siteKeyFindings(config, database)),
    check('tenants', async () => {
      if (database === undefined || database.pending.length + database.newer.length > 0)
        return [notWithout('database')];
      known.core = await openCore(config, { isToBeMade: false });
      return tenantFindings(config, known.core);
    }),
    check('templates', () => templateFindings(config)),
    check('prompts', async () => promptFindings(config, known.core)),
    check('certificate', () => certificateFindings(config)),
    check('service', async () => serviceFindings(known)),
    check('phones', async () => phonesFindings(known)),
    check('tftp', async () => tftpFindings(known)),
    check('dhcp', () => dhcpFindings(config.phones.url, dhcp)),
    ...asteriskChecks(known),
    check('sip', async () => sipFindings(config)),
    check('clock', async () => clockFindings(known)),
    ...(call === undefined ? [] : [check('call', async () => callOf(known, call))]),
  ];
}

/** What plays a phone is loaded where it is wanted. */
async function callOf({ config, core, health }: Known, stop: AbortSignal): Promise<readonly Finding[]> {
  if (core === undefined) return [notWithout('database')];
  if (health === undefined) return [notWithout('service')];
  const { callFindings } = await import('./doctorCall.ts');
  return callFindings(config, core, stop);
}

function settingsFindings({ said, directory }: Config): readonly Finding[] {
  const file = said['SELFPROV_CONFIG'];
  const secret = file === undefined ? [] : secretFindings(file, 'the settings, passwords among them');
  const made = secretFindings(passwordsFile({ directory }), 'the passwords of the private Asterisk');
  const count = Object.keys(said).length;
  return [
    ...secret.filter(({ state }) => state !== 'well'),
    ...made.filter(({ state }) => state !== 'well'),
    well(
      `version ${version}, Node.js ${process.versions.node}; ${count} settings${file === undefined ? '' : `, ${file}`}`,
    ),
  ];
}

function databaseFindings({ database: place, siteKey }: Config, look: DatabaseLook | undefined): readonly Finding[] {
  const where = describePlace(place);
  if (look === undefined)
    return [
      wrong(
        `${where}: there is no database of selfprov yet`,
        existsSync(siteKey)
          ? 'its site key is there, so there was one: put the backup back (selfprov restore FILE)'
          : 'selfprov start, serve or asterisk-files makes it; if there is one elsewhere, say where: SELFPROV_DIR',
      ),
    ];
  const { pending, newer, damage } = look;
  if (damage !== null) return [wrong(`${where} is damaged: ${damage}`, 'put the backup back: selfprov restore FILE')];
  if (newer.length > 0)
    return [
      wrong(
        `${where} was made by a newer version (it has ${newer.join(', ')})`,
        'install that version, or put the backup of before back',
      ),
    ];
  if (pending.length > 0)
    return [
      warning(`${where} is of an older version`, 'the next start of selfprov brings it up to date, and keeps a copy'),
    ];
  return [well(where)];
}

function siteKeyFindings({ siteKey: file }: Config, look: DatabaseLook | undefined): readonly Finding[] {
  const found = keyFindings(file, look !== undefined);
  if (look === undefined || found.some(({ state }) => state !== 'well')) return found;
  return isKeyOf(file, look)
    ? found
    : [
        wrong(
          `${file} is not the site key that this database was made with`,
          'put that one back from the backup, or name it: SELFPROV_SITE_KEY',
        ),
      ];
}

async function tenantFindings(config: Config, core: Core): Promise<readonly Finding[]> {
  const tenants = await core.store.tenants();
  const first = tenants.find(({ id }) => id === DEFAULT_TENANT);
  const late = first === undefined ? [] : saidTooLate(config, first);
  const open = tenants.filter((tenant) => policyOf(tenant).authentication === 'none');
  const users = await Promise.all(tenants.map(async ({ id }) => (await core.store.users(id)).length));
  return [
    ...late.map((says) => warning(says, null)),
    ...open.map(({ id }) =>
      warning(
        `whoever keys an extension of tenant ${id} gets it: nobody has to prove anything there`,
        `selfprov --tenant ${id} tenant set --authentication users`,
      ),
    ),
    well(`tenants: ${tenants.length}, users: ${users.reduce((sum, count) => sum + count, 0)}`),
  ];
}

function templateFindings(config: Config): readonly Finding[] {
  const own = ownFolderFindings('SELFPROV_TEMPLATES', config.ownTemplates);
  const files = ownFolderFindings('SELFPROV_FILES', config.files);
  const bad = [...own, ...files].filter(({ state }) => state !== 'well');
  if (bad.length > 0) return bad;
  return [well(`${familiesOf(config).all.length} families`)];
}

async function promptFindings(config: Config, core: Core | undefined): Promise<readonly Finding[]> {
  const languages = soundsOf(config);
  if (languages === null)
    return [unseen(`${soundsPath(config)} is a folder of Asterisk's that cannot be seen from here`)];
  const wanted = new Set(
    (await core?.store.tenants())?.flatMap((tenant) => policyOf(tenant).prompts.slice(0, 1)) ?? [],
  );
  const missing = [...wanted].flatMap((language) => {
    const found = languages.find((one) => one.language === language);
    const lacks = found?.missingPrompts.map(({ name }) => name) ?? [];
    if (found === undefined)
      return [
        wrong(
          `there are no prompts in ${language}, which callers are to hear`,
          'selfprov sounds check; see sounds/README.md',
        ),
      ];
    return lacks.length === 0
      ? []
      : [
          wrong(
            `in ${language} callers hear nothing in place of ${lacks.join(', ')}`,
            `selfprov sounds check ${language}; see sounds/README.md`,
          ),
        ];
  });
  const complete = languages.filter(({ complete: all }) => all).map(({ language }) => language);
  return missing.length > 0 ? missing : [well(`whole in ${complete.join(', ')}`)];
}

function certificateFindings({ sip, ...config }: Config): readonly Finding[] {
  const authority = authorityFile({ sip, ...config });
  if (sip.certificate === undefined)
    return [well(authority === undefined ? 'none: phones use no TLS' : `our own authority, ${authority}`)];
  const said = checkCertificate(sip.certificate, sip.host, plannedTime());
  return [said === undefined ? well(sip.certificate.certificate) : warning(said, null)];
}

/** A selfprov that runs says itself how its parts are; of one that does not the ports have to be free. */
async function serviceFindings(known: Known): Promise<readonly Finding[]> {
  const { admin } = known.config;
  const url = `http://${urlHost(admin.listen)}:${admin.port}/healthz`;
  const answer = await askHttp(url);
  const parts = 'body' in answer ? partsIn(answer.body) : undefined;
  if (parts === undefined) {
    await checkPortsFree(servedPorts(known.config));
    return [
      wrong(
        'selfprov does not run',
        'systemctl start selfprov, or selfprov serve; its log says why it ends: journalctl -u selfprov',
      ),
    ];
  }
  known.health = parts;
  const running = String(parts['process']?.['version']);
  return [
    ...(running === version
      ? []
      : [warning(`version ${running} runs, and ${version} is installed`, 'systemctl restart selfprov')]),
    ...Object.entries(parts).flatMap(([name, { ok, state, error, warning: says }]) => [
      ...(ok ? [] : [wrong(`${name} is ${state}${typeof error === 'string' ? `: ${error}` : ''}`, null)]),
      ...(says === undefined ? [] : [warning(says, null)]),
    ]),
    well(`runs, version ${running}`),
  ];
}

function partsIn(body: string): Parts | undefined {
  try {
    const { ok, warnings, ...parts } = JSON.parse(body) as Parts & { readonly ok: unknown; readonly warnings: unknown };
    return typeof ok === 'boolean' && Array.isArray(warnings) ? parts : undefined;
  } catch {
    return undefined;
  }
}

/** What phones are told to ask, from here. What nobody has is answered by selfprov with the same words everywhere. */
async function phonesFindings({ config, health }: Known): Promise<readonly Finding[]> {
  const { url, listen, port } = config.phones;
  if (!URL.canParse(url))
    return [
      wrong(`${url}, which phones are told, is no URL`, 'name a host that there is: SELFPROV_URL, SELFPROV_HOST'),
    ];
  const { hostname } = new URL(url);
  const addresses = await addressesOf(hostname.replace(/^\[|\]$/g, ''));
  if (addresses.length === 0)
    return [
      wrong(
        `nobody knows the host of ${url}, which phones are told`,
        'enter it into your DNS, or name another one: SELFPROV_URL, SELFPROV_HOST',
      ),
    ];
  if (health === undefined) return [notWithout('service')];
  const name = 'selfprov-doctor';
  const [through, direct] = [
    await askHttp(`${url}${name}`),
    await askHttp(`http://${urlHost(listen)}:${port}/${name}`),
  ];
  if ('error' in direct)
    return [wrong(`selfprov does not answer on ${listen}:${port}: ${direct.error}`, 'look at its log')];
  if ('error' in through)
    return [
      wrong(
        `${url}, which phones are told, does not answer: ${through.error}`,
        'look at the proxy or firewall in between, or name another URL: SELFPROV_URL',
      ),
    ];
  if (through.body !== direct.body || through.status !== direct.status)
    return [
      wrong(
        `${url}, which phones are told, is answered by somebody else`,
        'look at the proxy in between, or name another URL: SELFPROV_URL',
      ),
    ];
  return [
    addresses.every(isOwnAlone)
      ? warning(
          `${url}, which phones are told, is reached from this machine only`,
          'name an address of this machine that phones reach: SELFPROV_HOST',
        )
      : well(`${url} answers`),
  ];
}

const isOwnAlone = (address: string): boolean => address.startsWith('127.') || address === '::1';

async function tftpFindings({ config, health }: Known): Promise<readonly Finding[]> {
  const { tftpPort, listen } = config.phones;
  if (tftpPort === undefined) return [well('off')];
  if (health === undefined) return [notWithout('service')];
  const answers = await askTftp({ host: hostOf(listen), port: tftpPort });
  return [
    answers
      ? well(`port ${tftpPort} answers`)
      : wrong(`nobody answers TFTP on port ${tftpPort}`, 'look at the log of selfprov, and at the firewall'),
  ];
}

async function sipFindings({ sip }: Config): Promise<readonly Finding[]> {
  const { host, port, tlsPort, transport } = sip;
  const at = transport === 'tls' ? tlsPort : port;
  const answer = await askSip({ host, port: at }, transport);
  if (answer !== undefined) return [well(`${host}:${at} answers over ${transport.toUpperCase()}`)];
  return [
    (await addressesOf(host)).length === 0
      ? wrong(
          `nobody knows the host ${host}, which phones are told`,
          'enter it into your DNS, or name another one: SELFPROV_SIP_HOST',
        )
      : wrong(
          `nobody answers SIP over ${transport.toUpperCase()} at ${host}:${at}, which phones are told`,
          'look at the transports in pjsip.conf and at the firewall; or name the right place: SELFPROV_SIP_HOST, SELFPROV_SIP_PORT',
        ),
  ];
}

const MOST_APART_MS = 2000;

async function clockFindings({ core }: Known): Promise<readonly Finding[]> {
  const now = Date.now();
  if (now < RELEASED)
    return [
      wrong(`the clock of this machine says ${new Date(now).toISOString()}`, 'set it right: timedatectl set-ntp true'),
    ];
  try {
    const ahead = (await core?.ping()) ?? 0;
    if (Math.abs(ahead) > MOST_APART_MS)
      return [
        wrong(
          `the clock of the database is ${Math.round(ahead / 1000)} seconds apart from this machine's`,
          'keep both right with NTP',
        ),
      ];
  } catch (error) {
    if (!isRefusal(error, 'unavailable')) throw error;
  }
  return [
    (await isSynchronized()) === false
      ? warning('nobody keeps the clock of this machine right', 'timedatectl set-ntp true')
      : well(new Date(now).toISOString()),
  ];
}

/** As systemd says; `undefined` where it is not there to ask. */
async function isSynchronized(): Promise<boolean | undefined> {
  try {
    const asked = ['show', '--property=NTPSynchronized', '--value'];
    const { stdout } = await promisify(execFile)('timedatectl', asked, { timeout: 2000 });
    return stdout.trim() === '' ? undefined : stdout.trim() === 'yes';
  } catch {
    return undefined;
  }
}

/** No clock that is right says less. */
const RELEASED = Date.UTC(2026, 0, 1);

/** What listens on every address answers on the one of this machine alone. */
function hostOf(listen: string): string {
  if (listen === '0.0.0.0') return '127.0.0.1';
  return listen === '::' ? '::1' : listen;
}

function urlHost(listen: string): string {
  const host = hostOf(listen);
  return host.includes(':') ? `[${host}]` : host;
}
