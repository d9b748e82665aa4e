import { InvalidArgumentError, Option, type Command } from 'commander';
import type { FileFacts } from '../administration/dryRun.ts';
import { shown as settingsShown, type Texts } from '../administration/settings.ts';
import {
  addTenant,
  changeTenant,
  listTenants,
  removeTenant,
  setAdministratorCode,
  showTenant,
  type NewPhones,
  type TenantChange,
} from '../administration/tenants.ts';
import type { Core } from '../administration/core.ts';
import { checkFamily } from '../administration/names.ts';
import { policyInWords } from '../administration/policyInWords.ts';
import { POLICY_LANGUAGES, type PolicyLanguage } from '../administration/policyWords.ts';
import { isOtherInAsterisk, tenantNames, warningsOf, withoutHash } from '../administration/tenantShown.ts';
import { DIALABLE } from '../domain/dialable.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { POLICY_SETTINGS } from '../domain/policySettings.ts';
import { Secret } from '../domain/secret.ts';
import { policyOf, type Tenant } from '../domain/tenant.ts';
import { takingAway } from './confirm.ts';
import { changing } from './dryRun.ts';
import { factsOf, tableOf, type Output } from './output.ts';
import type { Run } from './run.ts';
import { settingFacts, settingOptions } from './settings.ts';

type Changes = Pick<
  TenantChange,
  'name' | 'extension' | 'releaseExtension' | 'numberExtension' | 'trustedAddresses' | 'profile' | 'urls' | 'networks'
> & {
  readonly emergency?: string[];
  readonly family?: string;
  readonly newPhonesLine?: string;
  readonly newPhones?: string;
  readonly administratorCode?: string;
};

/** `FileFacts`, and what the environment says of a tenant that the database says otherwise, for a reader. */
export type TenantFacts = FileFacts & {
  saidTooLate(tenant: Tenant): readonly string[];
  /** Rejects with `not_found` when an Asterisk that can be asked does not have it. */
  checkContext(context: string): Promise<void>;
  /** Whether Asterisk has what it must know of it already. */
  isKnown(tenant: Tenant): Promise<boolean>;
  /** What of its numbers the dialplan that runs has for something else; empty where nobody can be asked. */
  clashes(tenant: Tenant): Promise<readonly string[]>;
};

