import { resolve } from 'node:path';
import type { Progress } from './administration/tables/newPins.ts';
import type { Moved, MoveRequest } from './cli/moveDatabase.ts';
import { readDatabaseUrl, type Config } from './config.ts';
import { SelfprovError } from './domain/errors.ts';
import { moveDatabase } from './store/move/moveDatabase.ts';

/** Moves the database of this environment, or a file that is named, to the one that is named, or that of this environment. */
export async function moveTo(config: Config, { from, to }: MoveRequest, progress: Progress): Promise<Moved> {
  const { database, siteKey } = config;
  const file = from === undefined && 'file' in database ? database.file : from;
  if (file === undefined) throw new SelfprovError('invalid', 'say which file is to be moved: --from');
  const url = to === undefined && 'url' in database ? database.url : to;
  if (url === undefined) throw new SelfprovError('invalid', 'say where to: --to - reads the URL from standard input');
  const target = typeof url === 'string' ? readDatabaseUrl(url) : url;
  const source = resolve(file);
  return { from: source, to: { url: target }, siteKey, tables: await moveDatabase(source, target, siteKey, progress) };
}
