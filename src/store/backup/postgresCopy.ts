import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SelfprovError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';

/** Takes away whatever is in the schema, also what later versions have put there; what it is restored from brings all of it back. */
const EMPTY = `
DO $$
DECLARE thing record;
BEGIN
  FOR thing IN
    SELECT c.relname AS name, CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v')
  LOOP
    EXECUTE format('DROP %s IF EXISTS %I CASCADE', thing.kind, thing.name);
  END LOOP;
END $$`;

/** Others that have the database open. */
const OTHERS = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend'`;

/** Copies a PostgreSQL database as it is at one moment into a file, which only its owner can read. Rejects with `unavailable`. */
export async function dumpPostgres(url: Secret, to: string): Promise<void> {
  await run(url, 'pg_dump', ['--format=custom', '--no-owner', `--file=${to}`, '--dbname', withoutPassword(url)]);
}

/** Rejects with `invalid` for a file that is no copy, or a damaged one. */
export async function checkDump(file: string): Promise<void> {
  await client('pg_restore', ['--file=/dev/null', file], {}).catch((cause: unknown) => {
    if ((cause as SelfprovError).reason === 'missing') throw cause;
    throw new SelfprovError('invalid', `the database in it cannot be read: ${(cause as Error).message}`, { cause });
  });
}

/** How many others have the database open, and whether anything is in it. */
export async function usePostgres(url: Secret): Promise<{ readonly others: number; readonly isEmpty: boolean }> {
  const tables = `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()`;
  const ask = (sql: string): Promise<string> =>
    run(url, 'psql', ['--no-psqlrc', '--tuples-only', '--no-align', '--command', sql, withoutPassword(url)]);
  return { others: Number(await ask(OTHERS)), isEmpty: Number(await ask(tables)) === 0 };
}

/** Puts a copy in the place of all that is in a database: all of it, or nothing. `script` is a file that it may write. */
export async function restorePostgres(url: Secret, file: string, script: string): Promise<void> {
  await client('pg_restore', ['--no-owner', `--file=${script}`, file], {});
  const all = ['--no-psqlrc', '--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1'];
  await run(url, 'psql', [...all, '--command', EMPTY, '--file', script, withoutPassword(url)]);
}

function withoutPassword(url: Secret): string {
  const plain = new URL(url.reveal());
  plain.password = '';
  plain.searchParams.delete('password');
  return plain.href;
}

/** What others can see of a process has no password in it. */
function run(url: Secret, command: string, words: readonly string[]): Promise<string> {
  const { password, searchParams } = new URL(url.reveal());
  const known = decodeURIComponent(password) || searchParams.get('password');
  return client(command, words, known === null || known === '' ? {} : { PGPASSWORD: known });
}

/** Errors and nothing else. */
const QUIET = { PGOPTIONS: '-c client_min_messages=error' };

/** Runs a program of PostgreSQL's client package and gives what it prints. Rejects with `unavailable` and the first thing it complains of. */
async function client(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  // No message in another language, and nothing is asked at a terminal.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', PGCONNECT_TIMEOUT: '10', ...QUIET, ...environment };
  const child = spawn(command, [...(command === 'pg_restore' ? [] : ['--no-password']), ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number]>;
  try {
    const [[status], out, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (status === 0) return out.trim();
    const [first = ''] = complaint.split('\n').filter((line) => /error|fatal/i.test(line));
    throw new SelfprovError('unavailable', first.trim() || `${command} ends with ${status}`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    const message = `there is no ${command} here, which a backup of PostgreSQL takes: apt install postgresql-client`;
    throw new SelfprovError('unavailable', message, { cause, reason: 'missing' });
  }
}
