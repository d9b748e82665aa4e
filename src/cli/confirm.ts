import type { Command } from 'commander';
import { createInterface } from 'node:readline/promises';
import { SelfprovError } from '../domain/errors.ts';
import type { Streams } from './identify.ts';
import { isForPrograms, type Output } from './output.ts';
import type { Run, TenantCore } from './run.ts';

/** Resolves once somebody at a terminal has agreed; rejects with `invalid` where nobody can be asked, or nobody agrees. */
export type Confirm = (command: Command, what: string) => Promise<void>;

/** There is no terminal. */
export const askNobody: Confirm = (_, what) =>
  Promise.reject(new SelfprovError('invalid', `${what} --yes is needed`, { reason: 'confirmation_needed' }));

export function confirmOn({ input, errors }: Pick<Streams, 'input' | 'errors'>): Confirm {
  return async (command, what) => {
    if (isForPrograms(command) || !isTerminal(input) || !isTerminal(errors)) return askNobody(command, what);
    const asking = createInterface({ input, output: errors });
    // Also where the line ends without an answer.
    const answer = await Promise.race([
      asking.question(`${what} Type yes to do so: `),
      new Promise<string>((resolve) => asking.once('close', () => resolve(''))),
    ]);
    asking.close();
    if (answer.trim().toLowerCase() !== 'yes')
      throw new SelfprovError('invalid', 'nothing is changed: that was no yes', { reason: 'not_confirmed' });
  };
}

/**
 * Gives a verb that takes away what cannot be had back its work, after a question that says what goes: `--yes` does without.
 * `what` is one or more whole sentences. Both are given the arguments, then the options.
 */
export function takingAway<Args extends unknown[]>(
  command: Command,
  run: Run,
  {
    what,
    work,
  }: {
    what(core: TenantCore, ...given: Args): Promise<string>;
    work(core: TenantCore, ...given: Args): Promise<Output>;
  },
): void {
  withYes(command).action(
    run(async (core, ...given: unknown[]) => {
      const args = given as Args;
      const { yes } = given.at(-1) as { readonly yes?: true };
      if (yes !== true) await core.confirm(await what(core, ...args));
      return work(core, ...args);
    }),
  );
}

export function withYes(command: Command): Command {
  return command.option('-y, --yes', 'do it without asking');
}

function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
