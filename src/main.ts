import { existsSync } from 'node:fs';
import { serve } from './app.ts';
import { warningFor } from './administration/users.ts';
import { buildProgram } from './cli/program.ts';
import { readConfig } from './config.ts';
import { askAsterisk, familiesOf, openCore, serverFacts, soundsOf } from './core.ts';
import { describeFailure, newDatabase } from './cli/failure.ts';
import { createLog } from './log.ts';
import { moveTo } from './moveTo.ts';
import { startAll } from './startAll.ts';
import { writeFilesForAsterisk } from './asteriskSettings.ts';

/** Resolves at the first Ctrl-C or request to stop. A second one ends the process at once, as if nobody listened. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}

const config = (): ReturnType<typeof readConfig> => readConfig(process.env);

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
    const running = await serve(settings, createLog(settings.logLevel));
    process.on('SIGHUP', () => running.reload());
    await stop;
    await running.close();
  },
  start: () => startAll(config(), stopRequested()),
  asteriskFiles: (directory) => writeFilesForAsterisk(config(), directory),
  moveDatabase: (request) => moveTo(config(), request),
  families: () => familiesOf(config()),
  server: () => serverFacts(config()),
  sounds: () => soundsOf(config()),
  warningFor: (extension) => askAsterisk(config(), (registrar) => warningFor(registrar, extension)),
  streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
  print: (text) => void process.stdout.write(`${text}\n`),
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
