import { isAbsolute, join } from 'node:path';
import { findAsterisk } from './asterisk/private/findAsterisk.ts';
import { keepRunning, type KeptAsterisk } from './asterisk/private/keepRunning.ts';
import {
  portsOf,
  predecessorGone,
  startPrivateAsterisk,
  type PrivateAsterisk,
} from './asterisk/private/privateAsterisk.ts';
import { othersWith, type RtpPorts } from './asterisk/private/otherRtp.ts';
import { makePasswords } from './asterisk/configFiles/passwords.ts';
import type { PrivateAsteriskPlace, PrivateAsteriskSettings } from './asterisk/private/privateConfig.ts';
import { asteriskSettings, httpPlaceOf } from './asteriskSettings.ts';
import { checkCertificate } from './certificates/certificateFiles.ts';
import { ownCertificate } from './certificates/ownCertificate.ts';
import { plannedTime } from './clock.ts';
import type { Config } from './config.ts';
import { ownCertificates, passwordsFile, soundsOf, soundsPath } from './core.ts';
import { SelfprovError } from './domain/errors.ts';
import type { LogFiles } from './logFiles.ts';
import { checkPortsFree, type ListeningPort } from './network/freePorts.ts';
import { packageRoot } from './packageRoot.ts';
import { holdFolder } from './store/sqlite/holdFolder.ts';

/** An Asterisk of our own that is started again whenever it dies. */
export interface OwnAsterisk extends KeptAsterisk<PrivateAsterisk> {
  readonly logs: LogFiles;
  /** What is dialled to set up a phone of the first tenant. */
  readonly extension: string;
  /** What a caller of these hears is that it has no line to the outside. */
  readonly emergencyNumbers: readonly string[];
  /** Has it read its files again, written from what holds now; no call is dropped. */
  reload(): Promise<void>;
}

/** What is said to a person, and what is said of its life and death. */
export interface Told {
  say(line: string): void;
  died(): void;
  back(): void;
}

/** Where it is kept, and what of ours it is made of. */
export function privatePlace(directory: string, logs = join(directory, 'log')): Omit<PrivateAsteriskPlace, 'run'> {
  return { directory, logs, templates: join(packageRoot, 'dialplan'), sounds: join(packageRoot, 'sounds') };
}

/**
 * Starts it with what `config` and the database say; resolves when it runs. Refuses what it, or a phone, could not work with, a port
 * that is taken (`others`: those that somebody else is going to need), and a folder in which another one runs.
 */
export async function startOwnAsterisk(
  config: Config,
  told: Told,
  others: readonly ListeningPort[] = [],
): Promise<OwnAsterisk> {
  const held = holdFolder(config.directory);
  try {
    const asterisk = await startHeld(config, told, others);
    return {
      ...asterisk,
      async close() {
        await asterisk.close();
        await held.close();
      },
    };
  } catch (error) {
    await held.close();
    throw error;
  }
}

async function startHeld(
  config: Config,
  { say, died, back }: Told,
  others: readonly ListeningPort[],
): Promise<OwnAsterisk> {
  const rtp = rtpPorts(config);
  if (config.asterisks.length > 1)
    throw new SelfprovError(
      'invalid',
      'SELFPROV_ASTERISKS: "start" and "asterisk" have one of their own; "serve" works beside several',
    );
  checkGivenCertificate(config, say);
  checkSounds(config);
  const directory = join(config.directory, 'asterisk');
  const places = {
    sipAddress: config.phones.listen,
    sipPort: config.sip.port,
    tlsPort: config.sip.tlsPort,
    amiAddress: config.asterisks[0].amiHost,
    amiPort: config.asterisks[0].amiPort,
  };
  await predecessorGone(directory);
  const listening = { ...places, ...httpPlaceOf(config.asterisks[0].ariUrl) };
  await checkPortsFree([...others, ...portsOf(listening, config.phones.listenSetting)]);
  for (const warning of await othersWith(rtp, join(directory, 'etc'))) say(warning);
  const installation = await findAsterisk(config.searchPath, join(packageRoot, '.asterisk/root'));
  if (installation === undefined) {
    throw new SelfprovError(
      'not_found',
      `there is no Asterisk 20 or later here: run ${packageRoot}/scripts/fetch-asterisk.sh for a private copy`,
    );
  }
  const settings = async (): Promise<PrivateAsteriskSettings> => {
    const passwords = makePasswords({ ari: config.ari.password, ami: config.ami.password }, passwordsFile(config));
    return {
      ...(await asteriskSettings(config, passwords)),
      ...places,
      tls:
        config.sip.certificate ?? (await ownCertificate(ownCertificates(config), config.sip.host, plannedTime(), say)),
      ...rtp,
    };
  };
  const place = privatePlace(directory, config.logs === undefined ? undefined : join(config.logs, 'asterisk'));
  const { logs } = place;
  let latest = await settings();

  say(`Starting Asterisk ${installation.version} …`);
  const asterisk = await keepRunning({
    start: (signal) => startPrivateAsterisk({ installation, place, settings: latest, signal }),
    logFile: join(logs, 'messages.log'),
    onDeath() {
      say('Asterisk has died. Starting it again …');
      died();
    },
    onRestart() {
      say('Asterisk runs again.');
      back();
    },
  });
  return {
    ...asterisk,
    logs: {
      files: ['messages.log', 'security.log', 'calls.log'].map((name) => join(logs, name)),
      reopen: () => asterisk.current().reopenLogs(),
    },
    extension: latest.tenants[0]?.extension ?? '',
    emergencyNumbers: [...new Set(latest.tenants.flatMap(({ emergencyNumbers }) => emergencyNumbers))],
    async reload() {
      latest = await settings();
      await asterisk.current().reload(latest);
    },
  };
}

/** Refused is what no phone would believe; what some would not is said. */
function checkGivenCertificate({ sip }: Config, say: Told['say']): void {
  if (sip.certificate === undefined) return;
  const warning = checkCertificate(sip.certificate, sip.host, plannedTime());
  if (warning !== undefined) say(warning);
}

/** An Asterisk elsewhere may have a folder that we cannot see; one of our own has such only below its own sounds. */
export function checkSounds(config: Config): void {
  if (!isAbsolute(soundsPath(config)) || soundsOf(config) !== null) return;
  throw new SelfprovError(
    'invalid',
    `SELFPROV_SOUNDS: there are no prompts in ${soundsPath(config)}: see sounds/README.md`,
  );
}

/**
 * A call holds two ports, and one that is turned away has had two for a moment: with fewer than four a call, calls to our
 * own extensions could leave none for the others, emergency calls among them.
 */
export function rtpPorts({ sip, calls }: Config): RtpPorts {
  const { rtpFirst, rtpLast } = sip.rtpPorts;
  const needed = 4 * calls.inAll;
  if (rtpLast - rtpFirst + 1 >= needed) return sip.rtpPorts;
  throw new SelfprovError(
    'invalid',
    `SELFPROV_RTP_PORTS ${rtpFirst}-${rtpLast} is too small for SELFPROV_CALLS ${calls.inAll}: ` +
      `give it ${needed} ports (${rtpFirst}-${rtpFirst + needed - 1}), or allow fewer calls`,
  );
}