/** `selfprov tenant …` */
export function tenantCommands(program: Command, run: Run, facts: TenantFacts): void {
  const tenant = program.command('tenant').description('customers: what holds for all of their users and devices');

  tenant
    .command('list')
    .description('all tenants')
    .action(
      run(async (core) => {
        const all = await listTenants(core);
        const rows = all.map(({ id, name, users, devices, endpointPattern, urls }) => [
          ...[id, name, String(users), String(devices), endpointPattern],
          urls.join(' '),
        ]);
        const heads = ['TENANT', 'NAME', 'USERS', 'DEVICES', 'ENDPOINTS', 'URLS'];
        return { data: all.map(withoutHash), text: tableOf(heads, rows, 'There are none.') };
      }),
    );

  tenant
    .command('add <id>')
    .description('one more customer; write the Asterisk files again afterwards')
    .option('--name <name>', 'its name')
    .option('--realm <realm>', 'of its accounts; "asterisk" unless PJSIP has another default_realm')
    .option('--endpoints <pattern>', 'names of its users’ endpoints: acme-{extension}')
    .option('--urls <urls>', 'where its phones ask, separated by commas; the first is what they are told', words)
    .option('--networks <networks>', 'where its new phones are, like 10.1.0.0/16', words)
    .action(
      run(async (core, id: string, given: { endpoints?: string; realm?: string } & Changes) => {
        const { endpoints, realm, name, urls, networks } = given;
        const added = await addTenant(core, {
          id,
          ...(realm === undefined ? {} : { realm }),
          ...(endpoints === undefined ? {} : { endpointPattern: endpoints }),
          ...(name === undefined ? {} : { name }),
          ...(urls === undefined ? {} : { urls }),
          ...(networks === undefined ? {} : { networks }),
        });
        const { data, text } = await shown(core, facts, added);
        return { data, text: `${text}\n\n${AFTERWARDS}` };
      }),
    );

  tenant
    .command('show')
    .description('the settings of the tenant that --tenant names')
    .action(run(async (core) => shown(core, facts, await showTenant(core, core.tenantId))));

  tenant
    .command('policy')
    .description('what the policy of the tenant that --tenant names means, and how likely somebody guesses a PIN')
    .addOption(new Option('--language <language>', 'of the sentences').choices(POLICY_LANGUAGES).default('en'))
    .action(
      run(async (core, { language }: { language: PolicyLanguage }) => {
        const data = await policyInWords(core, core.tenantId, language);
        const lines = data.sentences.map(({ text, isWarning }) => `${isWarning ? '! ' : '- '}${text}`);
        return { data, text: lines.join('\n') };
      }),
    );

  takingAway(tenant.command('remove <id>').description('forget a tenant that has no users and no devices'), run, {
    async what(core, id: string) {
      const { name } = await showTenant(core, id);
      return `Tenant ${id} (${name}) goes, with its settings, profiles and templates.`;
    },
    async work(core, id: string) {
      await removeTenant(core, id);
      return { data: { id }, text: `Tenant ${id} is removed.` };
    },
  });

  const set = tenant
    .command('set')
    .description('change settings of the tenant that --tenant names; what has to follow is said')
    .option('--name <name>', 'its name')
    .option('--extension <number>', 'the self-provisioning extension', dialable)
    .option('--release-extension <number>', 'dialled to give a phone back', dialable)
    .option('--number-extension <number>', 'dialled to hear the number of the phone', dialable)
    .option('--emergency <numbers>', 'what default lines may reach, separated by commas', numbers)
    .option('--urls <urls>', 'where its phones ask, separated by commas; the first is what they are told', words)
    .option('--networks <networks>', 'where its new phones are, like 10.1.0.0/16', words)
    .option('--administrator-code <digits>', 'what an administrator keys in a call: 6 to 20 digits, or "none"')
    .option('--profile <name>', 'profile of new users')
    .option('--new-phones <name>', 'device template of phones without a user; "none" for a family without its own')
    .option('--new-phones-line <name>', 'line template of their default lines, or "none"')
    .option('--family <family>', 'the last two for one family only')
    .addOption(
      new Option(
        '--trusted-addresses <which>',
        'which addresses stand for one phone alone, see docs/operate.md',
      ).choices(['private', 'any']),
    );
  settingOptions(settingOptions(settingOptions(set, POLICY_SETTINGS), LINE_SETTINGS), DEVICE_SETTINGS);
  changing(set, run, facts, async (core, { administratorCode, ...given }: Changes & Texts) => {
    const isTakenBack = [given.newPhones, given.newPhonesLine].every((name) => name === undefined || name === 'none');
    if (given.family !== undefined && !isTakenBack) checkFamily([...facts.families().byId.keys()], given.family);
    const before = await showTenant(core, core.tenantId);
    const { context } = given;
    if (context !== undefined && context !== 'inherit') await facts.checkContext(context);
    await core.store.transaction(async (store) => {
      const inside = { ...core, store };
      await changeTenant(inside, core.tenantId, changeOf(given));
      if (administratorCode === undefined) return;
      const code = administratorCode === 'none' || administratorCode === '' ? null : new Secret(administratorCode);
      await setAdministratorCode(inside, core.tenantId, code);
    });
    const after = await showTenant(core, core.tenantId);
    const { data, text } = await shown(core, facts, after);
    if (!isOtherInAsterisk(before, after)) return { data, text };
    const [clashes, isKnown] = [await facts.clashes(after), await facts.isKnown(after)];
    const rest = [...clashes, ...(isKnown ? [] : [AFTERWARDS])];
    return {
      data: { ...(data as object), clashes, isKnownToAsterisk: isKnown },
      text: [text, ...(rest.length > 0 ? ['', ...rest] : [])].join('\n'),
    };
  });
}

