import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAIN_NAME, type FamilyFolder } from '../domain/familyFolder.ts';

/** No firmware of a phone comes near. */
const LARGEST_FILE = 1024 * 1024 * 1024;

/** Longer than any request goes on without a byte. */
const LEFT_AFTER_MS = 60 * 60_000;

/** The folders of families below `directory`, which need not be there. `largest`: bytes. */
export function familyFolder(directory: string, largest = LARGEST_FILE): FamilyFolder {
  return {
    async list(family) {
      const folder = join(directory, family);
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      const found = await Promise.all(
        names
          .filter((name) => PLAIN_NAME.test(name))
          .map(async (name) => ({ name, ...(await at(join(folder, name))) })),
      );
      return found
        .flatMap(({ isFile, ...file }) => (isFile ? [file] : []))
        .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    },
    async put(family, { name, content }) {
      const folder = join(directory, family);
      await mkdir(folder, { recursive: true, mode: 0o755 });
      await removeLeft(folder);
      const draft = join(folder, `.${randomUUID()}.part`);
      try {
        const written = await write(draft, content, largest);
        await rename(draft, join(folder, name));
        return written;
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async remove(family, name) {
      const file = join(directory, family, name);
      const { isFile } = await at(file);
      if (isFile) await rm(file);
      return isFile;
    },
  };
}

/** Drafts that nobody writes any more: of a process that has ended in the midst. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => /^\.[\da-f-]{36}\.part$/.test(each))) {
    const { changedAt } = await at(join(folder, name));
    if (Date.now() - changedAt > LEFT_AFTER_MS) await rm(join(folder, name), { force: true });
  }
}

async function write(path: string, content: AsyncIterable<Uint8Array>, largest: number) {
  const file = await open(path, 'wx', 0o644);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      size += chunk.length;
      if (size > largest) throw new RangeError(`the file is longer than ${largest} bytes`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
    return { size, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function at(path: string) {
  const found = await stat(path).catch(unlessMissing);
  return { size: found?.size ?? 0, changedAt: Math.round(found?.mtimeMs ?? 0), isFile: found?.isFile() === true };
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined;
  throw error;
}
