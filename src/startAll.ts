import { isAbsolute, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { serve, type Serving } from './app.ts';
import { findAsterisk } from './asterisk/private/findAsterisk.ts';
import { keepRunning } from './asterisk/private/keepRunning.ts';
import { portsOf, startPrivateAsterisk } from './asterisk/private/privateAsterisk.ts';
import { makePasswords, type Passwords } from './asterisk/configFiles/passwords.ts';
import type { PrivateAsteriskSettings } from './asterisk/private/privateConfig.ts';
import { checkCertificate } from './certificates/certificateFiles.ts';
import { ownCertificate } from './certificates/ownCertificate.ts';
import { plannedTime } from './clock.ts';
import { asteriskSettings, httpPlaceOf } from './asteriskSettings.ts';
import type { Config } from './config.ts';
import { ownCertificates, passwordsFile, soundsOf, soundsPath } from './core.ts';
import { SelfprovError } from './domain/errors.ts';
import { servedPorts } from './listening.ts';
import { createLog } from './log.ts';
import { checkPortsFree } from './network/freePorts.ts';
import { packageRoot } from './packageRoot.ts';
import { holdFolder } from './store/sqlite/holdFolder.ts';
import { tellSupervisor } from './supervisor.ts';

const LINKS_WITHIN_MS = 10_000;

/**
 * A private Asterisk and selfprov, until `stop` resolves or Asterisk keeps dying. Prints what a person needs next; the log
 * goes to a file.
 */
export async function startAll(config: Config, stop: Promise<unknown>): Promise<void> {
  const held = holdFolder(config.directory);
  try {
    await runAll(config, stop);
  } finally {
    await held.close();
  }
}

async function runAll(config: Config, stop: Promise<unknown>): Promise<void> {
  const rtp = rtpPorts(config);
  if (config.asterisks.length > 1)
    throw new SelfprovError('invalid', 'SELFPROV_ASTERISKS: "start" has one of its own; "serve" works beside several');
  checkGivenCertificate(config);
  checkSounds(config);
  await checkPortsFree([...servedPorts(config), ...portsOf(asteriskPlaces(config))]);
  const installation = await findAsterisk(config.searchPath, join(packageRoot, '.asterisk/root'));
  if (installation === undefined) {
    throw new SelfprovError(
      'not_found',
      'there is no Asterisk 20 or later here: run scripts/fetch-asterisk.sh for a private copy',
    );
  }
  const passwords = makePasswords({ ari: config.ari.password, ami: config.ami.password }, passwordsFile(config));
  const tls = config.sip.certificate ?? (await ownCertificate(ownCertificates(config), config.sip.host, plannedTime()));
  const settings = { ...(await privateSettings(config, passwords)), ...rtp, tls };
  const logFile = join(config.directory, 'selfprov.log');
  const log = createLog(config.logLevel, pino.destination({ dest: logFile, mkdir: true, mode: 0o640 }));
  const directory = join(config.directory, 'asterisk');
  const place = { directory, templates: join(packageRoot, 'dialplan'), sounds: join(packageRoot, 'sounds') };

  say(`Starting Asterisk ${installation.version} …`);
  const asterisk = await keepRunning({
    start: (signal) => startPrivateAsterisk({ installation, place, settings, signal }),
    logFile: join(directory, 'log/messages.log'),
    onDeath: () => {
      say('Asterisk has died. Starting it again …');
      log.error('Asterisk has died and is started again');
    },
    onRestart: () => {
      say('Asterisk runs again.');
      log.warn('Asterisk runs again');
    },
  });
  try {
    const running = await serve(withPasswords(config, passwords), log);
    process.on('SIGHUP', () => running.reload());
    try {
      await Promise.race([linksUp(running), asterisk.givenUp]);
      say(greeting(config, settings.tenants[0]?.extension ?? '', logFile));
      const told = await tellSupervisor(config.supervisor, `phones fetch from ${config.phones.url}`, log);
      try {
        const why = await Promise.race([stop, asterisk.givenUp]);
        say(`Stopping (${String(why)}) …`);
      } finally {
        await told.close();
      }
    } finally {
      await running.close();
    }
  } finally {
    await asterisk.close();
  }
  say('Stopped.');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function withPasswords(config: Config, { ari, ami }: Passwords): Config {
  return {
    ...config,
    ari: { ...config.ari, password: ari.reveal() },
    ami: { ...config.ami, password: ami.reveal() },
  };
}

async function privateSettings(
  config: Config,
  passwords: Passwords,
): Promise<Omit<PrivateAsteriskSettings, keyof RtpPorts | 'tls'>> {
  return {
    ...(await asteriskSettings(config, passwords)),
    ...asteriskPlaces(config),
  };
}

/** Where the private Asterisk listens. */
function asteriskPlaces({
  phones,
  sip,
  asterisks: [{ ariUrl, amiHost, amiPort }],
}: Config): Parameters<typeof portsOf>[0] {
  return {
    sipAddress: phones.listen,
    sipPort: sip.port,
    tlsPort: sip.tlsPort,
    ...httpPlaceOf(ariUrl),
    amiAddress: amiHost,
    amiPort,
  };
}

/** Refused is what no phone would believe; what some would not is said. */
function checkGivenCertificate({ sip }: Config): void {
  if (sip.certificate === undefined) return;
  const warning = checkCertificate(sip.certificate, sip.host, plannedTime());
  if (warning !== undefined) say(warning);
}

/** An Asterisk elsewhere may have a folder that we cannot see; one of our own has such only below its own sounds. */
function checkSounds(config: Config): void {
  if (!isAbsolute(soundsPath(config)) || soundsOf(config) !== null) return;
  throw new SelfprovError(
    'invalid',
    `SELFPROV_SOUNDS: there are no prompts in ${soundsPath(config)}: see sounds/README.md`,
  );
}

type RtpPorts = Pick<PrivateAsteriskSettings, 'rtpFirst' | 'rtpLast'>;

/**
 * A call holds two ports, and one that is turned away has had two for a moment: with fewer than four a call, calls to our
 * own extensions could leave none for the others, emergency calls among them.
 */
function rtpPorts({ sip, calls }: Config): RtpPorts {
  const [rtpFirst = 0, rtpLast = 0] = sip.rtpPorts.split('-').map(Number);
  const needed = 4 * calls.inAll;
  if (rtpLast - rtpFirst + 1 >= needed) return { rtpFirst, rtpLast };
  throw new SelfprovError(
    'invalid',
    `SELFPROV_RTP_PORTS ${sip.rtpPorts} is too small for SELFPROV_CALLS ${calls.inAll}: ` +
      `give it ${needed} ports (${rtpFirst}-${rtpFirst + needed - 1}), or allow fewer calls`,
  );
}

/** Both links to Asterisk come up in a moment; if one does not, this is the time to hear of it. */
async function linksUp(serving: Serving): Promise<void> {
  for (const giveUpAt = Date.now() + LINKS_WITHIN_MS; ; await pause(50)) {
    const parts = Object.entries(serving.links()).filter(([, { ok }]) => !ok);
    if (parts.length === 0) return;
    if (Date.now() < giveUpAt) continue;
    const states = parts.map(
      ([name, { state, error }]) => `${name} is ${state}${typeof error === 'string' ? ` (${error})` : ''}`,
    );
    throw new SelfprovError('unavailable', `Asterisk runs, but ${states.join(' and ')}`);
  }
}

function greeting(config: Config, extension: string, logFile: string): string {
  const { phones, admin, sip } = config;
  return `
selfprov is running.

  URL for phones     ${phones.url}
                     (as DHCP option 66, or typed in as the phone's provisioning server)
  Administration     http://${admin.listen}:${admin.port}/healthz
  SIP server         ${sip.host} port ${sip.port}, UDP and TCP; port ${sip.tlsPort}, TLS
  Self-provisioning  dial ${extension}
  Log                ${logFile}

Next, in another terminal: make a user, then plug in a phone and dial ${extension} from it.

  bin/selfprov user add 1500 --name "Ann Lee"

Without a phone at hand:

  npm run demo           see all of it work, on this machine
  bin/selfprov phone     a phone to plug in here: it boots, and dials what you type

Ctrl-C stops everything.`;
}
