import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HAND_OVER_TIMES } from '../../src/domain/handOver.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { openStore, type OpenStore } from '../../src/store/open.ts';
import type { FirstTenant } from '../../src/store/seed.ts';

export const FIRST_TENANT: FirstTenant = {
  extension: '*55',
  releaseExtension: '*56',
  emergencyNumbers: ['112', '911'],
  language: 'en',
  timeZone: 'Europe/Berlin',
  context: 'users',
};

/** The product's store in a folder of its own, with a clock that the test sets. */
export interface TestCore extends OpenStore, Pick<Ports, 'times' | 'now' | 'wake'> {
  readonly directory: string;
  readonly database: string;
  /** Moves the clock on, in milliseconds. */
  pass(ms: number): void;
}

export async function openTestCore(): Promise<TestCore> {
  const directory = mkdtempSync(join(tmpdir(), 'selfprov-test-'));
  const database = join(directory, 'selfprov.sqlite');
  const opened = await openStore({ database, siteKey: join(directory, 'site.key') }, FIRST_TENANT);
  let now = Date.UTC(2026, 0, 5, 8);
  return {
    ...opened,
    directory,
    database,
    times: HAND_OVER_TIMES,
    now: () => now,
    wake: () => undefined,
    pass(ms) {
      now += ms;
    },
    async close() {
      await opened.close();
      rmSync(directory, { recursive: true });
    },
  };
}
