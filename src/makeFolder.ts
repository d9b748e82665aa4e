import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SelfprovError } from './domain/errors.ts';

/**
 * Makes a folder and what is missing above it, one after the other: Node.js (20 to 24) tries for ever where the system says that
 * there is nothing in a folder that is there, as in `/proc`. Throws `invalid` then, and what the system says otherwise.
 */
export function makeFolder(folder: string, mode: number): void {
  const above = dirname(folder);
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  if (!existsSync(above)) makeFolder(above, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Another process may have been faster.
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code !== 'ENOENT') throw cause;
    throw new SelfprovError('invalid', `no folder can be made in ${above}: name another place than ${folder}`, {
      cause,
    });
  }
}
