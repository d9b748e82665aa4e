import { SelfprovError } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import { defaultLine } from '../../domain/accounts.ts';
import type { Caller } from './assignDevice.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';
import { startHandOver } from './startHandOver.ts';

/**
 * Takes a device back from its user: its credential is gone with the transaction, its registration is marked for
 * removal at once, and it is handed over to a new default line. `caller` is the device itself when it asked for this
 * in a call. Rejects with `conflict` (reason `not_assigned`) when no user has it.
 */
export async function releaseDevice(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now'>,
  input: { readonly mac: Mac; readonly caller?: Caller },
): Promise<void> {
  await ports.store.transaction(async (store) => {
    const device = orNotFound(await store.device(input.mac), `device ${input.mac}`);
    const tenant = orNotFound(await store.tenant(device.tenantId), 'tenant');
    const [line] = await store.lines(device.mac);
    if (line === undefined || line.userId === null) {
      throw new SelfprovError('conflict', 'the device belongs to no user', { reason: 'not_assigned' });
    }
    const others = (await store.linesOfEndpoint(line.endpoint)).filter((other) => other.mac !== device.mac);
    await store.removeLines(device.mac);
    const back = defaultLine(device.mac, tenant, ports.secrets.sipSecret());
    await store.addLine(back);
    await startHandOver({ ...ports, store }, device, {
      kind: 'release',
      aor: back.endpoint,
      contact: input.caller?.contact ?? line.contact,
      address: input.caller?.address ?? null,
      leaves: line.endpoint,
      keep: others.flatMap((other) => other.contact ?? []),
      tenantId: tenant.id,
      atOnce: input.caller === undefined,
    });
    await store.addEvent({ step: 'released', tenantId: tenant.id, mac: device.mac, userId: line.userId });
  });
}
