import type { Mac } from '../../domain/mac.ts';
import type { Families } from '../../phones/family/family.ts';
import { recognise } from '../../phones/recognise/recognise.ts';
import type { FileRequest } from './serveFile.ts';
import { staticFile } from '../../staticFiles/staticFile.ts';

export interface StaticFound {
  readonly mac: Mac | null;
  readonly family: string;
  /** Absolute path of a plain file. */
  readonly file: string;
}

/**
 * What the administrator has put there for the family that asks. A name for which the family has a template is never
 * looked up: it needs its proof.
 */
export async function findStatic(
  needs: { readonly families: () => Families; readonly directory: string },
  request: FileRequest,
): Promise<StaticFound | undefined> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  const { family, mac, file: asked } = recognise(needs.families(), request);
  if (family === null || (asked !== null && asked.kind !== 'other')) return undefined;
  const file = await staticFile(needs.directory, family, request.path);
  return file === undefined ? undefined : { mac, family, file };
}
