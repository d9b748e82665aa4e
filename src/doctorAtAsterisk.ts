import { accountState, accountWords } from './accountHealth.ts';
import { adoptedUsers, DRIVERS, goneOf, missingModules, MODULES, renamedOf } from './accountChecks.ts';
import { openAmi } from './asterisk/ami/connection.ts';
import { OTHER_ACTIONS, NEEDED_ACTIONS } from './asterisk/ami/rights.ts';
import { knownPasswords } from './asterisk/configFiles/passwords.ts';
import type { Core } from './administration/core.ts';
import type { AsteriskPlace, Config } from './config.ts';
import { ASK_OF_ALL_MS, askAsterisk, passwordsFile, type AsteriskAsked } from './core.ts';
import { warningsOf } from './dialplanChecks.ts';
import { hiddenFindings } from './doctor/files.ts';
import { reachFindings, type TenantContexts } from './doctor/dialplan.ts';
import { notWithout, unseen, warning, well, wrong, type Check, type Finding } from './doctor/finding.ts';
import { askHttp } from './doctor/probes.ts';
import { usersContextOf } from './domain/levels.ts';
import type { Store } from './domain/ports.ts';
import { contextsOf } from './domain/tenant.ts';
import type { Parts } from './health.ts';
import type { OpenStore } from './store/open.ts';

/** What one check has found out for those after it. */
export interface Known {
  readonly config: Config;
  /** `undefined`: there is none that this version could work on as it is. */
  core: (Core & OpenStore) | undefined;
  /** False before the first start: there is nothing yet that could be wrong, and much that cannot be there. */
  readonly isBegun: boolean;
  /** What a selfprov that runs says of itself; `undefined`: none does. */
  readonly health: Parts | undefined;
  /** Somebody listens where it does, and does not answer. */
  readonly isSilent: boolean;
}

const LOGIN_WITHIN_MS = 3000;

/** What selfprov needs of each Asterisk. */
export function asteriskChecks(known: Known): readonly Check[] {
  const checks = known.config.asterisks.flatMap((place) => checksAt(known, place));
  return known.config.asteriskFiles === undefined ? checks.map(forOwn) : checks;
}

/** Files of an Asterisk of selfprov's own are written by selfprov, whenever that Asterisk is started, or told to read them again. */
function forOwn({ name, look }: Check): Check {
  const todo = (text: string | null): string | null => {
    if (text === null || !/asterisk-files|enabled = yes/.test(text)) return text;
    const own = text.includes('enabled = yes') ? START_OWN : /^a[rm]i(?! rights)/.test(name) ? START_ANEW : RELOAD_OWN;
    return `${own}; beside an Asterisk of your own: ${text}`;
  };
  return { name, look: async () => (await look()).map((finding) => ({ ...finding, todo: todo(finding.todo) })) };
}

const START_OWN =
  'start it: npm start, or "selfprov start"; where it has a service of its own, "selfprov asterisk" (systemctl start selfprov-asterisk)';
/** It reads its passwords for ARI at a start only. */
const START_ANEW = 'start it anew: "selfprov start", or "selfprov asterisk" (systemctl restart selfprov-asterisk)';
const RELOAD_OWN =
  'with "selfprov start": start it anew; with "selfprov asterisk": systemctl reload selfprov-asterisk, or send it SIGHUP, no call is dropped';

