import { parseMac } from '../../domain/mac.ts';
import type { Recognised } from '../../phones/recognise/recognise.ts';
import { enrolDevice, newDevice } from './enrolDevice.ts';
import { isNoted } from './noteRequest.ts';
import type { FileRequest, ServeNeeds } from './serveFile.ts';
import { tenantFor } from './tenantFor.ts';

/** A phone of a family that no files can be made for is listed all the same: somebody stands before it and wonders. */
export async function listUnserved(
  { store, now, families }: ServeNeeds,
  request: FileRequest,
  { family, mac, model, version }: Recognised,
): Promise<void> {
  const { claim, method } = request;
  if (family === null || mac === null || parseMac(mac) === undefined || method !== 'GET') return;
  if ((families().byId.get(family)?.files.size ?? 0) > 0) return;
  const seen = { family, model, firmware: version, address: claim.address };
  const known = await store.device(mac);
  if (known !== undefined && isNoted(known, seen, now())) return;
  const tenantId = await tenantFor(store, request);
  await store.transaction(async (inside) => {
    const device = await inside.device(mac);
    if (device === undefined) await enrolDevice(inside, newDevice(mac, tenantId, seen, now()), [], 'phone');
    // Of a phone that files are made for, anybody could say so.
    else if ((await inside.lines(mac)).length === 0) await inside.updateDevice(mac, { ...seen, seenAt: now() });
  });
}
