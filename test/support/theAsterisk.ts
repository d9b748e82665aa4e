import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findAsterisk, type AsteriskInstallation } from '../../src/asterisk/private/findAsterisk.ts';
import { packageRoot } from '../../src/packageRoot.ts';

/** The one that tests run on. */
export async function theAsterisk(): Promise<AsteriskInstallation> {
  const found = await findAsterisk(process.env['PATH'] ?? '', join(packageRoot, '.asterisk/root'));
  if (found === undefined) throw new Error('there is no Asterisk: sh scripts/fetch-asterisk.sh');
  return found;
}

/** One command of the console of the Asterisk with these configuration files; its output. */
export async function consoleOf({ command }: AsteriskInstallation, etc: string, line: string): Promise<string> {
  const [program, ...before] = command;
  return (await promisify(execFile)(program, [...before, '-C', join(etc, 'asterisk.conf'), '-rx', line])).stdout;
}
