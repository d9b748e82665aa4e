import { get, type Agent } from 'node:http';

/** An answer: its status and its bytes. */
export interface Answered {
  readonly status: number;
  readonly body: Buffer;
}

export interface Asking {
  readonly port: number;
  readonly path: string;
  readonly userAgent: string;
  /** Keeps connections; without one each request has its own. */
  readonly agent?: Agent;
  /** Where it comes from, if not from 127.0.0.1. */
  readonly localAddress?: string;
  /** Milliseconds without an answer until it gives up; ten seconds unless told, as phones do. */
  readonly patience?: number;
}

/** One GET. Rejects when there is no answer in time. */
export function ask({ port, path, userAgent, agent, localAddress, patience = 10_000 }: Asking): Promise<Answered> {
  const from = localAddress === undefined ? {} : { localAddress };
  const options = { host: '127.0.0.1', port, path, headers: { 'User-Agent': userAgent }, timeout: patience, ...from };
  return new Promise((resolve, reject) => {
    const request = get({ ...options, agent: agent ?? false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    request.once('timeout', () => request.destroy(new Error(`no answer to ${path}`)));
    request.once('error', reject);
  });
}

/** The same; rejects for every answer but 200. */
export async function fetched(asking: Asking): Promise<Buffer> {
  const { status, body } = await ask(asking);
  if (status !== 200) throw new Error(`${status} for ${asking.path}`);
  return body;
}

/** An address for each number, all of this machine: 127.64.0.1 and on. */
export function addressOf(at: number): string {
  return `127.${64 + (at >> 16)}.${(at >> 8) & 255}.${at & 255 || 255}`;
}
