import type { Command } from 'commander';
import { withYes, type Confirm } from './confirm.ts';
import { factsOf, formatTime, printed, type Output } from './output.ts';

export interface BackupRequest {
  readonly file: string;
  readonly withKey: boolean;
  readonly force: boolean;
}

/** What a backup is, as far as it is told. */
interface About {
  readonly version: string;
  readonly at: string;
  readonly engine: string;
  readonly counts: Readonly<Record<'tenants' | 'users' | 'devices', number>>;
  readonly files: readonly { readonly name: string }[];
}

export interface BackedUp {
  readonly file: string;
  readonly bytes: number;
  readonly manifest: About;
  readonly siteKey: string;
  readonly withKey: boolean;
}

export interface RestoreRequest {
  readonly file: string;
  readonly dryRun: boolean;
  /** Resolves when it may be done. */
  confirm(what: string): Promise<void>;
}

export interface Restored {
  readonly manifest: About;
  readonly database: string;
  /** Each file that is put somewhere, and where what was there is kept. */
  readonly files: readonly { readonly path: string; readonly aside: string | null }[];
  /** What there is to know, for a reader. */
  readonly notes: readonly string[];
  readonly isDone: boolean;
}

export interface BackupActions {
  backUp(request: BackupRequest): Promise<BackedUp>;
  restore(request: RestoreRequest): Promise<Restored>;
}

/** `selfprov backup` and `selfprov restore` */
export function backupCommands(
  program: Command,
  { backUp, restore }: BackupActions,
  confirm: Confirm,
  print: (text: string) => void,
): void {
  program
    .command('backup <file>')
    .description('write the database and what belongs to it into one file (tar), while selfprov runs')
    .option('--without-key', 'without the site key, which the backup is of no use without')
    .option('--force', 'write over a file that is there')
    .action(async (file: string, { withoutKey = false, force = false }: { withoutKey?: boolean; force?: boolean }) =>
      print(printed(program, backedUp(await backUp({ file, withKey: !withoutKey, force })))),
    );

  const command = program
    .command('restore <file>')
    .description('put a backup in the place of what is there, which is kept beside it')
    .option('--dry-run', 'look the backup through and show what would be done');
  withYes(command)
    .addHelpText('after', '\nStop selfprov and Asterisk before: nobody may have the database open.')
    .action(async (file: string, { dryRun = false, yes = false }: { dryRun?: boolean; yes?: boolean }) => {
      const ask = (what: string): Promise<void> => (yes ? Promise.resolve() : confirm(command, what));
      print(printed(program, restored(await restore({ file, dryRun, confirm: ask }))));
    });
}

function backedUp({ file, bytes, manifest, siteKey, withKey }: BackedUp): Output {
  const { counts, files } = manifest;
  const facts = factsOf({
    Backup: `${file}, ${bytes.toLocaleString('en')} bytes`,
    'In it': `${counts.users} users, ${counts.devices} devices of ${counts.tenants} tenant(s)`,
    Files: files.map(({ name }) => name).join(', '),
  });
  const secret = withKey
    ? 'Whoever has this file can register as any phone: keep it where nobody else reads it.'
    : `The site key is not in it: keep ${siteKey} as well, without it nobody can use this backup.`;
  return { data: { file, bytes, ...manifest, withKey }, text: `${facts}\n\n${secret}` };
}

function restored({ manifest, database, files, notes, isDone }: Restored): Output {
  const { version, at, counts, engine } = manifest;
  const facts = factsOf({
    Backup: `of ${formatTime(Date.parse(at))}, by version ${version}`,
    'In it': `${counts.users} users, ${counts.devices} devices of ${counts.tenants} tenant(s)`,
    Database: database,
  });
  const moved = files.map(({ path, aside }) => (aside === null ? `  ${path}` : `  ${path}; what was there: ${aside}`));
  const text = [
    facts,
    '',
    isDone ? 'These are back:' : 'These would be put back:',
    ...moved,
    ...notes.flatMap((note) => ['', note]),
    '',
    isDone ? 'Start Asterisk and selfprov again.' : 'Nothing is changed yet: this was --dry-run.',
  ].join('\n');
  return { data: { restored: isDone, version, at, engine, counts, database, files, notes }, text };
}
