import { SelfprovError } from '../domain/errors.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { fingerprintOf } from '../secrets/siteKey.ts';
import type { Engine } from './engine.ts';
import { patiently } from './patiently.ts';

const ONLY = 'site';

/**
 * Rejects with `invalid` for another site key than the one that secrets in the database are sealed with: it would read none of
 * them, and nobody else what it seals. The first key that opens a database is the one.
 */
export async function checkKey(engine: Engine, sealer: Sealer, key: Buffer, file: string): Promise<void> {
  const fingerprint = fingerprintOf(key);
  const { database } = engine;
  const known = async (): Promise<string | undefined> =>
    ((await database('site_keys').where({ id: ONLY }).first('fingerprint')) as { fingerprint: string } | undefined)
      ?.fingerprint;
  await patiently(engine, async () => {
    if ((await known()) === undefined) {
      const line = (await database('lines').first('secret')) as { secret: string } | undefined;
      if (line !== undefined) sealer.open(line.secret).reveal();
      await database('site_keys').insert({ id: ONLY, fingerprint }).onConflict('id').ignore();
    }
    if ((await known()) !== fingerprint)
      throw new SelfprovError(
        'invalid',
        `the site key ${file} is not the one that this database was made with: put that one there, or name it with ` +
          `SELFPROV_SITE_KEY; all processes on one database have the same`,
      );
  });
}
