import { Command } from 'commander';
import { PassThrough } from 'node:stream';
import type { Core } from '../../src/administration/core.ts';
import { commandRunner } from '../../src/cli/run.ts';
import { userCommands, type UserNeeds } from '../../src/cli/users.ts';
import { noAsterisk } from './command.ts';
import { server, shippedFamilies } from './phoneFacts.ts';

/** Runs `selfprov user …` over this core; what it prints goes into `printed`, which a refusal leaves as far as it came. */
export function userCommand(core: Core, printed: string[], ...args: readonly string[]): Promise<void> {
  return userCommandAt(noAsterisk, core, printed, ...args);
}

/** The same where there is an Asterisk to adopt users of. */
export async function userCommandAt(
  adopting: UserNeeds['adopting'],
  core: Core,
  printed: string[],
  ...args: readonly string[]
): Promise<void> {
  const program = new Command()
    .exitOverride()
    .option('--json')
    .configureOutput({ writeErr: () => undefined });
  const open = () => Promise.resolve({ ...core, close: () => Promise.resolve() });
  const needs = {
    checkNumbers: () => Promise.resolve(new Map<string, never>()),
    adopting,
    files: { families: shippedFamilies, server: () => server },
    errors: new PassThrough(),
  };
  userCommands(
    program,
    commandRunner(open, (text) => printed.push(text)),
    needs,
  );
  await program.parseAsync(['user', ...args], { from: 'user' });
}