function checksAt(known: Known, place: AsteriskPlace): readonly Check[] {
  const { config } = known;
  /** As settings give them, or as they are kept; `findings`: they are kept where we may not look. */
  const passwordOf = (way: 'ari' | 'ami'): { readonly password?: string; readonly findings: readonly Finding[] } => {
    const { password: given } = config[way];
    if (given !== undefined) return { password: given, findings: [] };
    const findings = hiddenFindings(passwordsFile(config));
    if (findings.length > 0) return { findings };
    const kept = knownPasswords({ ari: undefined, ami: undefined }, passwordsFile(config))[way];
    return { ...(kept === undefined ? {} : { password: kept.reveal() }), findings };
  };
  const at = place.name === null ? '' : ` of ${place.name}`;
  const isReached = { ari: false, ami: false };

  /** One question, which needs both ways to Asterisk, and the database. */
  const asking = (
    name: string,
    question: (asterisk: AsteriskAsked, store: Store) => Promise<readonly Finding[]>,
  ): Check => ({
    name: `${name}${at}`,
    async look() {
      if (!isReached.ari) return [notWithout(`ari${at}`)];
      if (!isReached.ami) return [notWithout(`ami${at}`)];
      const store = known.core?.store;
      if (store === undefined) return [notWithout('database')];
      const found = await askAsterisk(config, (asterisk) => question(asterisk, store), {
        place,
        within: ASK_OF_ALL_MS,
      });
      return found ?? [unseen('Asterisk has stopped answering')];
    },
  });

  return [
    {
      name: `ari${at}`,
      async look() {
        const { password, findings } = passwordOf('ari');
        if (findings.length > 0) return findings;
        if (password === undefined && !known.isBegun) return [NOT_STARTED];
        const found = await ariFindings(place, config.ari.user, password);
        isReached.ari = found.every(({ state }) => state === 'well');
        return isReached.ari && known.health !== undefined
          ? [...found, ...(await appFindings(config.ari, place, password ?? ''))]
          : found;
      },
    },
    {
      name: `ami${at}`,
      async look() {
        const { password, findings } = passwordOf('ami');
        if (findings.length > 0) return findings;
        if (password === undefined && !known.isBegun) return [NOT_STARTED];
        const found = await amiFindings(place, config.ami.user, password);
        isReached.ami = found.every(({ state }) => state === 'well');
        return found;
      },
    },
    asking('ami rights', async (asterisk) => rightsFindings(asterisk)),
    asking('modules', async (asterisk) => {
      const driver = 'url' in config.asteriskDatabase ? DRIVERS.url : DRIVERS.file;
      const missing = await missingModules(asterisk, [...MODULES, driver]);
      return missing.length === 0 ? [well(`${MODULES.length + 1} run`)] : missing.map((says) => wrong(says, null));
    }),
    asking('accounts', async (asterisk, store) => {
      const newest = await accountState(store, asterisk.credential);
      const adopted = await adoptedUsers(store);
      const gone = [...(await goneOf(asterisk, adopted)), ...(await renamedOf(asterisk, adopted))];
      const bad = [...gone, ...accountWords(newest)];
      if (bad.length > 0) return bad.map((says) => wrong(says, null));
      if (newest.account === null) return [unseen('no phone has come yet')];
      return [well(`Asterisk has ${newest.account} as the database has it`)];
    }),
    asking('dialplan', async (asterisk, store) => reachFindings(asterisk, await contextsIn(store))),
    asking('emergency', async (asterisk, store) => {
      const tenants = await store.tenants();
      const said = await warningsOf(asterisk, tenants, config.emergencyContext);
      const numbers = [...new Set(tenants.flatMap(({ emergencyNumbers }) => emergencyNumbers))].join(', ');
      return said.length === 0
        ? [well(`${numbers || 'no numbers'}, by [${config.emergencyContext}]`)]
        : // The private Asterisk has no line to the outside until somebody gives it one, and says so to who calls.
          said.map((says) => (says.includes('[demo-emergency]') ? warning(says, null) : wrong(says, null)));
    }),
    asking('strangers', async (asterisk, store) => strangerFindings(asterisk, await contextsIn(store))),
  ];
}

/** A start makes it, with its passwords. */
const NOT_STARTED = unseen('not started yet');

const notSet = (setting: string): Finding =>
  wrong(
    `${setting} is not set`,
    'selfprov asterisk-files --apply makes one; where it has, say so with SELFPROV_CONFIG',
  );

