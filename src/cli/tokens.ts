import { Option, type Command } from 'commander';
import { addApiToken, listApiTokens, removeApiToken, type ApiTokenShown } from '../administration/apiTokens.ts';
import { RIGHTS, SCOPES } from '../domain/access.ts';
import { durationArgument } from './arguments.ts';
import { takingAway } from './confirm.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';

interface Options {
  readonly scope: string[];
  readonly only?: string | null;
  /** Milliseconds; endless for what is never over. */
  readonly expires: number;
}

/** `selfprov token …` */
export function tokenCommands(program: Command, run: Run): void {
  const token = program.command('token').description('what programs show to the API: see docs/api.md');

  token
    .command('add <name>')
    .description('make one and print it; it is not shown again')
    .requiredOption('--scope <scopes...>', `what it is for: ${Object.entries(SCOPES).map(inWords).join('; ')}`)
    .option('--only <tenant>', 'for this tenant alone, and nothing above it')
    .addOption(
      new Option('--expires <time>', 'how long it can be used: 90d, or "never"')
        .argParser((text) => (text === 'never' ? Infinity : durationArgument(text)))
        .default(durationArgument('90d'), '90d'),
    )
    .action(
      run(async (core, name: string, { scope, only: tenantId = null, expires }: Options) => {
        const lasts = expires === Infinity ? null : expires;
        const scopes = scope.flatMap((each) => each.split(',')).filter((each) => each !== '');
        const made = await addApiToken(core, { name, scopes, tenantId, lasts });
        const data = { ...made, token: made.token.reveal() };
        const text = factsOf({ Token: data.token, Name: name, For: forWhat(made), Until: until(made) });
        return { data, text: `${text}\n\nIt is sent as "Authorization: Bearer ${data.token}".` };
      }),
    );

  token
    .command('list')
    .description('all tokens')
    .action(
      run(async (core) => {
        const data = await listApiTokens(core, null);
        const rows = data.map((each) => [
          ...[each.name, forWhat(each), each.tenantId ?? 'all', until(each)],
          each.usedAt === null ? 'never' : formatTime(each.usedAt),
        ]);
        const headings = ['TOKEN', 'FOR', 'TENANT', 'UNTIL', 'LAST USED'];
        return { data, text: tableOf(headings, rows, 'There are no tokens.') };
      }),
    );

  takingAway(token.command('remove <name>').description('let nobody in with it any more'), run, {
    what: (_core, name: string) => Promise.resolve(`Programs with the token ${name} are refused from then on.`),
    async work(core, name: string) {
      await removeApiToken(core, null, name);
      return { data: { name }, text: `Token ${name} is worth nothing any more.` };
    },
  });
}

function inWords([scope, rights]: readonly [string, readonly (keyof typeof RIGHTS)[]]): string {
  return `${scope} (${rights.map((right) => RIGHTS[right]).join('; ')})`;
}

function forWhat({ scopes }: Pick<ApiTokenShown, 'scopes'>): string {
  return scopes.join(', ');
}

function until({ expiresAt }: Pick<ApiTokenShown, 'expiresAt'>): string {
  return expiresAt === null ? 'removed' : formatTime(expiresAt);
}
