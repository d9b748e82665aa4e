import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { SelfprovError } from '../domain/errors.ts';

/**
 * Writes a file that its owner alone can read, then makes its content valid with `commit`; when that rejects, what was there
 * is there again. Rejects with `conflict` when the file exists, unless it may be written over.
 */
export async function writePrivately(
  file: string,
  content: string | Buffer,
  { force }: { readonly force: boolean },
  commit: () => Promise<void>,
): Promise<void> {
  refuseExisting(file, force);
  const draft = force ? `${file}.part` : file;
  await writeFile(draft, content, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await commit();
  } catch (error) {
    await rm(draft);
    throw error;
  }
  if (draft !== file) await rename(draft, file);
}

/** Throws `conflict` when the file exists and may not be written over. */
export function refuseExisting(file: string, force: boolean): void {
  if (!force && existsSync(file)) throw new SelfprovError('conflict', `${file} exists already: --force writes over it`);
}
