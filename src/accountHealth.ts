import { credentialIn } from './domain/accounts.ts';
import type { Line } from './domain/device.ts';
import { isRefusal } from './domain/errors.ts';
import type { Store } from './domain/ports.ts';

/**
 * How Asterisk has the account that was made last: `known` as its phone has it, not at all, with another password, or not to be
 * said because there is no account yet, or because our own site key does not open it.
 */
export interface AccountState {
  readonly state: 'known' | 'unknown' | 'other' | 'unreadable' | 'none';
  readonly account: string | null;
}

/** The credential (`Line.md5Credential`) that Asterisk has by this name; `undefined` when it has none. */
export type CredentialAtAsterisk = (authId: string) => Promise<string | undefined>;

/** A line that is taken away or gets another secret in between is asked for again. */
const TRIES = 3;

/**
 * Asks Asterisk for one account that it must have. The newest tells most: a database that has been put in another's place, a
 * cache that is not told, rights that are missing, all show there first. Rejects as `credentialAt` does.
 */
export async function accountState(
  store: Pick<Store, 'newestAccount'>,
  credentialAt: CredentialAtAsterisk,
): Promise<AccountState> {
  for (let tries = 1; ; tries++) {
    const line = await store.newestAccount();
    if (line?.authId == null) return { state: 'none', account: null };
    const { endpoint: account, authId, md5Credential } = line;
    if (!isReadable(line)) return { state: 'unreadable', account };
    const found = await credentialAt(authId);
    if (found === md5Credential) return { state: 'known', account };
    if (tries === TRIES) return { state: found === undefined ? 'unknown' : 'other', account };
  }
}

/** A secret is opened when it is revealed; what Asterisk is told is made of it. */
function isReadable(line: Line): boolean {
  try {
    return credentialIn(line, line).md5Credential === line.md5Credential;
  } catch (error) {
    if (isRefusal(error, 'unavailable')) return false;
    throw error;
  }
}

/** For a reader: what is wrong, and what to do; empty where nothing is. */
export function accountWords({ state, account }: AccountState): readonly string[] {
  return state === 'known' || state === 'none' ? [] : [`${account}: ${WORDS[state]}`];
}

const WORDS: Readonly<Record<Exclude<AccountState['state'], 'known' | 'none'>, string>> = {
  unknown:
    'Asterisk does not know it, so no phone of selfprov can register: see that Asterisk may read the database (selfprov doctor), and restart it',
  other:
    'Asterisk has another password for it than the database, so phones are refused: Asterisk reads another database, or an endpoint of this name stands in its own files',
  unreadable: 'the site key does not open its secret: put the site key of this database back',
};
