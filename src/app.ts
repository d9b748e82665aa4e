import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectAmi } from './asterisk/ami/ami.ts';
import { connectAri } from './asterisk/ari/ari.ts';
import { answerCalls } from './asterisk/calls/calls.ts';
import { registrar } from './asterisk/ami/registrar.ts';
import type { Config } from './config.ts';
import { SelfprovError } from './domain/errors.ts';
import { DEFAULT_TENANT } from './domain/tenant.ts';
import { adminApp, type Health } from './http/admin.ts';
import { listen } from './http/listen.ts';
import { release } from './ivr/release.ts';
import { selfProvision } from './ivr/selfProvision.ts';
import type { Log } from './log.ts';
import { packageRoot } from './packageRoot.ts';
import { listenForPhones } from './phoneListeners.ts';
import { loadFamilies } from './phones/catalog/loadFamilies.ts';
import { notification } from './phones/family/notification.ts';
import type { ServerFacts } from './phones/view/facts.ts';
import type { Ports } from './provisioning/ports.ts';
import { pollLoop } from './schedule/pollLoop.ts';
import { runHandOvers } from './provisioning/handOver/runHandOvers.ts';
import { runAfter } from './schedule/runAfter.ts';
import { syncAllRegistrations, syncRegistrations } from './provisioning/handOver/syncRegistrations.ts';
import { openStore, type OpenStore } from './store/open.ts';

/** How often the database is looked at for what other processes made due. */
const LOOK_EVERY_MS = 1000;
/** Registrations that run out are not told of: all are compared so often. */
const COMPARE_EVERY_MS = 5 * 60_000;
/** From the proof of a REGISTER until Asterisk has surely written the registration down. */
const REGISTERED_AFTER_MS = 150;
const REFRESH_HOURS = 24;

/** A part that runs until it is closed. */
export interface Running {
  close(): Promise<void>;
}

/** All that serves, with the state of each part. */
export interface Serving extends Running {
  health(): Promise<Readonly<Record<string, Health>>>;
  /** Reads the templates again. When they are broken, the log says where, and those that were read before stay. */
  reload(): void;
}

export type Core = Pick<Ports, 'store' | 'secrets' | 'times' | 'now'> & Running;

/** The database and what works on it alone: enough for the command line. */
export async function openCore(config: Config, onEvent?: Parameters<typeof openStore>[2]): Promise<Core & OpenStore> {
  const opened = await openStore(config, config.firstTenant, onEvent);
  return { ...opened, times: config.times, now: Date.now };
}

/** The families that are shipped, and the administrator's own on top. */
export function familiesOf(config: Config): ReturnType<typeof loadFamilies> {
  const shipped = join(packageRoot, 'templates');
  return loadFamilies(config.ownTemplates === undefined ? [shipped] : [shipped, config.ownTemplates]);
}

/** Starts everything beside an Asterisk; Asterisk itself may come and go. Rejects when a listener cannot be opened. */
export async function serve(config: Config, log: Log): Promise<Serving> {
  const parts: Running[] = [];
  const links = new AbortController();
  const close = async (): Promise<void> => {
    for (const part of parts.splice(0).toReversed()) await part.close();
  };
  try {
    const serving = await start(config, log, links, (part) => {
      parts.push(part);
      return part;
    });
    return { ...serving, close };
  } catch (error) {
    links.abort();
    await close();
    throw error;
  }
}

async function start(
  config: Config,
  log: Log,
  links: AbortController,
  keep: <T extends Running>(part: T) => T,
): Promise<Omit<Serving, 'close'>> {
  let families = familiesOf(config);
  const core = keep(
    await openCore(config, ({ step, tenantId, mac, userId, detail }) => {
      log.info({ step, device: mac, user: userId, tenant: tenantId, ...detail }, step);
    }),
  );
  const tenant = await core.store.tenant(DEFAULT_TENANT);
  const logged = (what: string) => (error: unknown) => log.error({ err: error }, what);

  const ami = connectAmi({
    ...config.ami,
    password: passwordOf(config.ami.password, 'SELFPROV_AMI_PASSWORD'),
    log,
    signal: links.signal,
    onAuthenticated: ({ endpoint }) => settling.add(endpoint),
    onUp: () => comparing.wake(),
  });
  const asterisk = registrar(ami);
  const ports: Ports = {
    ...core,
    registrar: asterisk,
    checkSync: (family) => notification(families, family, 'fetch'),
    wake: () => looking.wake(),
  };
  keep(ami);
  const looking = keep(
    pollLoop(
      () => runHandOvers(ports, logged('a hand-over is held up')).catch(logged('hand-overs could not be looked at')),
      LOOK_EVERY_MS,
    ),
  );
  const comparing = keep(
    pollLoop(() => syncAllRegistrations(ports).catch(logged('registrations could not be compared')), COMPARE_EVERY_MS),
  );
  const settling = keep(
    runAfter(
      (endpoint) => syncRegistrations(ports, endpoint).catch(logged('a registration could not be noted')),
      REGISTERED_AFTER_MS,
    ),
  );

  const password = passwordOf(config.ari.password, 'SELFPROV_ARI_PASSWORD');
  const ari = keep(connectAri({ ...config.ari, password, log, signal: links.signal }));

  const needs = { ...ports, families: () => families, server: serverFacts(config), tenantId: DEFAULT_TENANT };
  await listenForPhones(config, needs, log, keep);
  const health: Serving['health'] = async () => ({
    process: { ok: true, state: 'up', uptime: Math.round(process.uptime()) },
    database: await core.ping().then(
      () => ({ ok: true, state: 'up' }),
      () => ({ ok: false, state: 'down' }),
    ),
    ari: { ...ari.state(), ok: ari.state().state === 'up' },
    ami: { ...ami.state(), ok: ami.state().state === 'up' },
  });
  keep(await listen(adminApp(health), { host: config.admin.listen, port: config.admin.port }, 'administration'));

  // What is kept last is closed first: calls are hung up while Asterisk can be told, then nothing waits for it any more.
  keep({ close: async () => links.abort() });
  keep(
    answerCalls({
      ari,
      soundsPath: config.sounds ?? join(packageRoot, 'sounds'),
      language: languageOf(tenant?.language ?? 'en'),
      scripts: {
        'self-provision': (call) => selfProvision(ports, call),
        release: (call) => release(ports, call),
      },
      apology: 'not-available',
      log,
    }),
  );
  const reload = (): void => {
    try {
      families = familiesOf(config);
      log.info({ families: families.all.length }, 'templates are read again');
    } catch (error) {
      log.error({ err: error }, 'the templates are broken: those that were read before stay');
    }
  };
  return { health, reload };
}

export function serverFacts({ phones, sip }: Config): ServerFacts {
  return {
    openUrl: phones.url,
    sipHost: sip.host,
    sipPorts: { udp: sip.port, tcp: sip.port, tls: sip.port + 1 },
    transport: sip.transport,
    outboundProxy: null,
    refreshHours: REFRESH_HOURS,
  };
}

function passwordOf(password: string | undefined, setting: string): string {
  if (password !== undefined) return password;
  throw new SelfprovError(
    'invalid',
    `${setting} is not set: "selfprov asterisk-files DIR" makes one and says where it is`,
  );
}

function languageOf(language: string): string {
  const languages = readdirSync(join(packageRoot, 'sounds'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  if (languages.some(({ name }) => name === language)) return language;
  throw new SelfprovError('invalid', `there are no prompts in language ${language}: see sounds/README.md`);
}
