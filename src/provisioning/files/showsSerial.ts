import { usersHolding } from '../../domain/device.ts';
import { afterWrong, isLocked } from '../../domain/lockout.ts';
import { policyOf } from '../../domain/tenant.ts';
import type { Ports } from '../ports.ts';
import type { Asking } from './admit.ts';

/**
 * Whether the phone says the serial number that the inventory has of it, where that is proof. Serial numbers can be guessed, a
 * maker counts them: a wrong one is counted, for who says it alone, so that nobody locks the phone itself out.
 */
export async function showsSerial(
  { store: outside, now }: Pick<Ports, 'store' | 'now'>,
  { mac, claim, serial }: Asking,
): Promise<boolean> {
  const device = serial === undefined ? undefined : await outside.device(mac);
  if (serial === undefined || device === undefined || device.serial === null) return false;
  const { tenantId } = device;
  const tenant = await outside.tenant(tenantId);
  const users = usersHolding(await outside.lines(mac));
  const counts = users?.lines.every(({ servedAt }) => servedAt === null) === true;
  if (tenant === undefined || !counts || !policyOf(tenant).inventoryProof.includes('serial')) return false;

  const isRight = device.serial === serial.toUpperCase();
  const key = `${mac} ${claim.address}`;
  return outside.transaction(async (store) => {
    const [before, at] = [await store.tries('serial', tenantId, key), now()];
    if (isLocked(before, at)) return false;
    if (isRight) return true;
    const tries = afterWrong(before, at);
    await store.putTries('serial', tenantId, key, tries, at, mac);
    if (tries.lockedUntil !== null && tries.lockedUntil > at) {
      const detail = { locked: 'serial', until: tries.lockedUntil, address: claim.address };
      await store.addEvent({ step: 'locked', tenantId, mac, actor: 'phone', detail });
    }
    return false;
  });
}
