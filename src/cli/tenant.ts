import { InvalidArgumentError, Option, type Command } from 'commander';
import { changeTenant, showTenant, type TenantChange } from '../administration/tenants.ts';
import { DEFAULT_TENANT, DIALABLE, type Tenant } from '../domain/tenant.ts';
import { factsOf, type Output } from './output.ts';
import type { Run } from './run.ts';

type Changes = Omit<TenantChange, 'emergencyNumbers'> & { emergency?: string[] };

/** `selfprov tenant …` */
export function tenantCommands(program: Command, run: Run): void {
  const tenant = program.command('tenant').description('what holds for all users and devices');

  tenant
    .command('show')
    .description('the settings')
    .action(run(async (core) => shown(await showTenant(core, DEFAULT_TENANT))));

  tenant
    .command('set')
    .description('change settings; write the Asterisk files again after a change of numbers, and restart selfprov')
    .option('--name <name>', 'its name')
    .option('--extension <number>', 'the self-provisioning extension', dialable)
    .option('--release-extension <number>', 'dialled to give a phone back', dialable)
    .option('--emergency <numbers>', 'what default lines may reach, separated by commas', numbers)
    .option('--language <language>', 'of the prompts: a folder of sounds/')
    .addOption(
      new Option(
        '--trusted-addresses <which>',
        'which addresses stand for one phone alone, see docs/operate.md',
      ).choices(['private', 'any']),
    )
    .action(
      run(async (core, { emergency, ...changes }: Changes) => {
        const change = { ...changes, ...(emergency === undefined ? {} : { emergencyNumbers: emergency }) };
        const before = await showTenant(core, DEFAULT_TENANT);
        const after = await changeTenant(core, DEFAULT_TENANT, change);
        const { data, text } = shown(after);
        return { data, text: numbersOf(before) === numbersOf(after) ? text : `${text}\n\n${AFTERWARDS}` };
      }),
    );
}

/** What Asterisk's files are made of. */
function numbersOf({ extension, releaseExtension, emergencyNumbers }: Tenant): string {
  return [extension, releaseExtension, ...emergencyNumbers].join();
}

const AFTERWARDS =
  'Asterisk does not know the new numbers yet. With "selfprov start": restart it. Else write the files again with ' +
  '"selfprov asterisk-files DIR", reload the dialplan, and restart selfprov.';

function shown(tenant: Tenant): Output {
  const text = factsOf({
    Name: tenant.name,
    'Self-provisioning': tenant.extension,
    'Giving back': tenant.releaseExtension,
    Emergency: tenant.emergencyNumbers.join(', ') || 'none',
    Language: tenant.language,
    'Trusted addresses': tenant.trustedAddresses,
    'SIP realm': tenant.realm,
  });
  return { data: tenant, text };
}

function dialable(text: string): string {
  if (DIALABLE.test(text)) return text;
  throw new InvalidArgumentError('Digits, * and # only.');
}

function numbers(text: string): string[] {
  return text
    .split(',')
    .map((number) => number.trim())
    .filter((number) => number !== '')
    .map(dialable);
}
