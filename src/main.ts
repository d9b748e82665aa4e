import { existsSync } from 'node:fs';
import { checkNumberAt } from './administration/users.ts';
import { buildProgram } from './cli/program.ts';
import { readConfig } from './config.ts';
import { withConfigFile } from './configFile.ts';
import { askAsterisk, familiesOf, openCore, serverFacts, soundsOf } from './core.ts';
import { describeFailure, newDatabase } from './cli/failure.ts';

/** Resolves at the first Ctrl-C or request to stop. A second one ends the process at once, as if nobody listened. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}

const config = (isToBeMade = false): ReturnType<typeof readConfig> =>
  readConfig(withConfigFile(process.env, { isToBeMade }));

const program = buildProgram({
  async open() {
    const settings = config();
    const { database } = settings;
    const isNew = 'file' in database && !existsSync(database.file);
    const core = await openCore(settings);
    if (isNew) process.stderr.write(`${newDatabase(database.file)}\n`);
    return core;
  },
  async serve() {
    const settings = config();
    const stop = stopRequested();
    const [{ serve }, { createLog }] = [await import('./app.ts'), await import('./log.ts')];
    const running = await serve(settings, createLog(settings.logLevel));
    process.on('SIGHUP', () => running.reload());
    await stop;
    await running.close();
  },
  async start() {
    const [settings, stop] = [config(), stopRequested()];
    const { startAll } = await import('./startAll.ts');
    await startAll(settings, stop);
  },
  async asteriskFiles(directory) {
    const { writeFilesForAsterisk } = await import('./asteriskSettings.ts');
    return writeFilesForAsterisk(config(true), directory);
  },
  async installAt(directory, how) {
    const { installAt } = await import('./siteInstall.ts');
    return installAt(config(true), directory, how);
  },
  async removeFrom(directory, how) {
    const { removeFrom } = await import('./siteInstall.ts');
    return removeFrom(directory, how);
  },
  async moveDatabase(request) {
    const { moveTo } = await import('./moveTo.ts');
    return moveTo(config(), request);
  },
  families: () => familiesOf(config()),
  server: () => serverFacts(config()),
  sounds: () => soundsOf(config()),
  checkNumber: (core, extension) =>
    askAsterisk(config(), (asterisk) => checkNumberAt(asterisk, core, core.tenantId, extension)),
  adopting: {
    endpoints: async () => (await import('./adopting.ts')).endpointsAt(config()),
    apply: async (core) => (await import('./adopting.ts')).bringAdopted(config(), core.store),
  },
  streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
  print: (text) => void process.stdout.write(`${text}\n`),
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
