import { InvalidArgumentError, type Command } from 'commander';
import { DEFAULT_TENANT, DIALABLE } from '../domain/tenant.ts';
import type { Tenant } from '../domain/types.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { factsOf, type Output } from './output.ts';
import type { Run } from './run.ts';

interface Changes {
  name?: string;
  extension?: string;
  releaseExtension?: string;
  emergency?: string[];
  language?: string;
}

/** `selfprov tenant …` */
export function tenantCommands(program: Command, run: Run): void {
  const tenant = program.command('tenant').description('what holds for all users and devices');

  tenant
    .command('show')
    .description('the settings')
    .action(run(async ({ store }) => shown(orNotFound(await store.tenant(DEFAULT_TENANT), 'tenant'))));

  tenant
    .command('set')
    .description('change settings; write the Asterisk files again after a change of numbers, and restart selfprov')
    .option('--name <name>', 'its name')
    .option('--extension <number>', 'the self-provisioning extension', dialable)
    .option('--release-extension <number>', 'dialled to give a phone back', dialable)
    .option('--emergency <numbers>', 'what default lines may reach, separated by commas', numbers)
    .option('--language <language>', 'of the prompts: a folder of sounds/')
    .action(
      run(async ({ store }, { emergency, ...changes }: Changes) => {
        const change = { ...changes, ...(emergency === undefined ? {} : { emergencyNumbers: emergency }) };
        if (Object.keys(change).length > 0) await store.updateTenant(DEFAULT_TENANT, change);
        return shown(orNotFound(await store.tenant(DEFAULT_TENANT), 'tenant'));
      }),
    );
}

function shown(tenant: Tenant): Output {
  const text = factsOf({
    Name: tenant.name,
    'Self-provisioning': tenant.extension,
    'Giving back': tenant.releaseExtension,
    Emergency: tenant.emergencyNumbers.join(', ') || 'none',
    Language: tenant.language,
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
    .filter((number) => number !== '')
    .map(dialable);
}
