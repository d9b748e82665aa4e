import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** Who may do what with a file or folder. */
export interface Rights {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Puts a file in the place of what is there, a link included: whoever reads meanwhile has the one or the other whole, and nobody
 * who may write in the folder can have another file written. `rights`: of who runs this, with `mode`, unless said.
 */
export function replaceFile(
  path: string,
  content: string | Buffer,
  rights: Partial<Rights> & Pick<Rights, 'mode'>,
): void {
  const draft = `${path}.${randomUUID()}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    if (rights.uid !== undefined && rights.gid !== undefined) fchownSync(file, rights.uid, rights.gid);
    fchmodSync(file, rights.mode);
    closeSync(file);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
