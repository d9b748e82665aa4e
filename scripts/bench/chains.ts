import { Agent } from 'node:http';
import { families } from '../../src/virtualPhone/families/families.ts';
import { tftpGet } from '../../src/virtualPhone/tftpClient.ts';
import { ask } from './ask.ts';
import type { KnownPhone } from './fill.ts';
import type { Kind } from './kinds.ts';

/** A phone that starts: where it asks from, and how. */
export interface Starting extends Kind {
  readonly address: string;
  readonly transport: 'http' | 'tftp';
  /** What its last file has told it to fetch, or what it was told first. */
  readonly deliveryUrl: string;
}

/** What a phone has asked for while it started. */
export interface Chain {
  /** How each request ended, in their order: a status, or `lost` where there was no answer. */
  readonly ends: readonly string[];
  /** Milliseconds that each took. */
  readonly took: readonly number[];
  readonly files: readonly string[];
}

export interface Listening {
  readonly port: number;
  readonly tftpPort: number;
}

/** What a new phone is told, and what a known one fetches that has been told nothing else. */
export const OPEN_URL = 'http://127.0.0.1/';

/** What files of this family tell phones to fetch from then on, with `{token}` and `{mac}` in it, as a phone like this reads it. */
export async function deliveryUrlOf(phone: KnownPhone, server: Listening): Promise<string> {
  const asked = { ...phone, transport: 'http', deliveryUrl: OPEN_URL } as const;
  const { files } = await chainOf(asked, server);
  const { reader } = families[phone.maker];
  const { deliveryUrl } = reader.read(new Map(files.flatMap((file) => [...reader.parse(file)])));
  if (deliveryUrl?.includes(phone.token) !== true) throw new Error(`${phone.mac} is not told where to fetch`);
  return deliveryUrl.replace(phone.token, '{token}').replaceAll(phone.mac, '{mac}');
}

/** Asks for what phones of its family ask for when they start, one after the other. */
export async function chainOf(phone: Starting, server: Listening): Promise<Chain> {
  const { maker, mac, userAgent, address: localAddress, transport, deliveryUrl } = phone;
  const [ends, took] = [[] as string[], [] as number[]];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const byHttp = async (path: string): Promise<string | undefined> => {
    const { status, body } = await ask({ port: server.port, path, userAgent, agent, localAddress });
    ends.push(String(status));
    return status === 200 ? body.toString() : undefined;
  };
  const byTftp = async (path: string): Promise<string | undefined> => {
    try {
      const { body } = await tftpGet({ port: server.tftpPort, name: path.slice(1), address: localAddress });
      ends.push('sent');
      return body.toString();
    } catch (error) {
      // What it says of a file that there is not.
      if (!String(error).startsWith('Error: 1 ')) throw error;
      ends.push('not found');
      return undefined;
    }
  };
  const get = async (url: string): Promise<string | undefined> => {
    const from = performance.now();
    const { pathname } = new URL(url);
    const found = await (transport === 'http' ? byHttp : byTftp)(pathname);
    took.push(performance.now() - from);
    return found;
  };
  try {
    const { boot, model } = families[maker];
    return { ends, took, files: await boot({ mac, model, deliveryUrl, get }) };
  } catch {
    ends.push('lost');
    return { ends, took, files: [] };
  } finally {
    agent.destroy();
  }
}
