import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { bytesOf, contentsOf, writeTar, type Contents, type Entry, type Part } from '../../archive/tar.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { MIGRATION_NAMES } from '../migrate.ts';

const MANIFEST = 'manifest.json';
const FORM = 1;
/** Nothing else is taken out of an archive. */
export const DATABASES = { sqlite: 'database.sqlite', postgresql: 'database.pgdump' } as const;
export const [SITE_KEY, PASSWORDS, SETTINGS] = ['site.key', 'asterisk.env', 'selfprov.env'] as const;
const CERTIFICATE = /^tls\/\w[\w.-]*$/;

const rights = z.object({ mode: z.number().int().min(0).max(0o7777), user: z.string(), group: z.string() });
const file = z.object({ name: z.string(), bytes: z.number(), sha256: z.string(), rights });
const manifest = z.object({
  form: z.number(),
  /** Of selfprov. */
  version: z.string(),
  at: z.iso.datetime(),
  engine: z.enum(['sqlite', 'postgresql']),
  migrations: z.array(z.string()).min(1),
  /** Of the site key that the database was made with. */
  fingerprint: z.string(),
  /** Where the settings were; `null` when the environment alone had them. */
  settings: z.string().nullable(),
  /** Of the folder with selfprov's data. */
  folder: rights,
  counts: z.object({ tenants: z.number(), users: z.number(), devices: z.number() }),
  files: z.array(file),
});

/** What a backup says of itself. */
export type Manifest = z.infer<typeof manifest>;
export type RightsByName = z.infer<typeof rights>;

/** A file to be put into a backup. */
export type Kept = Part & { readonly rights: RightsByName };

/** A backup that has been looked through: every byte is as it was written. */
export interface Backup {
  readonly path: string;
  readonly manifest: Manifest;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** Writes a backup to a new file that its owner alone can read; it is on the disk when this resolves. */
export async function writeBackup(
  path: string,
  about: Omit<Manifest, 'form' | 'files' | 'at'>,
  kept: readonly Kept[],
): Promise<Manifest> {
  const files = await Promise.all(
    kept.map(async ({ name, content, rights: its }) => ({ name, ...(await sumOf(content)), rights: its })),
  );
  const now = new Date();
  const whole: Manifest = { form: FORM, ...about, at: now.toISOString(), files };
  const first = { name: MANIFEST, content: Buffer.from(`${JSON.stringify(whole, null, 2)}\n`) };
  const archive = await open(path, 'wx', 0o600);
  try {
    await writeTar(archive, [first, ...kept], Math.trunc(now.getTime() / 1000));
    await archive.sync();
  } finally {
    await archive.close();
  }
  return whole;
}

/** Looks a whole backup through. Rejects with `invalid` for what is none, is damaged, or was made by a later version. */
export async function readBackup(path: string): Promise<Backup> {
  // Who would wait for a writer at the other end of a pipe waits for ever.
  const archive = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { entries, end } = await contentsOfFile(archive, path);
  const [first, ...others] = entries;
  if (first === undefined && end === 'none')
    throw new SelfprovError('invalid', `${path} is no backup of selfprov: it is no tar`);
  if (first !== undefined && first.name !== MANIFEST)
    throw new SelfprovError(
      'invalid',
      `${path} is no backup of selfprov: it is a tar without ${MANIFEST} at its beginning`,
    );
  if (first === undefined || end === 'cut')
    throw new SelfprovError('invalid', `${path} is not whole: it ends too early, as if it had been cut off`);
  if (end === 'none')
    throw new SelfprovError(
      'invalid',
      `${path} is damaged: behind ${entries.at(-1)?.name ?? MANIFEST} it is no tar any more`,
    );
  const read = readManifest(await textOf(path, first), path);
  const names = read.files.map(({ name }) => name);
  if (JSON.stringify(others.map(({ name }) => name)) !== JSON.stringify(names) || !names.every(isKnown))
    throw new SelfprovError('invalid', `${path} does not have the files that it says it has`);
  for (const [at, entry] of others.entries()) {
    if ((await sumOf(bytesOf(path, entry))).sha256 !== read.files[at]?.sha256)
      throw new SelfprovError('invalid', `${path} is damaged: ${entry.name} is not what it was`);
  }
  return { path, manifest: read, entries: new Map(others.map((entry) => [entry.name, entry])) };
}

/** Closes it. */
async function contentsOfFile(archive: FileHandle, path: string): Promise<Contents> {
  try {
    if ((await archive.stat()).isFile()) return await contentsOf(archive);
    throw new SelfprovError('invalid', `${path} is no backup of selfprov: it is no plain file`);
  } finally {
    await archive.close();
  }
}

/** A small file of a backup; `undefined` when it has none of this name. */
export async function contentOf({ path, entries }: Backup, name: string): Promise<string | undefined> {
  const entry = entries.get(name);
  return entry === undefined ? undefined : await textOf(path, entry);
}

function readManifest(text: string, path: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SelfprovError('invalid', `${path} is damaged: ${MANIFEST} in it is no JSON`, { cause });
  }
  const { form } = z.object({ form: z.number() }).safeParse(json).data ?? {};
  const read = manifest.safeParse(json);
  const migrations = read.data?.migrations ?? [];
  const isLater = (form ?? 0) > FORM || migrations.some((name, at) => name !== MIGRATION_NAMES[at]);
  if (isLater) {
    const version = read.data === undefined ? 'a later version' : `version ${read.data.version}`;
    throw new SelfprovError(
      'invalid',
      `${path} was made by ${version}, which this one does not know: restore it with that one`,
    );
  }
  if (read.success) return read.data;
  throw new SelfprovError('invalid', `${path} is damaged: ${MANIFEST} in it does not say what is in it`);
}

function isKnown(name: string): boolean {
  return [...Object.values(DATABASES), SITE_KEY, PASSWORDS, SETTINGS].includes(name as never) || CERTIFICATE.test(name);
}

async function textOf(path: string, entry: Entry): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of bytesOf(path, entry)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function sumOf(content: Part['content'] | AsyncIterable<Buffer>): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  if (Buffer.isBuffer(content)) return { bytes: content.length, sha256: hash.update(content).digest('hex') };
  let bytes = 0;
  const pieces = 'path' in content ? (createReadStream(content.path) as AsyncIterable<Buffer>) : content;
  for await (const piece of pieces) {
    bytes += piece.length;
    hash.update(piece);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** A file on the disk as content. */
export async function fileAt(path: string): Promise<{ readonly path: string; readonly bytes: number }> {
  return { path, bytes: (await stat(path)).size };
}
