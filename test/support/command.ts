import { join } from 'node:path';
import { familyFolder } from '../../src/staticFiles/familyFolder.ts';
import type { Command } from 'commander';
import { PassThrough } from 'node:stream';
import { SelfprovError } from '../../src/domain/errors.ts';
import { MEANING } from '../../src/settingsMeaning.ts';
import { treeOf, type Node } from '../../src/cli/commandTree.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { TestCore } from './core.ts';
import { server, shippedFamilies } from './phoneFacts.ts';

/** There is no Asterisk to adopt users of. */
export const noAsterisk = {
  endpoints: () => Promise.reject(new SelfprovError('unavailable', 'this test has no Asterisk')),
  apply: () => Promise.resolve([]),
};

/** Runs `selfprov …` over this core and gives what it prints; rejects as it does. */
export async function command(core: TestCore, ...args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  await programFor(core, printed, args.includes('--json')).parseAsync([...args], { from: 'user' });
  return printed.join('\n');
}

/** `selfprov` over this core; what it prints goes into `printed`. */
export function programFor(core: TestCore, printed: string[] = [], isForPrograms = false): Command {
  const streams = { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough() };
  return buildProgram({
    linkOf: () => 'http://127.0.0.1/welcome/…',
    version: '0.0.0',
    settings: MEANING,
    isForPrograms,
    open: () => Promise.resolve({ ...core, close: () => Promise.resolve() }),
    serve: () => Promise.reject(new Error('this test serves nothing')),
    start: () => Promise.reject(new Error('this test starts nothing')),
    asterisk: () => Promise.reject(new Error('this test starts nothing')),
    asteriskFiles: () => Promise.reject(new Error('this test writes no files')),
    installAt: () => Promise.reject(new Error('this test writes no files')),
    removeFrom: () => Promise.reject(new Error('this test writes no files')),
    adopting: noAsterisk,
    doctor: () => Promise.reject(new Error('no doctor here')),
    play: {
      one: () => Promise.reject(new Error('this test plays no phone')),
      many: () => Promise.reject(new Error('this test plays no phones')),
    },
    moveDatabase: () => Promise.reject(new Error('this test moves nothing')),
    backUp: () => Promise.reject(new Error('this test backs nothing up')),
    restore: () => Promise.reject(new Error('this test restores nothing')),
    saidTooLate: () => [],
    checkContext: () => Promise.resolve(),
    isKnown: () => Promise.resolve(false),
    clashes: () => Promise.resolve([]),
    families: shippedFamilies,
    familyFolder: () => familyFolder(join(core.directory, 'files')),
    server: () => server,
    sounds: () => null,
    checkNumbers: () => Promise.resolve(new Map<string, never>()),
    streams,
    print: (text) => void printed.push(text),
  });
}

/** Every command that there is; nothing can be carried out. */
export function wholeTree(): Node {
  return treeOf(programFor({} as TestCore));
}
