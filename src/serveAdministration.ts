import type { Core } from './administration/core.ts';
import { dialplanSteps, hasContext } from './asterisk/ami/dialplan.ts';
import { endpointFacts } from './asterisk/ari/endpointFacts.ts';
import type { Asterisks } from './asterisks.ts';
import { FOR_BROWSERS, readCertificate, type CertificateText } from './certificates/certificateFiles.ts';
import { plannedTime } from './clock.ts';
import type { Config } from './config.ts';
import { soundsOf, type AskRunning } from './core.ts';
import { clashesOf, refuseUnknownContext } from './dialplanChecks.ts';
import { isRefusal } from './domain/errors.ts';
import type { Secret } from './domain/secret.ts';
import type { Tenant } from './domain/tenant.ts';
import { welcomeLink } from './firstAdministrator.ts';
import type { Parts } from './health.ts';
import { adminApp } from './http/admin.ts';
import { apiRoutes } from './http/apiApp.ts';
import { listenHttp } from './http/listenHttp.ts';
import { pageRoutes } from './http/pageApp.ts';
import { failuresIn, type Log } from './log.ts';
import { numberChecks } from './numberChecks.ts';
import type { OpenId, OpenIdSettings } from './openId/openId.ts';
import type { Families } from './phones/family/family.ts';
import type { ServerFacts } from './phones/view/facts.ts';
import { pollLoop } from './schedule/pollLoop.ts';
import { familyFolder } from './staticFiles/familyFolder.ts';
import { version } from './version.ts';

/** How often it is looked whether a certificate was renewed. */
const LOOK_AGAIN_MS = 60_000;

/** For firmware, over whatever line the administrator has. */
const UPLOAD_WITHIN_MS = 15 * 60_000;

interface AdministrationNeeds {
  readonly core: Core;
  readonly asterisks: Asterisks;
  readonly families: () => Families;
  readonly server: () => ServerFacts;
  readonly health: () => Promise<Parts>;
  readonly metrics: Parameters<typeof adminApp>[1];
  readonly log: Log;
}

/** The listener for administration: the page, the API, `/healthz` and `/metrics`. */
export interface Administration {
  /** Shows the certificate as it is now. One that is broken is not shown, and the log says why. */
  reload(): void;
  close(): Promise<void>;
}

/** Opens it. Rejects when the port is taken, and with `invalid` for a certificate or a secret that cannot be read. */
export async function serveAdministration(
  config: Config,
  { core, asterisks, families, server, health, metrics, log }: AdministrationNeeds,
): Promise<Administration> {
  const { listen: host, port, openId, userHeader, url, trustProxy } = config.admin;
  const ask = asking(asterisks);
  const facts = {
    ...{ families, server, health },
    openUrl: () => config.phones.url,
    familyFolder: familyFolder(config.files),
    sounds: () => soundsOf(config),
    linkOf: (token: Secret) => welcomeLink(config, token),
    checkContext: (context: string) => refuseUnknownContext(ask, context),
    clashes: (tenants: readonly Tenant[]) => clashesOf(ask, config, tenants),
    checkNumbers: (tenantId: string, extensions: readonly string[]) =>
      numberChecks(config, ask, core, tenantId, extensions),
  };
  const signInWays = {
    userHeader,
    openId: openId && (await openIdOf(openId, url, log)),
  };
  const behind = {
    api: apiRoutes({ core, facts, version, log }),
    page: pageRoutes({ core, facts, log, signInWays }),
    trustProxy,
  };
  const certificate = certificateOf(config, log);
  const shown = {
    what: 'administration',
    host,
    port,
    log,
    certificate: certificate?.read(),
    limits: { request: UPLOAD_WITHIN_MS },
  };
  const listener = await listenHttp(adminApp(health, metrics, behind), shown);
  if (certificate === undefined) return { reload: () => undefined, close: listener.close };
  const reload = (): void => certificate.renew(listener.show);
  const looking = pollLoop(async () => reload(), LOOK_AGAIN_MS);
  return {
    reload,
    async close() {
      await looking.close();
      await listener.close();
    },
  };
}

/** What few have is loaded for them alone. */
async function openIdOf(settings: OpenIdSettings, home: string, log: Log): Promise<OpenId> {
  // A file that cannot be read is said now, and not to whoever signs in first.
  settings.secret?.reveal();
  const { openIdAt } = await import('./openId/openId.ts');
  return openIdAt(settings, home, failuresIn(log)('signing in by OpenID Connect has failed'));
}

/** By the links that are there: a second one to the same Asterisk would take the place of this one. */
function asking({ all: [asterisk] }: Asterisks): AskRunning {
  return async (question) => {
    if (asterisk === undefined) return undefined;
    const { ari, ami } = asterisk;
    try {
      return await question({
        endpoint: (name) => endpointFacts(ari, name),
        steps: (context, number) => dialplanSteps(ami, context, number),
        hasContext: (context) => hasContext(ami, context),
      });
    } catch (error) {
      if (isRefusal(error, 'unavailable')) return undefined;
      throw error;
    }
  };
}

/** What the files of the settings have in them. */
function certificateOf({ admin: { certificate: files, url } }: Config, log: Log) {
  if (files === undefined) return undefined;
  let shown: CertificateText | undefined;
  /** What was last wrong: it is said once. */
  let wrong: string | undefined;
  const read = (): CertificateText => {
    const { text, warning } = readCertificate(files, new URL(url).hostname, plannedTime(), FOR_BROWSERS);
    if (text.cert !== shown?.cert && warning !== undefined) log.warn(warning);
    return text;
  };
  return {
    read: () => (shown = read()),
    renew(show: (certificate: CertificateText) => void): void {
      try {
        const now = read();
        wrong = undefined;
        if (now.cert === shown?.cert && now.key === shown.key) return;
        show(now);
        shown = now;
        log.info('the certificate was renewed');
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (why !== wrong) log.error({ err: error }, 'the certificate is broken: the one before is shown still');
        wrong = why;
      }
    },
  };
}
