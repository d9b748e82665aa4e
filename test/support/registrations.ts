import { dirname, join } from 'node:path';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import type { Product } from './product.ts';
import { consoleOf, theAsterisk } from './theAsterisk.ts';

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
  const etc = join(dirname(product.database), 'asterisk/etc');
  const shown = await consoleOf(await theAsterisk(), etc, 'database show registrar contact');
  return [...shown.matchAll(/^\/registrar\/contact\/(.+);@[0-9a-f]{32}\s*: (\{.*\})\s*$/gm)]
    .filter(([, name]) => name === aor)
    .map(([, , json = '']) => JSON.parse(json) as { uri: string; call_id: string })
    .map(({ uri, call_id: callId }) => ({ uri, callId }));
}

/** Call-IDs of all REGISTERs that a phone has sent, the latest last: by these it knows its own registrations. */
export function ownCallIds({ messages }: Pick<Phone, 'messages'>): readonly string[] {
  return messages.filter(({ method }) => method === 'REGISTER').map((message) => message.header('Call-ID') ?? '');
}
