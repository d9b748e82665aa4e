import { forgetTheOld, retentionOf } from './administration/retention.ts';
import { showTenant } from './administration/tenants.ts';
import { answerCalls } from './asterisk/calls/calls.ts';
import { connectAsterisks, refuseWithoutPasswords } from './asterisks.ts';
import type { Config } from './config.ts';
import { familiesOf, openCore, serverFacts, soundsPath } from './core.ts';
import { may } from './domain/access.ts';
import type { AsteriskName } from './domain/addresses.ts';
import { isRefusal, SelfprovError } from './domain/errors.ts';
import type { Policy } from './domain/policySettings.ts';
import { DEFAULT_TENANT, policyOf } from './domain/tenant.ts';
import { healthOf, type Parts } from './health.ts';
import { visitorOf } from './http/apiApp.ts';
import { metricsHandler } from './http/metrics.ts';
import { listenPhones } from './http/listenPhones.ts';
import { servedPorts } from './listening.ts';
import { checkPortsFree } from './network/freePorts.ts';
import type { Call } from './ivr/call.ts';
import { phoneNumber } from './ivr/phoneNumber.ts';
import { release } from './ivr/release.ts';
import { selfProvision } from './ivr/selfProvision.ts';
import { keepAlive } from './aliveness.ts';
import { firstLink } from './firstAdministrator.ts';
import { saidTooLate } from './firstStart.ts';
import { failuresIn, type Log } from './log.ts';
import type { OwnLog } from './logFiles.ts';
import { openMeters } from './metrics/meters.ts';
import { scrape } from './metrics/scrape.ts';
import { linesIn, portsIn } from './phones/family/models.ts';
import { notification } from './phones/family/notification.ts';
import { listenPnp } from './pnp/listenPnp.ts';
import { urlForPhones } from './pnp/urlForPhones.ts';
import { fastPath } from './provisioning/fast/fastPath.ts';
import { answerRequest, type Answer } from './provisioning/files/answerRequest.ts';
import type { FileRequest } from './provisioning/files/serveFile.ts';
import type { Ports } from './provisioning/ports.ts';
import { readingsOf } from './readings.ts';
import { pollLoop, type PollLoop } from './schedule/pollLoop.ts';
import { driveHandOvers } from './provisioning/handOver/driveHandOvers.ts';
import { within } from './schedule/within.ts';
import { runAfter } from './schedule/runAfter.ts';
import { serveAdministration } from './serveAdministration.ts';
import { languagesReader, type Languages, type LanguageSounds } from './sounds/languages.ts';
import { endOfCallsBefore } from './provisioning/handOver/endOfCall.ts';
import { forgetAccounts } from './provisioning/handOver/forgetAccounts.ts';
import { endHotDesks } from './provisioning/handOver/hotDesk.ts';
import { endTrials, noteRefused, type Refused } from './provisioning/handOver/formers.ts';
import { noteRegistrations } from './provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations } from './provisioning/handOver/registrationWatch.ts';
import { syncDriver } from './provisioning/sync/driveSyncs.ts';
import { writeDown } from './provisioning/writeDown.ts';
import { holdFolder } from './store/sqlite/holdFolder.ts';
import { driveWebhooks } from './webhooks/driveWebhooks.ts';
import { tellWebhook } from './webhooks/tellWebhook.ts';
import { listenTftp } from './tftp/listenTftp.ts';

/** Of two clocks: what is due is planned by one, and who may do it is judged by the other. */
const MOST_APART_MS = 2000;
/** How often the database is looked at for what other processes made due. */
const LOOK_EVERY_MS = 1000;
/** Registrations that run out are not told of: all are compared so often. */
const COMPARE_EVERY_MS = 5 * 60_000;
const COMPARE_AGAIN_MS = 2000;
/** From the proof of a REGISTER until Asterisk has surely written the registration down. */
const REGISTERED_AFTER_MS = 150;
/** A phone gives up after 5 s, or later; one that is told "later" before that knows that we are there. */
const ANSWER_WITHIN_MS = 4000;
const FORGET_EVERY_MS = 10 * 60_000;

