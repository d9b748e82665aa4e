import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Sends one part after the other, as fast as whoever asked reads; `first` before all of them. Of one who leaves, no more is made. */
export async function sendParts(response: Response, parts: AsyncIterable<string>, first = ''): Promise<void> {
  async function* all(): AsyncGenerator<string> {
    if (first !== '') yield first;
    // A part of nothing would end it.
    for await (const part of parts) if (part !== '') yield part;
  }
  try {
    await pipeline(Readable.from(all(), { objectMode: false }), response);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
