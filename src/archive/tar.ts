import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** One file of an archive, by where its bytes are. */
export interface Entry {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
}

/** What is put into an archive: bytes, or the file at a path. */
export interface Part {
  readonly name: string;
  readonly content: Buffer | { readonly path: string; readonly bytes: number };
}

const BLOCK = 512;
/** What eleven octal digits can say. */
const MOST_BYTES = 8 ** 11 - 1;
/** POSIX.1-1988 (ustar): name, mode, numbers of user and group, size, time, checksum, type, …; numbers are octal texts. */
const [NAME, MODE, USER, GROUP, SIZE, TIME, SUM, TYPE, MAGIC] = [0, 100, 108, 116, 124, 136, 148, 156, 257] as const;
const USTAR = 'ustar\u000000';

/** Writes these files as a tar that every tar reads, each with mode 600. Names have up to 100 bytes. */
export async function writeTar(archive: FileHandle, parts: readonly Part[], seconds: number): Promise<void> {
  for (const { name, content } of parts) {
    const bytes = Buffer.isBuffer(content) ? content.length : content.bytes;
    await archive.appendFile(headerOf(name, bytes, seconds));
    if (Buffer.isBuffer(content)) await archive.appendFile(content);
    else for await (const piece of createReadStream(content.path)) await archive.appendFile(piece as Buffer);
    await archive.appendFile(Buffer.alloc(-bytes & (BLOCK - 1)));
  }
  await archive.appendFile(Buffer.alloc(2 * BLOCK));
}

/** What is in a tar of plain files, as far as it can be read, and how it ends. */
export interface Contents {
  readonly entries: readonly Entry[];
  /** `cut`: the file ends before the tar does; `none`: what follows is no tar. */
  readonly end: 'whole' | 'cut' | 'none';
}

export async function contentsOf(archive: FileHandle): Promise<Contents> {
  const { size } = await archive.stat();
  const entries: Entry[] = [];
  for (let at = 0; at + BLOCK <= size;) {
    const header = Buffer.alloc(BLOCK);
    await archive.read(header, 0, BLOCK, at);
    if (header.every((byte) => byte === 0)) return { entries, end: 'whole' };
    // A sign, or another form of number, would lead back, or nowhere.
    const size8 = /^ *([0-7]+)[ \0]*$/.exec(header.toString('latin1', SIZE, TIME))?.[1];
    const bytes = Number.parseInt(size8 ?? '', 8);
    const isPlain = ['0', '\0'].includes(header.toString('latin1', TYPE, TYPE + 1));
    const start = at + BLOCK;
    if (numberAt(header, SUM) !== sumOf(header) || !isPlain || Number.isNaN(bytes)) return { entries, end: 'none' };
    if (start + bytes > size) return { entries, end: 'cut' };
    const [name = ''] = header.toString('utf8', NAME, MODE).split('\0');
    entries.push({ name, start, bytes });
    at = start + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return { entries, end: 'cut' };
}

/** The bytes of one file in an archive at `path`, piece by piece. */
export async function* bytesOf(path: string, { start, bytes }: Entry): AsyncGenerator<Buffer> {
  if (bytes === 0) return;
  for await (const piece of createReadStream(path, { start, end: start + bytes - 1 })) yield piece as Buffer;
}

function headerOf(name: string, bytes: number, seconds: number): Buffer {
  if (Buffer.byteLength(name) > MODE || bytes > MOST_BYTES)
    throw new RangeError(`${name} does not fit into an archive`);
  const header = Buffer.alloc(BLOCK);
  header.write(name, NAME);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(octal(0o600, 7), MODE);
  header.write(octal(0, 7), USER);
  header.write(octal(0, 7), GROUP);
  header.write(octal(bytes, 11), SIZE);
  header.write(octal(seconds, 11), TIME);
  header.write('0', TYPE);
  header.write(USTAR, MAGIC);
  header.write(`${octal(sumOf(header), 6)} `, SUM);
  return header;
}

function numberAt(header: Buffer, at: number): number {
  return Number.parseInt(header.toString('latin1', at, at + 8), 8);
}

/** Of all bytes, with blanks in the place of the sum itself. */
function sumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= SUM && at < TYPE ? 0x20 : byte), 0);
}