function changeOf({ emergency, family, newPhones, newPhonesLine, ...rest }: Changes & Texts): TenantChange {
  const { name, extension, releaseExtension, numberExtension, trustedAddresses, profile, urls, networks, ...texts } =
    rest;
  const templates = {
    ...(newPhones === undefined ? {} : { deviceTemplate: orNull(newPhones) }),
    ...(newPhonesLine === undefined ? {} : { lineTemplate: orNull(newPhonesLine) }),
  };
  return {
    ...(name === undefined ? {} : { name }),
    ...(extension === undefined ? {} : { extension }),
    ...(releaseExtension === undefined ? {} : { releaseExtension }),
    ...(numberExtension === undefined ? {} : { numberExtension }),
    ...(trustedAddresses === undefined ? {} : { trustedAddresses }),
    ...(profile === undefined ? {} : { profile }),
    ...(urls === undefined ? {} : { urls }),
    ...(networks === undefined ? {} : { networks }),
    ...(emergency === undefined ? {} : { emergencyNumbers: emergency }),
    ...(family === undefined ? { newPhones: templates } : { families: { [family]: templates } }),
    texts,
  };
}

function orNull(name: string): string | null {
  return name === 'none' ? null : name;
}

const AFTERWARDS =
  'Asterisk does not know of it yet. With "selfprov start": restart it. With "selfprov asterisk": systemctl reload selfprov-asterisk, or ' +
  'send it SIGHUP; no call is dropped. With an Asterisk of your own: "selfprov asterisk-files --apply" writes the files again and has ' +
  'Asterisk read them; then restart selfprov.';

async function shown({ store }: Pick<Core, 'store'>, { saidTooLate }: TenantFacts, tenant: Tenant): Promise<Output> {
  const names = await tenantNames(store, tenant);
  const families = Object.entries(names.families).map(([family, its]) => [`New phones, ${family}`, inWords(its)]);
  const text = factsOf({
    Tenant: tenant.id,
    Name: tenant.name,
    'Self-provisioning': tenant.extension,
    'Giving back': tenant.releaseExtension,
    'Number of the phone': tenant.numberExtension,
    Emergency: tenant.emergencyNumbers.join(', ') || 'none',
    Endpoints: tenant.endpointPattern,
    URLs: tenant.urls.join(', ') || null,
    Networks: tenant.networks.join(', ') || null,
    'Trusted addresses': tenant.trustedAddresses,
    'Administrator’s code': tenant.administratorCodeHash === null ? 'none' : 'set',
    'SIP realm': tenant.realm,
    'Profile of new users': names.profile,
    'New phones': inWords(names.newPhones),
    ...(Object.fromEntries(families) as Record<string, string>),
    ...settingFacts(settingsShown(POLICY_SETTINGS, policyOf(tenant))),
    ...settingFacts(settingsShown(LINE_SETTINGS, tenant.lineSays)),
    ...settingFacts(settingsShown(DEVICE_SETTINGS, tenant.deviceSays)),
    WARNING: [...warningsOf(tenant), ...saidTooLate(tenant)].join('\n') || null,
  });
  return { data: { ...withoutHash(tenant), ...names, saidTooLate: saidTooLate(tenant) }, text };
}

function inWords({ deviceTemplate, lineTemplate }: NewPhones): string {
  const parts = { 'device template': deviceTemplate, 'line template': lineTemplate };
  const said = Object.entries(parts).flatMap(([what, name]) => (typeof name === 'string' ? [`${what} ${name}`] : []));
  return said.join(', ');
}

function dialable(text: string): string {
  if (DIALABLE.test(text)) return text;
  throw new InvalidArgumentError('Digits, * and # only.');
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== 'none');
}

function numbers(text: string): string[] {
  return words(text).map(dialable);
}
