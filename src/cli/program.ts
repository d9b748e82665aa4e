import { Command } from 'commander';
import { inJson } from '../domain/inJson.ts';
import type { Families } from '../phones/family/family.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { ServerFacts } from '../phones/view/facts.ts';
import type { Languages } from '../sounds/languages.ts';
import type { Secret } from '../domain/secret.ts';
import { administratorCommands } from './administrators.ts';
import { asteriskFiles, type FilesActions, type FilesOptions } from './asteriskFiles.ts';
import { completionCommand } from './completion.ts';
import { confirmOn } from './confirm.ts';
import { backupCommands, type BackupActions } from './backup.ts';
import { codeCommands } from './codes.ts';
import { deviceCommands } from './devices.ts';
import { dhcpCommand } from './dhcp.ts';
import { doctorCommand, type Doctor } from './doctor.ts';
import { eventCommands } from './events.ts';
import { familiesCommand } from './families.ts';
import { firmwareCommands, type FirmwareFacts } from './firmware.ts';
import { handOverCommands } from './handOvers.ts';
import { identifyCommand, type Streams } from './identify.ts';
import { manPageCommand } from './manPage.ts';
import { moveDatabaseCommand, type MoveDatabase } from './moveDatabase.ts';
import { phoneCommand, type PlayPhones } from './phone.ts';
import { profileCommands } from './profiles.ts';
import { redirectCommands } from './redirects.ts';
import { printed } from './output.ts';
import { renderCommand } from './render.ts';
import { rotateCommand } from './rotate.ts';
import { commandRunner, type OpenCore } from './run.ts';
import { readSecrets } from './secretsFromInput.ts';
import { soundsCommands } from './sounds.ts';
import { syncCommands } from './syncs.ts';
import { systemCommands } from './system.ts';
import { templateCommands } from './templates.ts';
import { tenantCommands, type TenantFacts } from './tenant.ts';
import { tokenCommands } from './tokens.ts';
import { userCommands, type CheckNumbers, type UserNeeds } from './users.ts';
import { webhookCommands } from './webhooks.ts';

/** What the commands that run something do; the rest works on the database. */
export interface Actions extends FilesActions, BackupActions, FirmwareFacts {
  readonly version: string;
  /** What each setting of the process is for, by its name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether `--json` stands anywhere in what was typed: nothing but JSON is written then, also to standard error. */
  readonly isForPrograms: boolean;
  readonly open: OpenCore;
  serve(): Promise<void>;
  start(): Promise<void>;
  /** Where a link that holds this token leads. */
  linkOf(token: Secret): string;
  asterisk(): Promise<void>;
  readonly saidTooLate: TenantFacts['saidTooLate'];
  readonly checkContext: TenantFacts['checkContext'];
  readonly clashes: TenantFacts['clashes'];
  readonly isKnown: TenantFacts['isKnown'];
  readonly families: () => Families;
  readonly server: () => ServerFacts;
  /** `null` when they cannot be seen from here. */
  readonly sounds: () => Languages | null;
  readonly streams: Streams;
  readonly checkNumbers: CheckNumbers;
  readonly adopting: UserNeeds['adopting'];
  readonly doctor: Doctor;
  readonly moveDatabase: MoveDatabase;
  readonly play: PlayPhones;
  print(text: string): void;
}

/** Who has asked for JSON reads nothing between the lines. */
const NOBODY = { write: () => true };

/** The `selfprov` command; rejects with `CommanderError` when what was typed is no command. */
export function buildProgram(actions: Actions): Command {
  const program = new Command('selfprov')
    .description('self-provisioning of SIP phones on Asterisk')
    .option('--json', 'print JSON')
    .option('--tenant <id>', 'whose users and devices: see "selfprov tenant list"', DEFAULT_TENANT)
    .version(
      actions.isForPrograms ? inJson({ version: actions.version }, 2) : actions.version,
      '-V, --version',
      'print the version',
    )
    .exitOverride()
    .configureOutput({
      // How it ends is said by who has called.
      outputError: () => undefined,
      ...(actions.isForPrograms ? { writeErr: () => undefined } : {}),
    })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nA PIN, password or code that is given as - is read from standard input: others can see what a command is given.',
    )
    .hook('preAction', (_, command) => readSecrets(command, actions.streams.input));

  program.command('serve').description('serve phones and calls beside an Asterisk that runs').action(actions.serve);
  program.command('start').description('the same, with a private Asterisk of its own').action(actions.start);
  program
    .command('asterisk')
    .description('the private Asterisk alone: "serve" beside it comes and goes, and no call is dropped')
    .action(actions.asterisk);
  program
    .command('asterisk-files')
    .argument('[directory]', 'where Asterisk will read them; where it did, or /etc/asterisk/selfprov, unless said')
    .description('write the files that an existing Asterisk includes, with passwords, and print the include lines')
    .option('--apply', "put them into Asterisk's own files, with a copy of each file that is changed")
    .option('--dry-run', 'show what --apply, or --remove, would change')
    .option('--remove', 'take all of it out again')
    .option('--etc <directory>', "where Asterisk's own files are", '/etc/asterisk')
    .action(async (directory: string | undefined, options: FilesOptions) => {
      actions.print(printed(program, await asteriskFiles(actions, directory, options)));
    });

  doctorCommand(program, actions.doctor, actions.print);
  const { checkNumbers, adopting, streams } = actions;
  const errors = actions.isForPrograms ? NOBODY : streams.errors;
  moveDatabaseCommand(program, actions.moveDatabase, actions.print, errors);
  const confirm = confirmOn(streams);
  backupCommands(program, actions, confirm, actions.print);
  const run = commandRunner(actions.open, actions.print, confirm);
  userCommands(program, run, { checkNumbers, adopting, files: actions, errors });
  const facts = { families: actions.families, server: actions.server, openUrl: () => actions.server().openUrl };
  deviceCommands(program, run, facts);
  handOverCommands(program, run);
  syncCommands(program, run);
  rotateCommand(program, run);
  eventCommands(program, run);
  tenantCommands(program, run, actions);
  profileCommands(program, run, actions);
  templateCommands(program, run, actions);
  codeCommands(program, run, actions.families);
  redirectCommands(program, run, actions.families);
  systemCommands(program, run);
  tokenCommands(program, run);
  webhookCommands(program, run);
  administratorCommands(program, run, actions.linkOf);
  familiesCommand(program, actions.families, actions.print);
  firmwareCommands(program, run, actions);
  renderCommand(program, run, {
    ...actions,
    warn: (text) => void errors.write(`${text}\n`),
  });
  identifyCommand(program, actions.families, { ...streams, errors });
  dhcpCommand(program, run, facts);
  phoneCommand(program, actions.play);
  soundsCommands(program, actions.sounds, actions.print);
  completionCommand(program, actions.print);
  manPageCommand(program, actions, actions.print);
  return program;
}
