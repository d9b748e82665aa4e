import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findAsterisk } from '../../src/asterisk/private/findAsterisk.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import type { Phone } from './phoneTypes.ts';
import type { Product } from './product.ts';

/** One registration as Asterisk's console tells it. */
export interface Registration {
  readonly uri: string;
  readonly callId: string;
}

/** The registrations of one AOR, asked of Asterisk itself, past selfprov. */
export async function registrationsOf(
  product: Pick<Product, 'database'>,
  aor: string,
): Promise<readonly Registration[]> {
  const { command: [program = '', ...before] = [] } =
    (await findAsterisk(process.env['PATH'] ?? '', join(packageRoot, '.asterisk/root'))) ?? {};
  const config = join(dirname(product.database), 'asterisk/etc/asterisk.conf');
  const show = ['-C', config, '-rx', 'database show registrar contact'];
  const { stdout } = await promisify(execFile)(program, [...before, ...show]);
  return [...stdout.matchAll(/^\/registrar\/contact\/(.+);@[0-9a-f]{32}\s*: (\{.*\})\s*$/gm)]
    .filter(([, name]) => name === aor)
    .map(([, , json = '']) => JSON.parse(json) as { uri: string; call_id: string })
    .map(({ uri, call_id: callId }) => ({ uri, callId }));
}

/** Call-IDs of all REGISTERs that a phone has sent, the latest last: by these it knows its own registrations. */
export function ownCallIds({ messages }: Pick<Phone, 'messages'>): readonly string[] {
  return messages.filter(({ method }) => method === 'REGISTER').map((message) => message.header('Call-ID') ?? '');
}
