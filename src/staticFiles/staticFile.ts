import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

const DEEPEST = 16;

/**
 * The file that an administrator has put into `directory/<family>/` under the requested name: firmware, language packs,
 * ring tones. `path` is decoded, with or without a query; folders before the name may be there or not, as delivery URLs
 * have them. `undefined` for everything that is not a plain file in there: hidden files, folders, devices, links that
 * lead out, and every path that is anything but a plain name. Gives the absolute path, for reading.
 */
export async function staticFile(directory: string, family: string, path: string): Promise<string | undefined> {
  const segments = plainSegments(path);
  if (segments === undefined || !isPlain(family)) return undefined;
  const root = await realpath(directory).catch(() => undefined);
  if (root === undefined) return undefined;
  for (let skipped = 0; skipped < segments.length; skipped++) {
    const file = await realpath(join(root, family, ...segments.slice(skipped))).catch(() => undefined);
    if (file?.startsWith(root + sep) !== true) continue;
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() === true) return file;
  }
  return undefined;
}

function plainSegments(path: string): readonly string[] | undefined {
  const segments = path
    .replace(/[?#].*$/s, '')
    .split('/')
    .filter((segment) => segment !== '');
  return segments.every(isPlain) && segments.length <= DEEPEST ? segments : undefined;
}

/** No `..`, no hidden file, nothing that another system or another decoder would take for a separator. */
function isPlain(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\%\0-\u001f\u007f]/.test(name);
}
