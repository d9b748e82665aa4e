import { isAmongOthers, type Device, type Line } from '../../domain/device.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';

/**
 * Which line of which device calls. On a default line the authenticated endpoint is the line; on a user's line several
 * devices share the endpoint, and the digest user name tells them apart. `undefined` for a phone that is not ours, and for one of which
 * nobody can tell: where all phones of an adopted user have one password.
 */
export async function callingDevice(
  { store }: Pick<Ports, 'store'>,
  call: { readonly endpoint: string; readonly authName: string | null; readonly address: string | null },
): Promise<{ readonly device: Device; readonly line: Line } | undefined> {
  const lines = await store.linesOfEndpoint(call.endpoint);
  const [only] = lines;
  const isAlone = lines.length === 1 && only !== undefined && !isAmongOthers(only);
  const line =
    lines.find(
      ({ authName, former }) => call.authName !== null && [authName, former?.authName].includes(call.authName),
    ) ?? (isAlone ? only : undefined);
  if (line === undefined) return undefined;
  const { mac, userId } = line;
  const device = orNotFound(await store.device(mac), `device ${mac}`);
  const detail = { account: call.endpoint, address: call.address };
  await store.addEvent({ step: 'called', tenantId: device.tenantId, mac, userId, actor: 'phone', detail });
  // Others may have asked in its name, and said what they liked; this is what the one that calls has said.
  return { device: { ...device, ...line.askedAs }, line };
}
