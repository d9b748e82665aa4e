import { readFile, stat } from 'node:fs/promises';

const LARGEST = 64 * 1024 * 1024;
const KEEP_MS = 60_000;

/**
 * Reads whole files for those who cannot stream them. Everybody who asks for the same one within a minute shares its
 * bytes: a site that boots fetches one firmware a thousand times. `undefined` for a file that is larger than `largest`
 * bytes.
 */
export function sharedFiles(largest = LARGEST): (file: string) => Promise<Buffer | undefined> {
  const recent = new Map<string, Promise<Buffer>>();

  return async (file) => {
    const { size, mtimeMs } = await stat(file);
    if (size > largest) return undefined;
    const version = `${file} ${size} ${mtimeMs}`;
    const known = recent.get(version);
    if (known !== undefined) return known;
    const bytes = readFile(file);
    recent.set(version, bytes);
    setTimeout(() => recent.delete(version), KEEP_MS).unref();
    return bytes.catch((error: unknown) => {
      recent.delete(version);
      throw error;
    });
  };
}
