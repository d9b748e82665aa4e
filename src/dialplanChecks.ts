import type { Config } from './config.ts';
import { isDialplanWritten } from './asteriskSettings.ts';
import { askAsterisk, openCore, type AskRunning, type AsteriskAsked } from './core.ts';
import { endOf, isRouted, isSelfprovs, mayCall, meaningIn } from './domain/dialplan.ts';
import { isRefusal, SelfprovError } from './domain/errors.ts';
import { usersContextOf } from './domain/levels.ts';
import type { Tenant } from './domain/tenant.ts';

/** Free where nobody has them: what is proposed in place of a number that means something else. */
export const CANDIDATES = [
  '*55',
  '*56',
  '*57',
  '*155',
  '*156',
  '*157',
  '*955',
  '*956',
  '*957',
  '*5500',
  '*5600',
  '*5700',
];

/**
 * What of the settings does not fit the dialplan that runs, each with what to do; empty when all of it does. `undefined` when
 * Asterisk cannot be asked yet.
 */
export async function dialplanWarnings(config: Config): Promise<readonly string[] | undefined> {
  const core = await openCore(config);
  try {
    const tenants = await core.store.tenants();
    return await askAsterisk(config, (asterisk) => warningsOf(asterisk, tenants, config.emergencyContext));
  } finally {
    await core.close();
  }
}

/** The same of these tenants; empty when Asterisk cannot be asked. */
export async function clashesOf(
  ask: AskRunning,
  { emergencyContext }: Pick<Config, 'emergencyContext'>,
  tenants: readonly Tenant[],
): Promise<readonly string[]> {
  return (await ask((asterisk) => warningsOf(asterisk, tenants, emergencyContext))) ?? [];
}

/**
 * Whether Asterisk knows the numbers of this tenant, as when they have been changed back: its files say what would be written now, and
 * calls of users reach them in the dialplan that runs. False where it cannot be asked.
 */
export async function isKnownToAsterisk(config: Config, tenant: Tenant): Promise<boolean> {
  if (!(await isDialplanWritten(config))) return false;
  const question = ({ steps }: AsteriskAsked) => steps(usersContextOf(tenant), tenant.extension);
  return (await askAsterisk(config, question))?.some(isSelfprovs) === true;
}

/** Rejects with `not_found` when an Asterisk that can be asked has no such context in its dialplan. */
export async function refuseUnknownContext(ask: AskRunning, context: string): Promise<void> {
  const isThere = await ask((asterisk) => asterisk.hasContext(context));
  if (isThere === false)
    throw new SelfprovError(
      'not_found',
      `Asterisk has no context [${context}] in its dialplan: calls of all users would lead nowhere`,
    );
}

/** Rejects as `AsteriskAsked.steps` does. */
export async function warningsOf(
  { steps }: Pick<AsteriskAsked, 'steps'>,
  tenants: readonly Tenant[],
  emergencyContext: string,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  try {
    for (const tenant of tenants) {
      const { id, emergencyNumbers, extension, releaseExtension, numberExtension } = tenant;
      const context = usersContextOf(tenant);
      for (const number of emergencyNumbers) {
        const end = await endOf(steps, emergencyContext, number);
        if (end === undefined || !mayCall(end))
          warnings.push(
            `${number} is an emergency number of tenant ${id}, and leads ${end === undefined ? 'nowhere' : `to ${end.application}(${end.data}) in [${end.context}]`} from [${emergencyContext}]: route it there, or name the context that does (SELFPROV_EMERGENCY_CONTEXT), or change the numbers (selfprov tenant set --emergency)`,
          );
      }
      for (const [option, number] of Object.entries({
        extension,
        'release-extension': releaseExtension,
        'number-extension': numberExtension,
      })) {
        const found = await steps(context, number);
        // One that stands behind ours is out of reach, and somebody's all the same.
        const other = meaningIn(found, number) ?? found[0];
        if (other === undefined || isSelfprovs(other)) continue;
        const free = await freeOf(steps, context, [extension, releaseExtension, numberExtension]);
        warnings.push(
          `${number} is taken in [${other.context}] (${other.application}): selfprov tenant set --${option} ${free ?? 'NUMBER'}, then write the files again`,
        );
      }
    }
  } catch (error) {
    if (!isRefusal(error, 'invalid') || error.reason !== 'ami_refused') throw error;
    warnings.push('Asterisk does not let selfprov read its dialplan yet: reload the manager, and do this again.');
  }
  return warnings;
}

async function freeOf(
  steps: AsteriskAsked['steps'],
  context: string,
  taken: readonly string[],
): Promise<string | undefined> {
  for (const candidate of CANDIDATES) {
    if (!taken.includes(candidate) && !isRouted(await steps(context, candidate))) return candidate;
  }
  return undefined;
}
