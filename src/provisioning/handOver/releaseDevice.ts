import { hostOf } from '../../domain/addresses.ts';
import { emptyPorts, holdingOf, isDefaultLine, type Device, type Line } from '../../domain/device.ts';
import { SelfprovError } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';
import { addLines, newDefaultLines } from '../files/enrolDevice.ts';
import { kindAfter } from '../files/noteRequest.ts';
import { beginHandOver, handOverTo, tokenOf, whereItIs, type Caller, type FromLine } from './beginHandOver.ts';
import { endLines } from './endLines.ts';
import { goHome } from './goHome.ts';

type ReleaseNeeds = Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'>;

/**
 * Takes lines of a device back from their users, all or that of one slot: the credential is gone with the transaction, the
 * registration is to be removed at once, and the device is handed over to a new default line. `call` is from the line
 * itself when it asked for this. Rejects with `conflict` (reason `not_assigned`) when no user has it, or that line has
 * ended.
 */
export async function releaseDevice(
  ports: ReleaseNeeds,
  input: { readonly mac: Mac; readonly slot?: number; readonly actor: string; readonly call?: FromLine },
): Promise<void> {
  const { mac, slot, actor, call } = input;
  await ports.store.transaction(async (store) => {
    const device = orNotFound(await store.device(mac), `device ${mac}`);
    const users = (await store.lines(mac)).filter((line) => !isDefaultLine(line));
    const wanted = users.filter((line) => slot === undefined || line.slot === slot);
    if (wanted.length === 0 || (call !== undefined && call.lineId !== wanted[0]?.id)) {
      throw new SelfprovError('conflict', 'the device belongs to no user', { reason: 'not_assigned' });
    }
    for (const line of wanted) {
      await releaseLine({ ...ports, store }, device, line, call?.caller);
      const user = line.userId === null ? undefined : await store.user(line.userId);
      const detail = { extension: user?.extension ?? null };
      await store.addEvent({ step: 'released', tenantId: device.tenantId, mac, userId: line.userId, actor, detail });
    }
    const hotDesk = await store.hotDesk(mac);
    if (hotDesk !== undefined) await goHome({ ...ports, store }, hotDesk);
  });
}

async function releaseLine(ports: ReleaseNeeds, device: Device, line: Line, caller: Caller | undefined): Promise<void> {
  const { store, now, portsOf } = ports;
  const { mac } = device;
  const all = await store.lines(mac);
  const isLast = all.every((each) => each.id === line.id || isDefaultLine(each));
  const handOver = await handOverTo(store, [line]);
  const contact = whereItIs(line, handOver, caller);
  const previousToken = tokenOf(line, handOver);
  const slots = emptyPorts([], portsOf(device));
  const seenAs = new Map(holdingOf(all, line).lines.map((each) => [each.slot, each.seenAs]));
  if (!isLast && !slots.includes(line.slot)) {
    // The other lines stay as they are, and this slot is nobody's.
    await endLines(store, now(), device, [line], whereItIs);
    return;
  }
  await endLines(store, now(), device, isLast ? all : [line]);
  const address = contact === null ? (caller?.address ?? null) : hostOf(contact);
  const fresh = isLast
    ? (await newDefaultLines(ports, device, slots)).map((each) => ({ ...each, address }))
    : (await newDefaultLines(ports, device, [line.slot], line.token)).map((each) => ({
        ...each,
        address: line.address,
        servedAt: line.servedAt,
      }));
  const lines = await addLines(
    store,
    device.tenantId,
    fresh.map((each) => ({
      ...each,
      seenAs: seenAs.get(each.slot) ?? null,
      askedAs: kindAfter(null, device),
    })),
  );
  const next = orNotFound(lines.find(({ slot }) => slot === line.slot) ?? lines[0], 'port');
  await beginHandOver(store, ports, next, {
    kind: 'release',
    contact,
    contactsBefore: [],
    address,
    previousToken,
    leaves: line.endpoint,
    duringCall: caller !== undefined,
  });
  if (isLast) await store.updateDevice(mac, { turnedAwayAt: null, turnedAwayFrom: null });
}
