import { existsSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Progress } from '../administration/tables/newPins.ts';
import { SelfprovError } from '../domain/errors.ts';

export interface PrivateFile {
  readonly path: string;
  /** Asked for when it is this file's turn: all together may be large. */
  readonly content: () => Promise<string | Buffer>;
}

/**
 * Writes files that their owner alone can read, then makes their content valid with `commit`; when something rejects, what
 * was there is there again. Rejects with `conflict` when a file exists, unless it may be written over.
 */
export async function writePrivately(
  files: readonly PrivateFile[],
  force: boolean,
  commit: () => Promise<void>,
  progress: Progress = () => undefined,
): Promise<void> {
  refuseExisting(
    files.map(({ path }) => path),
    force,
  );
  const drafts: { readonly path: string; readonly draft: string }[] = [];
  try {
    for (const { path, content } of files) {
      const draft = force ? `${path}.part` : path;
      const whole = await content();
      const file = await open(draft, 'wx', 0o600);
      // From here on it is ours: what a full disk has left of it goes too.
      drafts.push({ path, draft });
      try {
        await file.writeFile(whole);
        await file.sync();
      } finally {
        await file.close();
      }
      progress(drafts.length, files.length);
    }
    await commit();
  } catch (error) {
    for (const { draft } of drafts) await rm(draft);
    throw error;
  }
  for (const { path, draft } of drafts) if (draft !== path) await rename(draft, path);
}

/** Throws `conflict` when one of them exists and may not be written over, or is a folder. */
export function refuseExisting(paths: readonly string[], force: boolean): void {
  const folder = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  if (folder !== undefined) throw new SelfprovError('conflict', `${folder} is a folder: name a file`);
  const there = force ? undefined : paths.find((path) => existsSync(path));
  if (there !== undefined) throw new SelfprovError('conflict', `${there} exists already: --force writes over it`);
}
