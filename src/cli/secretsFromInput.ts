import type { Command } from 'commander';
import { createInterface } from 'node:readline';
import { SelfprovError } from '../domain/errors.ts';

/** Options whose value is a secret, as commander names them. */
const SECRETS = ['pin', 'password', 'administratorCode', 'webPassword', 'to'] as const;

/**
 * Takes a secret that is given as `-` from standard input, one line for each: whoever is on the machine can see what stands in a
 * command. Rejects with `invalid` when the lines run out.
 */
export async function readSecrets(command: Command, input: NodeJS.ReadableStream): Promise<void> {
  const wanted = SECRETS.filter((name) => command.opts()[name] === '-');
  if (wanted.length === 0) return;
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  for (const name of wanted) {
    const line = await lines.next();
    if (line.done === true) throw new SelfprovError('invalid', `nothing on standard input for --${name}`);
    command.setOptionValue(name, line.value);
  }
  await lines.return?.();
}
