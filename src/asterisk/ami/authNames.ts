import { isRefusal } from '../../domain/errors.ts';
import type { Ami } from './ami.ts';

/** Names of all credentials that PJSIP has, wherever it has them from. Asterisk says their passwords too: these are not kept. */
export async function authNames(ami: Pick<Ami, 'list'>): Promise<readonly string[]> {
  try {
    const found = await ami.list({ Action: 'PJSIPShowAuths' });
    return found.flatMap(({ objectname: name }) => (typeof name === 'string' ? [name] : []));
  } catch (error) {
    // What it says when there is none.
    if (isRefusal(error, 'invalid')) return [];
    throw error;
  }
}
