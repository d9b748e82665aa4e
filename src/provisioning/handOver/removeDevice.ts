import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';

/** Forgets a device: its account and its registration end at once. The phone itself is not told; it may come again. */
export async function removeDevice(ports: Pick<Ports, 'store'>, mac: Mac): Promise<void> {
  await ports.store.transaction(async (store) => {
    const device = orNotFound(await store.device(mac), `device ${mac}`);
    for (const line of await store.lines(mac)) {
      const others = (await store.linesOfEndpoint(line.endpoint)).filter((other) => other.mac !== mac);
      const keep = others.flatMap((other) => other.contact ?? []);
      await store.addStaleRegistration({ aor: line.endpoint, keep });
    }
    await store.removeDevice(mac);
    await store.addEvent({ step: 'removed', tenantId: device.tenantId, mac });
  });
}
