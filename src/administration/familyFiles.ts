import { SelfprovError } from '../domain/errors.ts';
import { PLAIN_NAME, type FamilyFile, type FamilyFolder } from '../domain/familyFolder.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Families } from '../phones/family/family.ts';
import { recognise } from '../phones/recognise/recognise.ts';
import type { Core } from './core.ts';
import { checkFamily } from './names.ts';

/** Rejects with `not_found` for a family that there is not. */
export async function listFiles(
  folder: FamilyFolder,
  families: Families,
  family: string,
): Promise<readonly FamilyFile[]> {
  checkFamily([...families.byId.keys()], family);
  return folder.list(family);
}

/**
 * Puts a file there, in the place of one of that name: phones get it when they ask for it. Rejects with `not_found`; with `invalid` for a
 * name that is no plain one and for a file that is too long; and with `conflict` for a name that is made here for each phone, and so
 * never looked for.
 */
export async function putFile(
  { store, actor }: Core,
  folder: FamilyFolder,
  families: Families,
  { family, name, content }: { family: string; name: string; content: AsyncIterable<Uint8Array> },
): Promise<{ readonly name: string; readonly size: number; readonly sha256: string }> {
  checkFamily([...families.byId.keys()], family);
  if (!PLAIN_NAME.test(name))
    throw new SelfprovError('invalid', `${JSON.stringify(name)} is no name of a file: letters, digits and . _ + ( ) -`);
  const asked = recognise(families, { method: 'GET', path: `/${name}`, userAgent: null, transport: 'http' });
  if (asked.family === family && asked.file !== null && asked.file.kind !== 'other')
    throw new SelfprovError(
      'conflict',
      `${name} is made here for each phone of ${family}: a file of that name is not looked for`,
    );
  const put = await folder.put(family, { name, content }).catch(refuseWhatCannotBe);
  const detail = { what: 'file', name: `${family}/${name}`, size: put.size, sha256: put.sha256 };
  await store.addEvent({ step: 'created', tenantId: DEFAULT_TENANT, actor, detail });
  return { name, ...put };
}

/** Rejects with `not_found`. */
export async function removeFile(
  { store, actor }: Core,
  folder: FamilyFolder,
  family: string,
  name: string,
): Promise<void> {
  const isGone =
    PLAIN_NAME.test(name) && PLAIN_NAME.test(family) && (await folder.remove(family, name).catch(refuseWhatCannotBe));
  orNotFound(isGone ? true : undefined, `file ${name} of ${family}`);
  const detail = { what: 'file', name: `${family}/${name}` };
  await store.addEvent({ step: 'deleted', tenantId: DEFAULT_TENANT, actor, detail });
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'the file cannot be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EACCES: 'selfprov may not write into the folder of files (SELFPROV_FILES)',
  EPERM: 'selfprov may not write into the folder of files (SELFPROV_FILES)',
  EROFS: 'the folder of files (SELFPROV_FILES) can only be read',
  ECONNRESET: 'the file broke off: send it again',
  EISDIR: 'there is a folder of that name',
};

function refuseWhatCannotBe(error: unknown): never {
  if (error instanceof RangeError) throw new SelfprovError('invalid', error.message, { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = WHY[code];
  if (why === undefined) throw error;
  throw new SelfprovError('unavailable', why, { cause: error });
}
