import { afterRegister } from '../../domain/handOver.ts';
import { matchContacts } from '../../domain/matchContacts.ts';
import type { Contact } from '../../domain/ports.ts';
import type { HandOver, Line } from '../../domain/types.ts';
import type { Ports } from '../ports.ts';

type Needs = Pick<Ports, 'store' | 'registrar' | 'now'>;

/**
 * Brings what we know of an AOR's registrations up to date with Asterisk, and completes the hand-overs that waited for
 * one. Called when a phone has authenticated, and for hand-overs that are due, so a change that nobody told us about is
 * found too.
 */
export async function syncRegistrations(ports: Needs, aor: string, listed?: readonly Contact[]): Promise<void> {
  const lines = await ports.store.linesOfEndpoint(aor);
  if (lines.length === 0) return;
  const contacts = listed ?? (await ports.registrar.contacts(aor));
  const candidates = await Promise.all(
    lines.map(async ({ mac, contact }) => {
      const device = await ports.store.device(mac);
      const handOver = await ports.store.handOver(mac);
      const notIts = handOver === undefined || handOver.state === 'done' ? [] : handOver.contactsBefore;
      return { mac, contact, address: device?.address ?? null, notIts };
    }),
  );
  const matched = matchContacts(contacts, candidates);
  for (const line of lines) await setContact(ports, line, matched.get(line.mac)?.uri ?? null);
}

/** The same for every AOR: after a time in which nobody told us of changes. */
export async function syncAllRegistrations(ports: Needs): Promise<void> {
  const byAor = new Map<string, Contact[]>();
  for (const aor of await ports.store.registeredEndpoints()) byAor.set(aor, []);
  for (const contact of await ports.registrar.allContacts()) {
    byAor.set(contact.aor, [...(byAor.get(contact.aor) ?? []), contact]);
  }
  for (const [aor, contacts] of byAor) await syncRegistrations(ports, aor, contacts);
}

async function setContact(ports: Needs, line: Line, contact: string | null): Promise<void> {
  const waits = contact !== null && isAwaited(await ports.store.handOver(line.mac), line);
  if (line.contact === contact && !waits) return;
  await ports.store.transaction(async (store) => {
    const current = (await store.lines(line.mac)).find(({ id }) => id === line.id);
    const device = await store.device(line.mac);
    if (current === undefined || device === undefined) return;
    const about = { tenantId: device.tenantId, mac: line.mac, userId: line.userId };
    if (current.contact !== contact) await store.setLineContact(line.id, contact);
    if (current.contact === null && contact !== null) {
      await store.addEvent({ step: 'registered', ...about, detail: { account: line.endpoint } });
    }
    const handOver = await store.handOver(line.mac);
    if (contact === null || !isAwaited(handOver, line)) return;
    const at = ports.now();
    await store.updateHandOver(line.mac, afterRegister(at));
    if (handOver.kind === 'assign') await store.updateDevice(line.mac, { state: 'assigned' });
    const seconds = Math.round((at - handOver.acceptedAt) / 1000);
    await store.addEvent({ step: 'done', ...about, detail: { kind: handOver.kind, seconds } });
  });
}

/** A phone can only have registered with its new line after it fetched the file that holds it. */
function isAwaited(handOver: HandOver | undefined, line: Line): handOver is HandOver {
  return (
    handOver !== undefined && handOver.state !== 'done' && handOver.aor === line.endpoint && handOver.fetchedAt !== null
  );
}
