import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serve, type Serving } from './app.ts';
import type { AsteriskService } from './asteriskService.ts';
import type { Config } from './config.ts';
import { withKnownPasswords } from './core.ts';
import { SelfprovError } from './domain/errors.ts';
import { servedPorts } from './listening.ts';
import { failuresIn, type Log } from './log.ts';
import { openLog, type OwnLog } from './logFiles.ts';
import { startOwnAsterisk, type OwnAsterisk } from './ownAsterisk.ts';
import { tellSupervisor, UNTOLD } from './supervisor.ts';

const LINKS_WITHIN_MS = 10_000;

/**
 * A private Asterisk and selfprov, until `stop` resolves or Asterisk keeps dying. Prints what a person needs next; the log
 * goes to a file.
 */
export async function startAll(config: Config, { stop, onSignal }: AsteriskService): Promise<void> {
  let log: Log | undefined;
  let running: Serving | undefined;
  let reopen = (): void => undefined;
  // From the beginning: who hears none of them is ended by them. One that is only starting reads and opens everything anyway.
  onSignal('reload', () => running?.reload());
  onSignal('reopen', () => reopen());
  const told = {
    say,
    died: () => log?.error('Asterisk has died and is started again'),
    back: () => log?.warn('Asterisk runs again'),
  };
  const asterisk = await startOwnAsterisk(config, told, servedPorts(config));
  try {
    const logFile = join(config.logs ?? config.directory, 'selfprov.log');
    const own = openLog(config.logLevel, logFile, [asterisk.logs]);
    log = own.log;
    reopen = () => {
      own.reopen();
      void Promise.resolve(asterisk.logs.reopen()).catch(failuresIn(own.log)('Asterisk has not opened its logs again'));
    };
    try {
      running = await serve(withKnownPasswords(config), own);
      await untilStopped(asterisk, config, { own, logFile, stop, running });
    } finally {
      await own.close();
    }
  } finally {
    await asterisk.close();
  }
  say('Stopped.');
}

async function untilStopped(
  asterisk: OwnAsterisk,
  config: Config,
  {
    own,
    logFile,
    stop,
    running,
  }: {
    readonly own: OwnLog;
    readonly logFile: string;
    readonly stop: Promise<unknown>;
    readonly running: Serving;
  },
): Promise<void> {
  try {
    await Promise.race([linksUp(running), asterisk.givenUp]);
    say(greeting(config, asterisk, logFile, await running.firstLink()));
    const supervisor = await tellSupervisor(
      config.supervisor,
      `phones fetch from ${config.phones.url}`,
      failuresIn(own.log)(UNTOLD),
    );
    try {
      const why = await Promise.race([stop, asterisk.givenUp]);
      say(`Stopping (${String(why)}) …`);
    } finally {
      await supervisor.close();
    }
  } finally {
    await running.close();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
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

function greeting(
  config: Config,
  { extension, emergencyNumbers }: Pick<OwnAsterisk, 'extension' | 'emergencyNumbers'>,
  logFile: string,
  firstLink: string | undefined,
): string {
  const { phones, admin, sip } = config;
  return `
selfprov is running.

  URL for phones     ${phones.url}
                     (as DHCP option 66, or typed in as the phone's provisioning server)
  Administration     ${firstLink ?? admin.url}${
    firstLink === undefined ? '' : '\n                     (this link is for choosing a password, once, within a day)'
  }
  SIP server         ${sip.host} port ${sip.port}, UDP and TCP; port ${sip.tlsPort}, TLS
  Self-provisioning  dial ${extension}${
    emergencyNumbers.length === 0
      ? ''
      : `
  Emergency calls    ${emergencyNumbers.join(', ')} reach nobody but an announcement: this Asterisk has no line to the outside`
  }
  Log                ${logFile}

Next, in another terminal: make a user, then plug in a phone and dial ${extension} from it.

  bin/selfprov user add 1500 --name "Ann Lee"

Without a phone at hand:

  npm run demo           see all of it work, on this machine
  bin/selfprov phone     a phone to plug in here: it boots, and dials what you type

Ctrl-C stops everything.`;
}
