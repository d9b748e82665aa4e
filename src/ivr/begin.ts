import type { Device, Line } from '../domain/device.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Policy } from '../domain/policySettings.ts';
import { policyOf, type Tenant } from '../domain/tenant.ts';
import { callingDevice } from '../provisioning/handOver/callingDevice.ts';
import type { Ports } from '../provisioning/ports.ts';
import type { Asker } from '../provisioning/secrets/checkSecret.ts';
import { sayAndHangUp } from './ask.ts';
import type { Call } from './call.ts';
import { isInstalled } from './language.ts';
import type { Prompt } from './prompts.ts';

/** Who calls, and what holds there. */
export interface Begun extends Asker {
  readonly device: Device;
  readonly from: Line;
  /** The user's whose line it is, else the device's. */
  readonly tenant: Tenant;
  readonly policy: Policy;
  /** Languages that this caller may choose from, the first one first. */
  readonly languages: readonly string[];
}

/**
 * The beginning of every call: it is answered, in the tenant's language, and whoever cannot be served hears so. `undefined`
 * when that is all.
 */
export async function begin(ports: Ports, call: Call): Promise<Begun | undefined> {
  await call.answer();
  const caller = await callingDevice(ports, call);
  if (caller === undefined) return refuse(call, 'not-available');
  const { device, line } = caller;
  const holder = line.userId === null ? undefined : await ports.store.user(line.userId);
  const tenant = orNotFound(await ports.store.tenant(holder?.tenantId ?? device.tenantId), 'tenant');
  const policy = policyOf(tenant);
  const languages = policy.prompts.filter((language) => policy.sounds !== null || isInstalled(ports, language));
  const [language] = languages;
  if (language !== undefined) call.speak({ language, sounds: policy.sounds });
  const site = await ports.store.site();
  if (!site.ivr || !policy.ivr) return refuse(call, 'switched-off');
  return { device, from: line, line: line.authName, tenant, policy, languages };
}

async function refuse(call: Call, prompt: Prompt): Promise<undefined> {
  await sayAndHangUp(call, prompt);
}
