import { SelfprovError } from '../domain/errors.ts';
import { sealer } from '../secrets/sealer.ts';
import { fingerprintOf } from '../secrets/siteKey.ts';
import type { Engine } from './engine.ts';
import { patiently } from './patiently.ts';

const ONLY = 'site';

/** Which key secrets in a database are sealed with, as far as the database tells: by the key's fingerprint, or by one of them. */
export interface KnownBy {
  readonly fingerprint: string | undefined;
  readonly secret: string | undefined;
}

/** Throws `invalid`, or `unavailable` where only a secret tells, for another key than that one. */
export function refuseOtherKey({ fingerprint, secret }: KnownBy, key: Buffer, file: string): void {
  if (fingerprint === undefined) {
    if (secret !== undefined) sealer(key).open(secret).reveal();
  } else if (fingerprint !== fingerprintOf(key))
    throw new SelfprovError(
      'invalid',
      `${file} is not the site key that this database was made with: put that one there, or name it with SELFPROV_SITE_KEY; ` +
        'all processes on one database have the same',
    );
}

/**
 * Rejects for another site key than the one that secrets in the database are sealed with: it would read none of them, and nobody
 * else what it seals. The first key that opens a database is the one.
 */
export async function checkKey(engine: Engine, key: Buffer, file: string): Promise<void> {
  const { database } = engine;
  const first = async (table: string, column: string): Promise<string | undefined> =>
    ((await database(table).first(column)) as Record<string, string> | undefined)?.[column];
  const known = async (): Promise<KnownBy> => ({
    fingerprint: await first('site_keys', 'fingerprint'),
    secret: await first('lines', 'secret'),
  });
  await patiently(engine, async () => {
    const before = await known();
    refuseOtherKey(before, key, file);
    if (before.fingerprint !== undefined) return;
    await database('site_keys')
      .insert({ id: ONLY, fingerprint: fingerprintOf(key) })
      .onConflict('id')
      .ignore();
    // Another process that starts at the same moment may have been faster.
    refuseOtherKey(await known(), key, file);
  });
}
