import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { adoptionsKind, ADOPTION_COLUMNS, tableOfAll, tableOfOne } from '../administration/tables/adoptions.ts';
import { generatedPins, importUsers, previewUsers, type ReadUsers } from '../administration/tables/importUsers.ts';
import { countsOf } from '../administration/tables/planTable.ts';
import { isOurs, type EndpointFacts } from '../domain/adoption.ts';
import { SelfprovError } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { factsOf, type Output } from './output.ts';
import { pinFiles } from './pinFiles.ts';
import { planOutput } from './planOutput.ts';
import { progressOn } from './progress.ts';
import type { Run, TenantCore } from './run.ts';

/** What adopting needs of Asterisk. */
export interface AdoptNeeds {
  /** Every endpoint that Asterisk has, by name. Rejects with `unavailable` when it cannot be asked. */
  endpoints(): Promise<ReadonlyMap<string, EndpointFacts>>;
  /**
   * Writes adopted.conf anew and has Asterisk read it; says what is left to do, for a reader: about the phones of these extensions
   * too.
   */
  apply(core: TenantCore, extensions: readonly string[]): Promise<readonly string[]>;
  readonly errors: Pick<NodeJS.WritableStream, 'write'>;
}

interface AdoptOptions {
  readonly all?: boolean;
  readonly csv?: string;
  readonly apply?: boolean;
  readonly endpoint?: string;
  readonly name?: string;
  readonly pin?: string;
  readonly profile?: string;
  readonly slots?: string;
  readonly sipUser?: string;
  readonly sipPassword?: string;
  readonly pins?: string;
  readonly force?: boolean;
}

/** `selfprov user adopt` */
export function adoptCommand(user: Command, run: Run, needs: AdoptNeeds): void {
  user
    .command('adopt [extension]')
    .description('set up phones for a user whose endpoint stands in a file of your own; it stays as it is')
    .option('--all', 'every endpoint whose name is an extension: says what it would do')
    .option('--csv <file>', 'those of a table: says what it would do, and every mistake by its line')
    .option('--apply', 'with --all or --csv: do it, all or nothing')
    .option(
      '--pins <file>',
      'with --all or --csv: write the PINs that are made up into this file (CSV); they are not shown again',
    )
    .option('--force', 'write over a file that is there')
    .option('--endpoint <name>', 'its endpoint, where that is not called as the extension')
    .option('--name <name>', "instead of the endpoint's caller ID")
    .option('--pin <digits>', 'PIN instead of a generated one')
    .option('--profile <name>', 'a profile instead of the default one')
    .option('--slots <phones>', 'how many phones of ours it may have; as many as the profile allows unless it is said')
    .option('--sip-user <name>', 'for an Asterisk that cannot take a second credential: the one that all phones share')
    .option('--sip-password <text>', 'its password')
    .addHelpText('after', `\nColumns of the table: ${ADOPTION_COLUMNS.join(', ')}, and those of "user import".`)
    .action(
      run(async (core, extension: string | undefined, options: AdoptOptions) => {
        const { all = false, csv } = options;
        if ([extension !== undefined, all, csv !== undefined].filter(Boolean).length !== 1)
          throw new SelfprovError('invalid', 'say whom: an extension, --all, or --csv with a file');
        if (extension !== undefined) return adoptOne(core, needs, extension, options);
        return adoptMany(core, needs, options, csv === undefined ? undefined : readFileSync(csv));
      }),
    );
}

/** The users are in the database by now: what fails is left to do, and their PINs are printed. */
async function applied(needs: AdoptNeeds, core: TenantCore, extensions: readonly string[]): Promise<readonly string[]> {
  try {
    return await needs.apply(core, extensions);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [`${ADOPTED_BUT}: ${error.message}. Mend it, then: selfprov asterisk-files --apply`];
  }
}

const ADOPTED_BUT = 'Asterisk has not been told';

async function adoptOne(
  core: TenantCore,
  needs: AdoptNeeds,
  extension: string,
  { endpoint, name, pin, profile, slots, sipUser, sipPassword }: AdoptOptions,
): Promise<Output> {
  const file = tableOfOne({ extension, endpoint, name, pin, profile, slots, sipUser, sipPassword });
  const readKind = kindOf(await needs.endpoints());
  const plan = await previewUsers(core, core.tenantId, file, null, readKind);
  const [mistake] = plan.mistakes;
  if (mistake !== undefined) throw new SelfprovError('invalid', mistake.message);
  let made: string | null = pin ?? null;
  await importUsers(core, core.tenantId, file, plan, {
    ...{ letters: null, progress: () => undefined, readKind },
    keep: async (given, commit) => {
      await commit();
      made = given[0]?.pin.reveal() ?? made;
    },
  });
  const { change } = orNotFound(plan.lines[0], 'line');
  const left = await applied(needs, core, [extension]);
  const isSame = orNotFound(plan.lines[0], 'line').change.what === 'unchanged';
  const { name: called, endpoint: its } = change.user.after;
  const warning = change.fields['warning'] === undefined ? null : String(change.fields['warning']);
  const data = { extension, name: called, endpoint: its, pin: made, warning, left };
  const facts = { Extension: extension, Name: called, Endpoint: its, PIN: made, Warning: warning };
  const text = isSame ? `${extension} is adopted already: nothing is changed.` : factsOf(facts);
  return { data, text: [text, ...left.flatMap((line) => ['', line])].join('\n') };
}

async function adoptMany(
  core: TenantCore,
  needs: AdoptNeeds,
  options: AdoptOptions,
  given: Uint8Array | undefined,
): Promise<Output> {
  const endpoints = await needs.endpoints();
  const others = given === undefined ? [...endpoints.values()].filter((facts) => !isOurs(facts)) : [];
  const { file, leftAlone } =
    given === undefined
      ? tableOfAll(orNotFound(await core.store.tenant(core.tenantId), 'tenant'), others)
      : { file: given, leftAlone: [] };
  const readKind = kindOf(endpoints);
  const plan = await previewUsers(core, core.tenantId, file, null, readKind);
  const made = generatedPins(plan);
  if (options.apply !== true || plan.mistakes.length > 0) {
    const where = options.pins === undefined ? 'say where they go with --pins' : `for ${options.pins}`;
    return planOutput(plan, [
      ...leftAlone,
      ...(made === 0 ? [] : [`PINs to be made up: ${made}; ${where}.`]),
      'Nobody is adopted yet: --apply does it.',
    ]);
  }
  const { keep, places } = pinFiles(options, null, plan);
  const progress = progressOn(needs.errors, 'PINs hashed');
  await importUsers(core, core.tenantId, file, plan, { letters: null, keep, progress, readKind });
  const counts = countsOf(plan);
  const left = await applied(
    needs,
    core,
    plan.lines.map(({ key }) => key),
  );
  const text = `${counts.new} users are adopted, ${counts.changed} changed, ${counts.unchanged} as before.`;
  const warnings = plan.lines.flatMap(({ key, change }) =>
    change.fields['warning'] === undefined ? [] : `${key}: ${String(change.fields['warning'])}`,
  );
  return {
    data: { imported: true, ...counts, files: places, warnings, left },
    text: [text, ...places, ...leftAlone, ...warnings, ...left].join('\n'),
  };
}

function kindOf(endpoints: ReadonlyMap<string, EndpointFacts>): ReadUsers {
  return (store, tenantId) => adoptionsKind(store, tenantId, endpoints);
}
