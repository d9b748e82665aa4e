import { setImmediate as turn } from 'node:timers/promises';
import type { Context, RootHookObject } from 'mocha';
import { closePostgres } from './testDatabase.ts';

/** Each with the test that ran then. Mocha emits every rejection a second time, so they are told apart by the promise. */
const lost = new Map<Promise<unknown>, string>();
let running = 'before the first test';

process.on('unhandledRejection', (reason, promise) => {
  lost.set(promise, `${running}: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
});
process.once('exit', () => {
  if (lost.size > 0) process.exitCode ||= 1;
});

/**
 * Loaded by .mocharc.json before any test. Mocha goes on after a rejection that nobody handles; here the run fails at its
 * end and names them.
 */
export const mochaHooks: RootHookObject = {
  beforeEach(this: Context) {
    running = this.currentTest?.fullTitle() ?? '';
  },
  async afterAll() {
    await closePostgres();
    await turn();
    if (lost.size > 0) throw new Error(`unhandled rejections:\n${[...lost.values()].join('\n')}`);
  },
};
