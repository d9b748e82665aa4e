import { rotated } from '../../domain/accounts.ts';
import { isDefaultLine } from '../../domain/device.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import type { Ports } from '../ports.ts';

/**
 * Gives each line that users have on a device another SIP password, inside the caller's transaction. Its next file has the new
 * one; Asterisk takes the one before as well until the phone is back with the new one. A line that waits for that already keeps
 * what it has. Resolves with why, where nothing is left for the phone to fetch.
 */
export async function rotateLines(
  store: Store,
  { secrets, now }: Pick<Ports, 'secrets' | 'now'>,
  mac: Mac,
  actor: string,
): Promise<string | undefined> {
  const device = await store.device(mac);
  if (device === undefined) return undefined;
  const { tenantId } = device;
  const reasons: string[] = [];
  let isComing = false;
  for (const line of await store.lines(mac)) {
    const { id, userId, former, endpoint } = line;
    if (userId === null || isDefaultLine(line)) continue;
    if (former !== null) {
      isComing = true;
      continue;
    }
    const user = orNotFound(await store.user(userId), 'user of this line');
    const given = { secret: secrets.sipSecret(), now: now() };
    const change = rotated(line, user, given, await store.linesOfUser(userId));
    const about = { tenantId, mac, userId, actor };
    if (typeof change === 'string') {
      reasons.push(change);
      await store.addEvent({ step: 'password_kept', ...about, detail: { account: endpoint, why: change } });
      continue;
    }
    isComing = true;
    await store.updateLine(id, change);
    await store.addEvent({ step: 'password_new', ...about, detail: { account: endpoint } });
  }
  return isComing ? undefined : (reasons[0] ?? 'no user has it any more');
}
