import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Core } from './administration/core.ts';
import { knownPasswords } from './asterisk/configFiles/passwords.ts';
import { readAuthority } from './certificates/certificateFiles.ts';
import { ownAuthorityFile } from './certificates/ownCertificate.ts';
import { plannedTime } from './clock.ts';
import type { AsteriskPlace, Config } from './config.ts';
import type { EndpointFacts } from './domain/adoption.ts';
import type { Ami } from './asterisk/ami/ami.ts';
import type { dialplanIncludes } from './asterisk/ami/dialplan.ts';
import type { DialplanStep } from './domain/dialplan.ts';
import { isRefusal, SelfprovError } from './domain/errors.ts';
import type { Registrar } from './domain/ports.ts';
import { packageRoot } from './packageRoot.ts';
import type { Families } from './phones/family/family.ts';
import { linesIn, portsIn } from './phones/family/models.ts';
import { compiledIn, NOTHING_COMPILED } from './phones/catalog/compiled.ts';
import { loadFamilies } from './phones/catalog/loadFamilies.ts';
import type { ServerFacts } from './phones/view/facts.ts';
import { readLanguages, type Languages } from './sounds/languages.ts';
import { openStore, type OpenStore } from './store/open.ts';
import { userName } from './userName.ts';

const REFRESH_HOURS = 24;
const ASK_WITHIN_MS = 2000;
/** So long may it take to ask about each of thousands of users or phones. */
export const ASK_OF_ALL_MS = 60_000;

interface Opening {
  readonly onEvent?: Parameters<typeof openStore>[2];
  readonly onTransaction?: Parameters<typeof openStore>[3];
  /** False: only what is there already, as `openStore` has it. */
  readonly isToBeMade?: boolean;
}

/** The database and what works on it alone: enough for the command line. */
export async function openCore(
  config: Config,
  { onEvent, onTransaction, isToBeMade = true }: Opening = {},
): Promise<Core & OpenStore> {
  const opened = await openStore(config, isToBeMade ? config.firstTenant : null, onEvent, onTransaction);
  return {
    ...opened,
    times: config.times,
    now: plannedTime,
    ...linesFrom(() => familiesOf(config)),
    actor: `cli:${userName()}`,
    languages: languagesOf(config),
  };
}

/** Families are read when they are needed for the first time: most commands do without. */
function linesFrom(load: () => Families): Pick<Core, 'portsOf' | 'linesOf'> {
  let families: Families | undefined;
  const loaded = (): Families => (families ??= load());
  return { portsOf: (kind) => portsIn(loaded(), kind), linesOf: (kind) => linesIn(loaded(), kind) };
}

/** Which Asterisk is asked, the first unless it is said, and for how many milliseconds at most: two seconds. */
interface Asking {
  readonly place: AsteriskPlace;
  readonly within: number;
}

/** What a command asks of a running Asterisk. */
export interface AsteriskAsked extends Pick<Registrar, 'authsOf'> {
  readonly registrar: Registrar;
  /** `undefined` when it has none of this name. */
  endpoint(name: string): Promise<EndpointFacts | undefined>;
  /** What a number comes to in the dialplan that runs (`dialplanSteps`). */
  steps(context: string, number: string): Promise<readonly DialplanStep[]>;
  /** When it started, whole seconds as milliseconds. */
  startedAt(): Promise<number>;
  /** Names of the modules that run. */
  modules(): Promise<readonly string[]>;
  /** Whether the dialplan that runs has it; true where we may not look. */
  hasContext(context: string): Promise<boolean>;
  /** Names of all credentials; what else Asterisk says of them is not kept. */
  auths(): Promise<readonly string[]>;
  /** What a phone is checked by; `undefined` when there is no such credential. */
  credential(authId: string): Promise<string | undefined>;
  /** Which context includes which, of all of the dialplan that runs. */
  includes(): ReturnType<typeof dialplanIncludes>;
  /** Which of these actions our user may ask of the manager. */
  allowed(actions: readonly string[]): Promise<readonly string[]>;
  /** Names of all endpoints. */
  endpoints(): Promise<readonly string[]>;
  /** Has a module read its files again; calls and registrations stay. */
  reload(module: string): Promise<void>;
}

/** Asks an Asterisk that may be away, for so many milliseconds at most; gives `undefined` where it cannot be asked. */
export type AskRunning = <T>(
  question: (asterisk: Pick<AsteriskAsked, 'endpoint' | 'steps' | 'hasContext'>) => Promise<T>,
  within?: number,
) => Promise<T | undefined>;

/**
 * Asks a running Asterisk something from the command line, where its password is known; gives `undefined` when it is not,
 * or it cannot be reached.
 */
