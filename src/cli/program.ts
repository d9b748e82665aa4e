import { Command } from 'commander';
import type { Families } from '../phones/family/family.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { ServerFacts } from '../phones/view/facts.ts';
import type { Languages } from '../sounds/languages.ts';
import { asteriskFiles, type FilesActions, type FilesOptions } from './asteriskFiles.ts';
import { codeCommands } from './codes.ts';
import { deviceCommands } from './devices.ts';
import { dhcpCommand } from './dhcp.ts';
import { eventCommands } from './events.ts';
import { familiesCommand } from './families.ts';
import { identifyCommand, type Streams } from './identify.ts';
import { moveDatabaseCommand, type MoveDatabase } from './moveDatabase.ts';
import { profileCommands } from './profiles.ts';
import { redirectCommands } from './redirects.ts';
import { renderCommand } from './render.ts';
import { commandRunner, type OpenCore } from './run.ts';
import { readSecrets } from './secretsFromInput.ts';
import { soundsCommands } from './sounds.ts';
import { syncCommands } from './syncs.ts';
import { systemCommands } from './system.ts';
import { templateCommands } from './templates.ts';
import { tenantCommands, type TenantFacts } from './tenant.ts';
import { userCommands, type CheckNumbers, type UserNeeds } from './users.ts';

/** What the commands that run something do; the rest works on the database. */
export interface Actions extends FilesActions {
  readonly open: OpenCore;
  serve(): Promise<void>;
  start(): Promise<void>;
  asterisk(): Promise<void>;
  readonly saidTooLate: TenantFacts['saidTooLate'];
  readonly checkContext: TenantFacts['checkContext'];
  readonly clashes: TenantFacts['clashes'];
  readonly families: () => Families;
  readonly server: () => ServerFacts;
  /** `null` when they cannot be seen from here. */
  readonly sounds: () => Languages | null;
  readonly streams: Streams;
  readonly checkNumbers: CheckNumbers;
  readonly adopting: UserNeeds['adopting'];
  readonly moveDatabase: MoveDatabase;
  print(text: string): void;
}

/** The `selfprov` command. */
export function buildProgram(actions: Actions): Command {
  const program = new Command('selfprov')
    .description('self-provisioning of SIP phones on Asterisk')
    .option('--json', 'print JSON')
    .option('--tenant <id>', 'whose users and devices: see "selfprov tenant list"', DEFAULT_TENANT)
    .showHelpAfterError('(add --help for what there is)')
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
      const { data, text } = await asteriskFiles(actions, directory, options);
      actions.print(program.opts()['json'] === true ? JSON.stringify(data, null, 2) : text);
    });

  moveDatabaseCommand(program, actions.moveDatabase, actions.print);

  const run = commandRunner(actions.open, actions.print);
  const { checkNumbers, adopting, streams } = actions;
  userCommands(program, run, { checkNumbers, adopting, files: actions, errors: streams.errors });
  const facts = { families: actions.families, server: actions.server, openUrl: () => actions.server().openUrl };
  deviceCommands(program, run, facts);
  syncCommands(program, run);
  eventCommands(program, run);
  tenantCommands(program, run, actions);
  profileCommands(program, run, actions);
  templateCommands(program, run, actions);
  codeCommands(program, run, actions.families);
  redirectCommands(program, run, actions.families);
  systemCommands(program, run);
  familiesCommand(program, actions.families, actions.print);
  renderCommand(program, run, {
    ...actions,
    warn: (text) => void actions.streams.errors.write(`${text}\n`),
  });
  identifyCommand(program, actions.families, actions.streams);
  dhcpCommand(program, run, facts);
  soundsCommands(program, actions.sounds, actions.print);
  return program;
}
