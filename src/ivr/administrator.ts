import { Secret } from '../domain/secret.ts';
import type { Ports } from '../provisioning/ports.ts';
import { checkAdministrator } from '../provisioning/secrets/checkSecret.ts';
import { askDigits, LONGEST_SECRET } from './ask.ts';
import type { Begun } from './begin.ts';
import type { Call } from './call.ts';
import type { Round } from './conversation.ts';

/** Asks for the administrators' code of the tenant; every use is an event. */
export async function isAdministrator(
  ports: Ports,
  call: Call,
  begun: Begun,
): Promise<Exclude<Round, 'over'> | 'right'> {
  const code = await askDigits(call, ['enter-administrator-code'], LONGEST_SECRET);
  if (code === 'star' || code === 'noInput') return code;
  const { device, tenant } = begun;
  if (!(await checkAdministrator(ports, begun, tenant, new Secret(code.digits)))) return 'wrong';
  const about = { tenantId: tenant.id, mac: device.mac, actor: 'administrator' };
  await ports.store.addEvent({ step: 'administrator_code_used', ...about });
  return 'right';
}
