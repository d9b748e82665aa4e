import { InvalidArgumentError, Option, type Command } from 'commander';
import { shown as settingsShown, type Texts } from '../administration/settings.ts';
import { changeTenant, showTenant, type TenantChange } from '../administration/tenants.ts';
import { DIALABLE } from '../domain/dialable.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { DEFAULT_TENANT, type Tenant } from '../domain/tenant.ts';
import { factsOf, type Output } from './output.ts';
import type { Run } from './run.ts';
import { settingFacts, settingOptions } from './settings.ts';

type Changes = Pick<TenantChange, 'name' | 'extension' | 'releaseExtension' | 'trustedAddresses' | 'profile'> & {
  readonly emergency?: string[];
  readonly prompts?: string;
  readonly family?: string;
  readonly newPhonesLine?: string;
  readonly newPhones?: string;
};

/** `selfprov tenant …` */
export function tenantCommands(program: Command, run: Run): void {
  const tenant = program.command('tenant').description('what holds for all users and devices');

  tenant
    .command('show')
    .description('the settings')
    .action(run(async (core) => shown(await showTenant(core, DEFAULT_TENANT))));

  const set = tenant
    .command('set')
    .description('change settings; write the Asterisk files again after a change of numbers, and restart selfprov')
    .option('--name <name>', 'its name')
    .option('--extension <number>', 'the self-provisioning extension', dialable)
    .option('--release-extension <number>', 'dialled to give a phone back', dialable)
    .option('--emergency <numbers>', 'what default lines may reach, separated by commas', numbers)
    .option('--prompts <language>', 'language that callers hear: a folder of sounds/')
    .option('--profile <name>', 'profile of new users')
    .option('--new-phones <name>', 'device template of phones without a user, or "none"')
    .option('--new-phones-line <name>', 'line template of their default lines, or "none"')
    .option('--family <family>', 'the last two for one family only')
    .addOption(
      new Option(
        '--trusted-addresses <which>',
        'which addresses stand for one phone alone, see docs/operate.md',
      ).choices(['private', 'any']),
    );
  settingOptions(settingOptions(set, LINE_SETTINGS), DEVICE_SETTINGS).action(
    run(async (core, given: Changes & Texts) => {
      const before = await showTenant(core, DEFAULT_TENANT);
      const after = await changeTenant(core, DEFAULT_TENANT, changeOf(given));
      const { data, text } = shown(after);
      return { data, text: numbersOf(before) === numbersOf(after) ? text : `${text}\n\n${AFTERWARDS}` };
    }),
  );
}

function changeOf({ emergency, prompts, family, newPhones, newPhonesLine, ...rest }: Changes & Texts): TenantChange {
  const { name, extension, releaseExtension, trustedAddresses, profile, ...texts } = rest;
  const templates = {
    ...(newPhones === undefined ? {} : { deviceTemplate: orNull(newPhones) }),
    ...(newPhonesLine === undefined ? {} : { lineTemplate: orNull(newPhonesLine) }),
  };
  return {
    ...(name === undefined ? {} : { name }),
    ...(extension === undefined ? {} : { extension }),
    ...(releaseExtension === undefined ? {} : { releaseExtension }),
    ...(trustedAddresses === undefined ? {} : { trustedAddresses }),
    ...(profile === undefined ? {} : { profile }),
    ...(emergency === undefined ? {} : { emergencyNumbers: emergency }),
    ...(prompts === undefined ? {} : { language: prompts }),
    ...(family === undefined ? { newPhones: templates } : { families: { [family]: templates } }),
    texts,
  };
}

function orNull(name: string): string | null {
  return name === 'none' ? null : name;
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
    Prompts: tenant.language,
    'Trusted addresses': tenant.trustedAddresses,
    'SIP realm': tenant.realm,
    ...settingFacts(settingsShown(LINE_SETTINGS, tenant.lineSays)),
    ...settingFacts(settingsShown(DEVICE_SETTINGS, tenant.deviceSays)),
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
