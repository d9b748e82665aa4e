import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Secret } from '../../src/domain/secret.ts';
import { openStore } from '../../src/store/open.ts';
import { FIRST_TENANT } from './core.ts';

/** Stands for a new secret in what is told to another process. */
export const NEW_SECRET = '(a new secret)';

/** Another process that has the same database open, and writes what it is told to. */
export interface OtherProcess {
  /** Calls a method of the store there. */
  write(method: string, ...given: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

interface Order {
  readonly method: string;
  readonly given: readonly unknown[];
}

/** `environment`: as `TestCore` has it. */
export async function startOtherProcess(environment: Readonly<Record<string, string>>): Promise<OtherProcess> {
  const child = fork(new URL(import.meta.url), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...environment },
  });
  await answerOf(child);
  return {
    async write(method, ...given) {
      const answered = answerOf(child);
      child.send({ method, given });
      await answered;
    },
    async close() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<void> {
  const [refusal] = (await once(child, 'message')) as [string];
  if (refusal !== '') throw new Error(refusal);
}

function revive(value: unknown): unknown {
  if (value === NEW_SECRET) return new Secret(`S${Math.random().toString(36).slice(2)}aaaaaaaaaaaaaaaa`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revive(each)]));
}

/** Not at the top level, where to wait would have every test that imports this loaded apart from the others. */
async function serve(directory: string, url: string | undefined): Promise<void> {
  const database = url === undefined ? { file: join(directory, 'selfprov.sqlite') } : { url: new Secret(url) };
  const { store, close } = await openStore({ database, siteKey: join(directory, 'site.key') }, FIRST_TENANT);
  const methods = store as unknown as Readonly<Record<string, (...given: unknown[]) => Promise<unknown>>>;
  process.on('message', ({ method, given }: Order) => {
    const done = methods[method]?.(...given.map(revive)) ?? Promise.reject(new Error(`no ${method}`));
    done.then(
      () => process.send?.(''),
      (error: unknown) => process.send?.(String(error)),
    );
  });
  process.once('disconnect', () => void close());
  process.send?.('');
}

const { SELFPROV_DIR: own, SELFPROV_DATABASE_URL: its } = process.env;
if (process.send !== undefined && process.argv[1] === new URL(import.meta.url).pathname && own !== undefined)
  void serve(own, its);