function ariHeaders(user: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

async function ariFindings(
  { ariUrl }: AsteriskPlace,
  user: string,
  password: string | undefined,
): Promise<readonly Finding[]> {
  if (password === undefined) return [notSet('SELFPROV_ARI_PASSWORD')];
  const headers = ariHeaders(user, password);
  const answer = await askHttp(`${ariUrl}/ari/asterisk/ping`, headers);
  if ('error' in answer)
    return [
      wrong(
        `Asterisk's HTTP server does not answer at ${ariUrl}: ${answer.error}`,
        'is Asterisk running (systemctl status asterisk)? http.conf needs enabled = yes, and the address and port of SELFPROV_ARI_URL',
      ),
    ];
  if (answer.status === 401)
    return [
      wrong(
        `Asterisk does not accept the ARI user "${user}" with this password`,
        'selfprov asterisk-files --apply, then restart Asterisk: it reads ari.conf at its start',
      ),
    ];
  if (answer.status === 503) return [wrong('Asterisk is still starting', 'wait until it has started')];
  if (answer.status !== 200)
    return [
      wrong(
        `Asterisk has no ARI at ${ariUrl} (it answers ${answer.status})`,
        'ari.conf needs enabled = yes, and modules.conf must load res_ari',
      ),
    ];
  // There is no such channel; who may only read is told that before.
  const written = await fetch(`${ariUrl}/ari/channels/selfprov-doctor`, {
    ...{ method: 'DELETE', headers, signal: AbortSignal.timeout(LOGIN_WITHIN_MS) },
  });
  await written.body?.cancel();
  if (written.status === 403)
    return [wrong(`the ARI user "${user}" may only read`, 'ari.conf: read_only = no for this user')];
  return [well(`${ariUrl}, user ${user}`)];
}

/** A process that serves has an application of its name at each Asterisk, or its calls go nowhere. */
async function appFindings(
  { user, app }: Config['ari'],
  { ariUrl }: AsteriskPlace,
  password: string,
): Promise<readonly Finding[]> {
  const answer = await askHttp(`${ariUrl}/ari/applications/${app}`, ariHeaders(user, password));
  if (!('status' in answer) || answer.status !== 404) return [];
  return [
    wrong(
      `selfprov runs, and is not connected to Asterisk as ${app}: calls to it go nowhere`,
      'see "service", and SELFPROV_APP',
    ),
  ];
}

async function amiFindings(
  { amiHost: host, amiPort: port }: AsteriskPlace,
  user: string,
  password: string | undefined,
): Promise<readonly Finding[]> {
  if (password === undefined) return [notSet('SELFPROV_AMI_PASSWORD')];
  try {
    const connection = await openAmi(
      { host, port, user, password, heartbeatMs: 60_000, onEvent: () => undefined },
      AbortSignal.timeout(LOGIN_WITHIN_MS),
    );
    connection.close();
    return [well(`${host}:${port}, user ${user}`)];
  } catch (error) {
    const todo = /does not accept/.test(String(error))
      ? 'selfprov asterisk-files --apply; manager.conf must include what that writes, and permit this address'
      : 'manager.conf needs enabled = yes, and the address and port of SELFPROV_AMI_HOST and SELFPROV_AMI_PORT';
    return [wrong(`Asterisk's manager does not let us in at ${host}:${port}: ${(error as Error).message}`, todo)];
  }
}

async function rightsFindings({ allowed }: AsteriskAsked): Promise<readonly Finding[]> {
  const granted = await allowed([...NEEDED_ACTIONS, ...OTHER_ACTIONS]);
  const missing = NEEDED_ACTIONS.filter((action) => !granted.includes(action));
  const more = OTHER_ACTIONS.filter((action) => granted.includes(action));
  if (missing.length > 0)
    return [
      wrong(
        `Asterisk's manager refuses selfprov ${missing.join(', ')}`,
        'manager.conf: write = system,reporting for this user (selfprov asterisk-files --apply)',
      ),
    ];
  if (more.length > 0)
    return [
      warning(
        `Asterisk's manager grants selfprov more than it needs: ${more.join(', ')}`,
        'manager.conf: write = system,reporting for this user (selfprov asterisk-files --apply)',
      ),
    ];
  return [well('what is needed, and no more')];
}

/** Whoever sends a call without an account comes to this endpoint, where there is one. */
async function strangerFindings(
  asterisk: AsteriskAsked,
  tenants: readonly TenantContexts[],
): Promise<readonly Finding[]> {
  const anonymous = await asterisk.endpoint('anonymous');
  if (anonymous === undefined) return [well('calls without an account are refused')];
  for (const { numbers } of tenants) {
    const steps = await asterisk.steps(anonymous.context, numbers.extension);
    if (steps.some(({ context }) => context.startsWith('selfprov-')))
      return [
        wrong(
          `whoever has no account at all can dial ${numbers.extension}: calls to the endpoint "anonymous" start in [${anonymous.context}]`,
          'give that endpoint another context in pjsip.conf',
        ),
      ];
  }
  return [well('calls without an account do not reach selfprov')];
}

async function contextsIn(store: Store): Promise<readonly TenantContexts[]> {
  const tenants = await store.tenants();
  return Promise.all(
    tenants.map(async (tenant) => {
      const { users: own, defaultLine } = contextsOf(tenant);
      const { id, extension, releaseExtension, numberExtension } = tenant;
      const [user] = await store.users(id);
      return {
        ...{ id, own, defaultLine, users: usersContextOf(tenant), anyUser: user?.extension },
        numbers: { extension, releaseExtension, numberExtension },
      };
    }),
  );
}
