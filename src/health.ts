import { statfs } from 'node:fs/promises';
import { accountState, accountWords } from './accountHealth.ts';
import { credentialAt } from './asterisk/ari/endpointFacts.ts';
import type { Asterisks } from './asterisks.ts';
import type { Config } from './config.ts';
import { LOW } from './doctor/files.ts';
import { SelfprovError } from './domain/errors.ts';
import type { Health } from './http/admin.ts';
import type { OwnLog } from './logFiles.ts';
import { within } from './schedule/within.ts';
import type { OpenStore } from './store/open.ts';
import { version } from './version.ts';

export interface HealthNeeds {
  readonly config: Pick<Config, 'directory' | 'phones'>;
  readonly core: Pick<OpenStore, 'store' | 'ping'>;
  readonly asterisks: Pick<Asterisks, 'all' | 'health'>;
  /** How many families are served; `error`: why what their files say now is not. */
  readonly templates: () => { readonly families: number; readonly error: string | null };
  readonly logTrouble: OwnLog['trouble'];
}

const ASK_WITHIN_MS = 3000;
/** Bytes: with less, writing may fail at any moment. */
const DISK_LEAST = 64 * 2 ** 20;

export type Parts = Readonly<Record<string, Health>>;

/** The state of each part, as it is when it is asked for. Never rejects. */
export function healthOf({ config, core, asterisks, templates, logTrouble }: HealthNeeds): () => Promise<Parts> {
  const { tftpPort, pnpAddress, port } = config.phones;
  const listening = (at: string | number | undefined): Health =>
    at === undefined ? { ok: true, state: 'off' } : { ok: true, state: 'listening', at };
  return async () => {
    const { families, error } = templates();
    const trouble = logTrouble();
    return {
      process: { ok: true, state: 'up', version, uptime: Math.round(process.uptime()) },
      database: await core.ping().then(
        () => ({ ok: true, state: 'up' }),
        (error: unknown) => ({
          ...{ ok: false, state: 'down' },
          // What a driver says may name more than whoever asks here is to know.
          ...(error instanceof SelfprovError ? { error: error.message } : {}),
        }),
      ),
      ...asterisks.health(),
      ...(await accountHealth(core, asterisks)),
      phones: listening(port),
      tftp: listening(tftpPort),
      pnp: listening(pnpAddress),
      templates:
        error === null
          ? { ok: true, state: 'read', families }
          : {
              ok: true,
              state: 'kept',
              families,
              warning: `the templates are broken, those of before are served: ${error}`,
            },
      handOvers: await handOverHealth(core),
      disk: await diskHealth(config.directory),
      log: trouble === undefined ? { ok: true, state: 'written' } : { ok: true, state: 'failing', warning: trouble },
    };
  };
}

/** Whether a phone is let in: of each Asterisk that can be asked. A link that is down is said of the link. */
async function accountHealth({ store }: HealthNeeds['core'], { all }: HealthNeeds['asterisks']): Promise<Parts> {
  const parts = all.map(async ({ name, ari }): Promise<readonly [string, Health]> => {
    const key = name === null ? 'accounts' : `accounts ${name}`;
    if (ari.state().state !== 'up') return [key, { ok: true, state: 'not asked' }];
    try {
      const asked = accountState(store, (authId) => credentialAt(ari, authId));
      // Who asks how we are waits for no longer than this, and Asterisk may be asked for longer.
      const newest = await soon(asked);
      const [error] = accountWords(newest);
      return [key, { ok: error === undefined, ...newest, ...(error === undefined ? {} : { error }) }];
    } catch (error) {
      return [key, { ok: false, state: 'silent', error: error instanceof Error ? error.message : String(error) }];
    }
  });
  return Object.fromEntries(await Promise.all(parts));
}

/** Who asks how we are waits for no longer than this, and Asterisk may be asked for longer. */
export function soon<T>(answer: Promise<T>): Promise<T> {
  return within(answer, ASK_WITHIN_MS, () => new Error(`no answer within ${ASK_WITHIN_MS / 1000} s`));
}

async function handOverHealth({ store }: HealthNeeds['core']): Promise<Health> {
  try {
    const { open, failed } = await store.unfinishedHandOvers();
    const warning = failed === 0 ? {} : { warning: `${failed} phones have not come back: selfprov device list` };
    return { ok: true, state: open === 0 ? 'idle' : 'under way', open, failed, ...warning };
  } catch {
    return { ok: true, state: 'not asked' };
  }
}

async function diskHealth(directory: string): Promise<Health> {
  try {
    const { bavail, bsize } = await statfs(directory);
    const free = bavail * bsize;
    const state = free < DISK_LEAST ? 'full' : free < LOW ? 'low' : 'free';
    const warning = state === 'free' ? {} : { warning: `the disk of ${directory} is nearly full: free some space` };
    return { ok: state !== 'full', state, freeMegabytes: Math.floor(free / 2 ** 20), ...warning };
  } catch (error) {
    return { ok: false, state: 'failed', error: error instanceof Error ? error.message : String(error) };
  }
}