export async function askAsterisk<T>(
  config: Config,
  question: (asterisk: AsteriskAsked) => Promise<T>,
  { place = config.asterisks[0], within = ASK_WITHIN_MS }: Partial<Asking> = {},
): Promise<T | undefined> {
  const { ari: password } = knownPasswords({ ari: config.ari.password, ami: undefined }, passwordsFile(config));
  if (password === undefined) return undefined;
  // Seldom asked, and the client takes longer to load than most commands to run.
  const [
    { connectAri },
    { authsOf, credentialAt, endpointFacts },
    { dialplanIncludes, dialplanSteps, hasContext },
    { authNames },
    { allowedOf },
    { registrar },
    { createLog },
  ] = await Promise.all([
    import('./asterisk/ari/ari.ts'),
    import('./asterisk/ari/endpointFacts.ts'),
    import('./asterisk/ami/dialplan.ts'),
    import('./asterisk/ami/authNames.ts'),
    import('./asterisk/ami/rights.ts'),
    import('./asterisk/registrar/registrar.ts'),
    import('./log.ts'),
  ]);
  const ami = lazyAmi(config, place, within);
  const ari = connectAri({
    ...config.ari,
    url: place.ariUrl,
    // The calls of an application go to whoever asked for it last: they must stay with the service.
    app: `${config.ari.app}-cli-${process.pid}`,
    password: password.reveal(),
    log: createLog('silent'),
    signal: AbortSignal.timeout(within),
  });
  try {
    return await question({
      authsOf: (endpoint) => authsOf(ari, endpoint),
      endpoint: (name) => endpointFacts(ari, name),
      endpoints: ari.sipEndpoints,
      reload: ari.reload,
      startedAt: ari.startedAt,
      modules: ari.modules,
      registrar: registrar({ name: place.name, ami, ari }),
      steps: (context, number) => dialplanSteps(ami, context, number),
      auths: () => authNames(ami),
      hasContext: (context) => hasContext(ami, context),
      credential: (authId) => credentialAt(ari, authId),
      includes: () => dialplanIncludes(ami),
      allowed: (actions) => allowedOf(ami, actions),
    });
  } catch (error) {
    if (isRefusal(error, 'unavailable')) return undefined;
    throw error;
  } finally {
    await Promise.all([ari.close(), ami.close()]);
  }
}

/** Over AMI, which is connected to when it is asked something first. */
function lazyAmi(config: Config, { amiHost, amiPort }: AsteriskPlace, within: number) {
  const { ami: password } = knownPasswords({ ari: undefined, ami: config.ami.password }, passwordsFile(config));
  let connected: Promise<Ami> | undefined;
  async function connect(): Promise<Ami> {
    const [{ connectAmi }, { createLog }] = await Promise.all([import('./asterisk/ami/ami.ts'), import('./log.ts')]);
    if (password === undefined) throw new SelfprovError('unavailable', 'SELFPROV_AMI_PASSWORD is not set');
    const { user } = config.ami;
    const about = { user, host: amiHost, port: amiPort, password: password.reveal(), log: createLog('silent') };
    return connectAmi({ ...about, signal: AbortSignal.timeout(within) });
  }
  return {
    action: async (...asked: Parameters<Ami['action']>) => (await (connected ??= connect())).action(...asked),
    list: async (...asked: Parameters<Ami['list']>) => (await (connected ??= connect())).list(...asked),
    close: async () => (await connected?.catch(() => undefined))?.close(),
  };
}

/** Where a private Asterisk's passwords are kept. */
export function passwordsFile({ directory }: Pick<Config, 'directory'>): string {
  return join(directory, 'asterisk.env');
}

/** With the passwords of the private Asterisk where nobody has given others. */
export function withKnownPasswords(config: Config): Config {
  const { ari, ami } = config;
  const known = knownPasswords({ ari: ari.password, ami: ami.password }, passwordsFile(config));
  return {
    ...config,
    ari: { ...ari, password: known.ari?.reveal() },
    ami: { ...ami, password: known.ami?.reveal() },
  };
}

export const shippedTemplates = join(packageRoot, 'templates');

/** What the build has read of the shipped families: beside the built program, and so of the same source. */
export const compiledFile = new URL('families.json', import.meta.url);

/** The families that are shipped, and the administrator's own on top. */
export function familiesOf({ ownTemplates }: Config): Families {
  const directories = ownTemplates === undefined ? [shippedTemplates] : [shippedTemplates, ownTemplates];
  const compiled = existsSync(compiledFile) ? compiledIn(readFileSync(compiledFile, 'utf8')) : NOTHING_COMPILED;
  return loadFamilies(directories, compiled);
}

/** Where a private Asterisk's own certificate is kept. */
export function ownCertificates({ directory }: Config): string {
  return join(directory, 'tls');
}

/**
 * The certificate of the authority that phones must be told of, because no maker has: the one that is set, or our own where
 * the private Asterisk has no other; `undefined` when there is neither.
 */
export function authorityFile(config: Config): string | undefined {
  if (config.sip.authority !== undefined) return config.sip.authority;
  const own = ownAuthorityFile(ownCertificates(config));
  return config.sip.certificate === undefined && existsSync(own) ? own : undefined;
}

/** Where phones find the servers. Throws `invalid` when the authority's certificate is not one. */
export function serverFacts(config: Config): ServerFacts {
  const { phones, sip } = config;
  const authority = authorityFile(config);
  return {
    openUrl: phones.url,
    sipHost: sip.host,
    sipPorts: { udp: sip.port, tcp: sip.port, tls: sip.tlsPort },
    authority: authority === undefined ? null : readAuthority(authority),
    transport: sip.transport,
    outboundProxy: null,
    refreshHours: REFRESH_HOURS,
  };
}

/** What callers can hear in each language; `null` when the folder is on another machine, or cannot be read. */
export function soundsOf(config: Config): Languages | null {
  return readLanguages(soundsPath(config));
}

/** Where Asterisk finds `<language>/<prompt>`: absolute, or relative to its own sounds directory. */
export function soundsPath({ sounds }: Config): string {
  return sounds ?? join(packageRoot, 'sounds');
}

function languagesOf(config: Config): readonly string[] | null {
  const complete = soundsOf(config)?.filter((sounds) => sounds.complete);
  return complete?.map(({ language }) => language) ?? null;
}
