import { afterFetch } from '../../domain/handOver.ts';
import type { Device, HandOver } from '../../domain/types.ts';
import { defaultLine } from '../../domain/accounts.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';

/** How often a device that keeps asking is written down, in milliseconds. */
const SEEN_EVERY = 60_000;

/**
 * What the request tells about the device, and what it means for its hand-over: one transaction, none if nothing is new.
 * Whether anything was.
 */
export async function noteRequest(
  { store, secrets, times, now }: Pick<Ports, 'store' | 'secrets' | 'times' | 'now'>,
  device: Device,
  handOver: HandOver | undefined,
  seen: Pick<Device, 'family' | 'model' | 'firmware' | 'address'>,
  request: { readonly newTokenSeen: boolean; readonly fresh: boolean; readonly isFetch: boolean },
): Promise<boolean> {
  const { mac } = device;
  const at = now();
  const same =
    device.family === seen.family &&
    device.model === seen.model &&
    device.firmware === seen.firmware &&
    device.address === seen.address;
  const awaited = handOver !== undefined && handOver.state !== 'done' && handOver.fetchedAt === null;
  const completes = awaited && request.isFetch;
  const recent = at - device.seenAt < SEEN_EVERY;
  if (same && recent && !completes && !request.newTokenSeen && !request.fresh) return false;

  await store.transaction(async (inside) => {
    await inside.updateDevice(mac, {
      ...seen,
      seenAt: at,
      ...(request.newTokenSeen ? { previousToken: null } : {}),
      ...(request.fresh ? { token: secrets.token(), previousToken: null } : {}),
    });
    if (request.fresh) {
      const tenant = orNotFound(await inside.tenant(device.tenantId), 'tenant');
      await inside.removeLines(mac);
      await inside.addLine(defaultLine(mac, tenant, secrets.sipSecret()));
    }
    if (!completes) return;
    await inside.updateHandOver(mac, afterFetch(handOver, times, at));
    const userId = (await inside.lines(mac))[0]?.userId ?? null;
    await inside.addEvent({ step: 'fetched', tenantId: device.tenantId, mac, userId, detail: { kind: handOver.kind } });
  });
  return true;
}
