import type { Ports } from '../provisioning/ports.ts';
import type { Line } from '../domain/device.ts';
import { KEPT_DAYS, type KeptDays } from '../domain/keptDays.ts';
import { removeDevice } from '../provisioning/handOver/removeDevice.ts';

/** Milliseconds. */
export interface Retention {
  /** Events older than this go, and syncs that ended before. */
  readonly events: number;
  /** A device that has never registered and has not asked for so long goes; not one that is blocked, or was only entered. */
  readonly unusedDevices: number;
  /** A default line beside another one of the device, when it was never used and nobody has asked for it for so long. */
  readonly offers: number;
  /** The same of one that a phone was registered with: it may have been away. */
  readonly usedOffers: number;
}

const DAY = 24 * 60 * 60_000;

/** What is kept so many days, and the rest as it always is. */
export function retentionOf({ events, devices }: KeptDays): Retention {
  return { events: events * DAY, unusedDevices: devices * DAY, offers: 30 * 60_000, usedOffers: 7 * DAY };
}

export const RETENTION = retentionOf(KEPT_DAYS);

/** Forgets what nobody will ask for any more. Rejects with `unavailable` while Asterisk cannot be asked. */
export async function forgetTheOld(
  ports: Pick<Ports, 'store' | 'registrar' | 'secrets' | 'times' | 'now' | 'portsOf'>,
  retention: Retention,
): Promise<void> {
  const { store, registrar, now } = ports;
  await store.removeEvents(Date.now() - retention.events);
  await store.removeSyncs(now() - retention.events);
  await store.removeDeadLetters(now() - retention.events);
  for (const mac of await store.unusedDevices(now() - retention.unusedDevices)) {
    await removeDevice(ports, { mac, actor: 'selfprov' });
  }
  for (const { lines } of await store.forgottenOffers(now() - retention.offers)) {
    const wasUsed = ({ seenAs, servedAt, leftAt }: Line): boolean =>
      seenAs !== null && Math.max(servedAt ?? 0, leftAt ?? 0) > now() - retention.usedOffers;
    if (lines.some(wasUsed)) continue;
    // Where somebody may be registered who cannot be seen.
    if (registrar.away().length > 0) return;
    const contacts = await Promise.all(lines.map(({ endpoint }) => registrar.contacts(endpoint)));
    if (contacts.flat().length > 0) continue;
    await store.transaction(async (inside) => {
      const still = await Promise.all(lines.map(({ id }) => inside.line(id)));
      // Somebody may have asked for them, or called from one, since.
      const isForgotten = (line: Line | undefined, at: number): boolean =>
        line?.userId === null && line.servedAt === lines[at]?.servedAt && line.contact === null;
      if (still.every(isForgotten)) for (const { id } of lines) await inside.removeLine(id);
    });
  }
}