/** A part that runs until it is closed. */
export interface Running {
  close(): Promise<void>;
}

/** All that serves, with the state of each part. */
export interface Serving extends Running {
  health(): Promise<Parts>;
  /** Those to Asterisk. */
  links(): Parts;
  /** `firstLink`, which has it once more. */
  firstLink(): Promise<string | undefined>;
  /** Reads the templates again, and a certificate that was renewed. When they are broken, the log says where, and those that were read before stay. */
  reload(): void;
}

/** Starts everything beside an Asterisk; Asterisk itself may come and go. Rejects when a listener cannot be opened. */
export async function serve(config: Config, own: Pick<OwnLog, 'log' | 'trouble'>): Promise<Serving> {
  const parts: Running[] = [];
  const [links, ending] = [new AbortController(), new AbortController()];
  const close = async (): Promise<void> => {
    ending.abort();
    for (const part of parts.splice(0).toReversed()) await part.close();
  };
  try {
    const serving = await start(config, own, { links, ending: ending.signal }, (part) => {
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
  { log, trouble: logTrouble }: Pick<OwnLog, 'log' | 'trouble'>,
  { links, ending }: { readonly links: AbortController; readonly ending: AbortSignal },
  keep: <T extends Running>(part: T) => T,
): Promise<Omit<Serving, 'close'>> {
  // Before the first start writes down what it was told.
  refuseWithoutPasswords(config);
  // Of two with one name Asterisk gives the calls to the later one. PostgreSQL is for processes with folders of their own.
  if ('file' in config.database) keep(holdFolder(config.directory, `selfprov.${config.ari.app}`));
  await checkPortsFree(servedPorts(config));
  let families = familiesOf(config);
  const meters = openMeters();
  const core = keep(
    await openCore(config, {
      onTransaction: meters.transaction,
      onEvent: ({ step, tenantId, mac, userId, detail }) => {
        meters.event({ step, userId, detail });
        log.info({ step, device: mac, user: userId, tenant: tenantId, ...detail }, step);
      },
    }),
  );
  const startedAt = core.now();
  const first = await showTenant(core, DEFAULT_TENANT);
  for (const warning of saidTooLate(config, first)) log.warn(warning);
  const ahead = await core.ping();
  if (Math.abs(ahead) > MOST_APART_MS)
    log.warn(
      { ms: ahead },
      'the clock of the database is ahead of this machine’s, or behind: keep both right with NTP',
    );
  const policy = policyOf(first);
  const languagesIn = languagesReader();
  for (const tenant of await core.store.tenants()) {
    if (policyOf(tenant).authentication === 'none')
      log.warn({ tenant: tenant.id }, 'nobody has to prove anything: whoever keys an extension in a call gets it');
  }
  const logged = failuresIn(log);

  // The link itself tells when it is down.
  const quietWhileAway = (what: string) => (error: unknown) => {
    if (!isRefusal(error, 'unavailable')) logged(what)(error);
  };

  const asterisks = keep(
    connectAsterisks(
      config,
      log,
      { signal: links.signal, ending },
      {
        heard(endpoint, place) {
          watch.heard(endpoint, place);
          settling.add(endpoint);
        },
        refused: ({ endpoint, address, callId }) => refusals.add(JSON.stringify({ endpoint, address, callId })),
        up: (asterisk) => comparing.get(asterisk)?.wake(),
        down: (asterisk) => watch.lost(asterisk),
      },
    ),
  );
  const reached = { registrar: asterisks.registrar };
  const watch = watchRegistrations({ ...core, ...reached });
  const ports: Ports = {
    ...core,
    ...reached,
    ...watch,
    portsOf: (kind) => portsIn(families, kind),
    linesOf: (kind) => linesIn(families, kind),
    checkSyncOf: (family, what) => notification(families, family, what),
    wake: () => looking.wake(),
  };
  const driveSyncs = syncDriver(ports, logged('a sync is held up'));
  const looking = keep(
    pollLoop(async () => {
      await driveHandOvers(ports, logged('a hand-over is held up')).catch(logged('hand-overs could not be looked at'));
      await forgetAccounts(ports).catch(quietWhileAway('accounts that are gone could not be forgotten'));
      await endHotDesks(ports).catch(logged('borrowed phones could not be given back'));
    }, LOOK_EVERY_MS),
  );
  const syncing = keep(pollLoop(() => driveSyncs().catch(logged('syncs could not be looked at')), LOOK_EVERY_MS));
  keep(
    core.listen(() => {
      looking.wake();
      syncing.wake();
    }, log),
  );
  const telling = { store: core.store, now: core.now, tell: tellWebhook };
  keep(
    pollLoop(
      () => driveWebhooks(telling).catch(quietWhileAway('webhooks could not be told of what happens')),
      LOOK_EVERY_MS,
    ),
  );
  const compare = (name: AsteriskName): PollLoop =>
    pollLoop(async () => {
      await watch.compare(name).catch(quietWhileAway('registrations could not be compared'));
      // Until all are compared nobody is told anything.
      return watch.hasCaughtUp(name) ? COMPARE_EVERY_MS : COMPARE_AGAIN_MS;
    }, COMPARE_EVERY_MS);
  const comparing = new Map(asterisks.all.map(({ name }) => [name, keep(compare(name))]));
  // What lamps and queues could not be told is told as soon as they can be.
  for (const { name, ari } of asterisks.all) ari.listen({ up: () => comparing.get(name)?.wake() });
  const refusals = keep(
    runAfter(
      (refused) =>
        noteRefused(ports, JSON.parse(refused) as Refused).catch(quietWhileAway('a refusal could not be noted')),
      0,
    ),
  );
  const settling = keep(
    runAfter(async (endpoint) => {
      const note = (): Promise<unknown> =>
        noteRegistrations(ports, endpoint).catch((error: unknown) => {
          // What Asterisk could not be asked is compared when it can be; without the database nobody would look again.
          if (watch.knowsAll() || !isRefusal(error, 'unavailable')) throw error;
        });
      await writeDown(core.store, note, endpoint).catch(logged('a registration could not be noted'));
    }, REGISTERED_AFTER_MS),
  );

  keep(
    pollLoop(async () => {
      await forgetTheOld(ports, retentionOf(config.keptDays)).catch(
        quietWhileAway('what is old could not be forgotten'),
      );
      await endTrials(ports).catch(quietWhileAway('old passwords could not be put back'));
    }, FORGET_EVERY_MS),
  );

  const needs = {
    ...ports,
    families: () => families,
    server: serverFacts(config),
    files: config.files,
    rendered: meters.rendered,
    notServed: meters.notServed,
  };
  const { snapshots } = core;
  const failed = logged('that files were served could not be written down');
  const fast = keep(fastPath({ ...needs, snapshots, failed }));
  const slowly = { ...needs, store: fast.atHand(ports.store), fill: fast.fill, noteGiven: fast.noteGiven };
  async function answerSlowly(request: FileRequest): Promise<Answer | undefined> {
    const ready = await fast.answerSoon(request);
    if (ready !== undefined) return ready;
    await fast.settled(request);
    return answerRequest(slowly, request);
  }
  const tooLate = (): Error => new SelfprovError('unavailable', 'there was no answer in time');
  const serving = {
    quick: fast.answer,
    answer: (request: FileRequest) => within(answerSlowly(request), ANSWER_WITHIN_MS, tooLate),
  };
  const { listen: host, port, trustProxy, tftpPort, pnpAddress, url } = config.phones;
  const phonesHeard = { onOver: meters.http, onRefused: meters.connectionRefused };
  keep(await listenPhones({ ...serving, ...phonesHeard, host, port, trustProxy, log }));
  const tftpHeard = { onOver: meters.tftp, onCrowded: meters.tftpCrowded };
  const tftp =
    tftpPort === undefined
      ? undefined
      : keep(await listenTftp({ ...serving, ...tftpHeard, host, port: tftpPort, log }));
  if (pnpAddress !== undefined) {
    const urlFor = urlForPhones(needs.families, url);
    keep(await listenPnp({ address: pnpAddress, urlFor, onOutcome: meters.pnp, log }));
  }
  let broken: string | null = null;
  const templates = () => ({ families: families.all.length, error: broken });
  const health = healthOf({ config, core, asterisks, templates, logTrouble });
  const readings = readingsOf({ config, core, asterisks, templates, tftp });
  const metrics = metricsHandler(
    () => scrape(meters, readings),
    (request) =>
      visitorOf(core, request).then(
        (visitor) => may(visitor, 'see', visitor.tenantId),
        () => false,
      ),
  );
  const administration = keep(
    await serveAdministration(config, {
      ...{ core, asterisks, health, metrics, log },
      families: () => families,
      server: () => needs.server,
    }),
  );

  // What is kept last is closed first: calls are hung up while Asterisk can be told, then nothing waits for it any more.
  keep({ close: async () => links.abort() });
  const calls = {
    soundsPath: soundsPath(config),
    language: spokenLanguage(languagesIn(soundsPath(config)), policy, log),
    hasDigits: (folder: string, language: string) => findLanguage(languagesIn(folder), language)?.ownDigits === true,
    scripts: {
      'self-provision': (call: Call) => selfProvision(ports, call),
      release: (call: Call) => release(ports, call),
      'phone-number': (call: Call) => phoneNumber(ports, call),
    },
    apology: 'not-available' as const,
    onCall: meters.call,
    // Of several processes another one may have the call; its end is waited for then.
    onOrphansGone: async () => (config.apps.length > 1 ? undefined : endOfCallsBefore(ports, startedAt)),
    log,
  };
  const { apps } = config;
  const alive =
    apps.length === 1
      ? undefined
      : keep(
          keepAlive({
            ...{ store: core.store, apps, own: config.ari.app, asterisks: asterisks.all, log },
            onGap: () => answered.forEach((part) => part.letGo()),
          }),
        );
  const isAlive = (): boolean => alive?.isAlive() !== false;
  const answered = asterisks.all.map(({ name, ari }) => keep(answerCalls({ ...calls, ari, asterisk: name, isAlive })));
  const reload = (): void => {
    administration.reload();
    try {
      families = familiesOf(config);
      broken = null;
      log.info({ families: families.all.length }, 'templates are read again');
    } catch (error) {
      broken = error instanceof Error ? error.message : String(error);
      log.error({ err: error }, 'the templates are broken: those that were read before stay');
    }
  };
  return { health, links: asterisks.health, reload, firstLink: () => firstLink(core, config) };
}

/**
 * What is spoken until it is known whose phone calls. Prompts that are missing, after an upgrade for example, leave a gap in
 * what a caller hears; all else is served. A language that is not there at all is a mistake, but where the tenant has a folder
 * of its own.
 */
function spokenLanguage(languages: Languages | null, { prompts, sounds }: Policy, log: Log): string {
  const language = prompts[0] ?? 'en';
  const found = findLanguage(languages, language);
  if (languages !== null && found === undefined && sounds === null)
    throw new SelfprovError('invalid', `there are no prompts in language ${language}: see sounds/README.md`);
  if (found?.complete === false)
    log.error({ missing: found.missingPrompts }, `prompts of language ${language} are missing`);
  return language;
}

function findLanguage(languages: Languages | null, language: string): LanguageSounds | undefined {
  return languages?.find((one) => one.language === language);
}
