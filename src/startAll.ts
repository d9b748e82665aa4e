import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { passwordsFile, serve, type Serving } from './app.ts';
import { findAsterisk } from './asterisk/private/findAsterisk.ts';
import { startPrivateAsterisk } from './asterisk/private/privateAsterisk.ts';
import { makePasswords } from './asterisk/files/passwords.ts';
import { asteriskSettings } from './asteriskSettings.ts';
import type { Config } from './config.ts';
import { SelfprovError } from './domain/errors.ts';
import { createLog } from './log.ts';
import { packageRoot } from './packageRoot.ts';

const LINKS_WITHIN_MS = 10_000;

/**
 * A private Asterisk and selfprov, until `stop` resolves or Asterisk ends by itself. Prints what a person needs next;
 * the log goes to a file.
 */
export async function startAll(config: Config, stop: Promise<unknown>): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const installation = await findAsterisk(config.searchPath, join(packageRoot, '.asterisk/root'));
  if (installation === undefined) {
    throw new SelfprovError(
      'not_found',
      'there is no Asterisk 20 or later here: run scripts/fetch-asterisk.sh for a private copy',
    );
  }
  const passwords = makePasswords({ ari: config.ari.password, ami: config.ami.password }, passwordsFile(config));
  const settings = await asteriskSettings(config, passwords);
  const [rtpFirst = 0, rtpLast = 0] = config.sip.rtpPorts.split('-').map(Number);
  const logFile = join(config.directory, 'selfprov.log');

  say(`Starting Asterisk ${installation.version} …`);
  const directory = join(config.directory, 'asterisk');
  const asterisk = await startPrivateAsterisk({
    installation,
    place: { directory, templates: join(packageRoot, 'dialplan'), sounds: join(packageRoot, 'sounds') },
    settings: {
      ...settings,
      sipAddress: config.phones.listen,
      sipPort: config.sip.port,
      amiAddress: config.ami.host,
      amiPort: config.ami.port,
      rtpFirst,
      rtpLast,
    },
  });
  try {
    const log = createLog(config.logLevel, pino.destination({ dest: logFile, mkdir: true, mode: 0o640 }));
    const withPasswords: Config = {
      ...config,
      ari: { ...config.ari, password: passwords.ari.reveal() },
      ami: { ...config.ami, password: passwords.ami.reveal() },
    };
    const running = await serve(withPasswords, log);
    process.on('SIGHUP', () => running.reload());
    try {
      await linksUp(running);
      say(greeting(config, settings.extension, logFile));
      const ended = asterisk.ended.then(() => 'Asterisk has ended');
      const why = await Promise.race([stop, ended]);
      say(`Stopping (${String(why)}) …`);
    } finally {
      await running.close();
    }
  } finally {
    await asterisk.close();
  }
  say('Stopped.');
}

/** Both links to Asterisk come up in a moment; if one does not, this is the time to hear of it. */
async function linksUp(serving: Serving): Promise<void> {
  for (const giveUpAt = Date.now() + LINKS_WITHIN_MS; ; await pause(50)) {
    const parts = Object.entries(await serving.health()).filter(([, { ok }]) => !ok);
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
  SIP server         ${sip.host} port ${sip.port}, UDP and TCP
  Self-provisioning  dial ${extension}
  Log                ${logFile}

Next, in another terminal: make a user, then plug in a phone and dial ${extension} from it.

  bin/selfprov user add 1500 --name "Ann Lee"

Ctrl-C stops everything.`;
}
