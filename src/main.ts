import { isIP } from 'node:net';
import { join } from 'node:path';
import { from } from './administration/from.ts';
import type { PhoneAsked } from './cli/phone.ts';
import { buildProgram } from './cli/program.ts';
import { readConfig, type Config } from './config.ts';
import { withConfigFile } from './configFile.ts';
import { welcomeLink } from './firstAdministrator.ts';
import { saidTooLate } from './firstStart.ts';
import {
  askAsterisk,
  familiesOf,
  openCore,
  serverFacts,
  soundsOf,
  withKnownPasswords,
  type AskRunning,
} from './core.ts';
import { DEFAULT_TENANT } from './domain/tenant.ts';
import { endingOf } from './cli/ending.ts';
import { numberChecks } from './numberChecks.ts';
import { MEANING } from './settingsMeaning.ts';
import { familyFolder } from './staticFiles/familyFolder.ts';
import { version } from './version.ts';
import type { PlayRequest } from './virtualPhone/play.ts';

/** Resolves at the first Ctrl-C or request to stop. A second one ends the process at once, as if nobody listened. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}

/** What a running one is asked for without being ended. */
function onSignal(what: 'reload' | 'reopen', act: () => void): void {
  process.on(({ reload: 'SIGHUP', reopen: 'SIGUSR2' } as const)[what], act);
}

/** Also where the rest of it is no command. */
const isForPrograms = process.argv.includes('--json');

/** Who reads what is printed may have read enough, as `head` has: the work goes on to its end, and nobody is told. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`${endingOf(error, isForPrograms).text}\n`);
  process.exitCode = 1;
});
process.stderr.on('error', () => undefined);

const config = (isToBeMade = false): ReturnType<typeof readConfig> =>
  readConfig(withConfigFile(process.env, { isToBeMade }));

const askHere: AskRunning = (question, within) =>
  askAsterisk(config(), question, within === undefined ? {} : { within });

/** Of whoever has signed in to this machine by SSH; sudo keeps it where it is told to (`env_keep`). */
function addressOfShell(): string | null {
  const [address = ''] = (process.env['SSH_CONNECTION'] ?? '').split(' ');
  return isIP(address) === 0 ? null : address;
}

/** Where an existing Asterisk, whose own files are in `etc`, is to find ours. */
function filesFolder({ asteriskFiles }: Config, given: string | undefined, etc = '/etc/asterisk'): string {
  return given ?? asteriskFiles ?? join(etc, 'selfprov');
}

/** Phones that are played here end when this process is asked to. */
function playRequest({ url, publicTarget = false, iRun, ...asked }: PhoneAsked): PlayRequest {
  const stopped = new AbortController();
  void stopRequested().then(() => stopped.abort());
  return {
    ...asked,
    url: url ?? serverFacts(config()).openUrl,
    permission: { isPublic: publicTarget, run: iRun },
    ...{ input: process.stdin, output: process.stdout, signal: stopped.signal },
    isInteractive: process.stdin.isTTY && process.stdout.isTTY,
  };
}

const program = buildProgram({
  version,
  settings: MEANING,
  isForPrograms,
  async open() {
    const opened = await openCore(config(), { isToBeMade: false });
    return { ...opened, ...from(opened, { actor: opened.actor, address: addressOfShell() }) };
  },
  async serve() {
    const settings = withKnownPasswords(config());
    const stop = stopRequested();
    const [{ serve }, { failuresIn }, { openLog }, { tellSupervisor, UNTOLD }] = await Promise.all([
      import('./app.ts'),
      import('./log.ts'),
      import('./logFiles.ts'),
      import('./supervisor.ts'),
    ]);
    const own = openLog(settings.logLevel, settings.logs && join(settings.logs, 'selfprov.log'));
    onSignal('reopen', own.reopen);
    try {
      const running = await serve(settings, own);
      onSignal('reload', running.reload);
      const told = await tellSupervisor(
        settings.supervisor,
        `phones fetch from ${settings.phones.url}`,
        failuresIn(own.log)(UNTOLD),
      );
      await stop;
      await told.close();
      await running.close();
    } finally {
      await own.close();
    }
  },
  async asterisk() {
    const [settings, stop] = [config(), stopRequested()];
    const { runAsterisk } = await import('./asteriskService.ts');
    await runAsterisk(settings, { stop, onSignal });
  },
  linkOf: (token) => welcomeLink(config(), token),
  async start() {
    const [settings, stop] = [config(), stopRequested()];
    const { startAll } = await import('./startAll.ts');
    await startAll(settings, { stop, onSignal });
  },
  async asteriskFiles(directory) {
    const { writeAt } = await import('./siteInstall.ts');
    const settings = config(true);
    return writeAt(settings, filesFolder(settings, directory));
  },
  async installAt(directory, how) {
    const { installAt } = await import('./siteInstall.ts');
    const settings = config(true);
    return installAt(settings, filesFolder(settings, directory, how.etc), how);
  },
  async removeFrom(directory, how) {
    const { removeFrom } = await import('./siteInstall.ts');
    const settings = config(true);
    return removeFrom(settings, filesFolder(settings, directory, how.etc), how);
  },
  async moveDatabase(request, progress) {
    const { moveTo } = await import('./moveTo.ts');
    return moveTo(config(), request, progress);
  },
  async backUp(request) {
    return (await import('./backUp.ts')).backUp(config(), request);
  },
  async restore(request) {
    return (await import('./restore.ts')).restore(process.env, request);
  },
  async doctor({ dhcp, call }) {
    const { doctor } = await import('./doctor.ts');
    const stopped = new AbortController();
    if (call) void stopRequested().then(() => stopped.abort());
    return doctor(() => config(), { dhcp, call: call ? stopped.signal : undefined });
  },
  checkContext: async (context) => (await import('./dialplanChecks.ts')).refuseUnknownContext(askHere, context),
  isKnown: async (tenant) => (await import('./dialplanChecks.ts')).isKnownToAsterisk(config(), tenant),
  clashes: async (tenant) => (await import('./dialplanChecks.ts')).clashesOf(askHere, config(), [tenant]),
  saidTooLate: (tenant) => (tenant.id === DEFAULT_TENANT ? saidTooLate(config(), tenant) : []),
  families: () => familiesOf(config()),
  server: () => serverFacts(config()),
  familyFolder: () => familyFolder(config().files),
  sounds: () => soundsOf(config()),
  checkNumbers: async (core, extensions) => numberChecks(config(), askHere, core, core.tenantId, extensions),
  adopting: {
    endpoints: async () => (await import('./adopting.ts')).endpointsAt(config()),
    apply: async (core, extensions) =>
      (await import('./adopting.ts')).bringAdopted(config(), core.store, { tenantId: core.tenantId, extensions }),
  },
  play: {
    one: async (asked) => (await import('./virtualPhone/play.ts')).playPhone(playRequest(asked)),
    many: async (asked, count, over) =>
      (await import('./virtualPhone/play.ts')).playFleet({ ...playRequest(asked), count, over }),
  },
  streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
  print: (text) => void process.stdout.write(`${text}\n`),
});

try {
  await program.parseAsync();
} catch (error) {
  const { text, status } = endingOf(error, isForPrograms);
  if (text !== '') process.stderr.write(`${text}\n`);
  process.exitCode = status;
}
