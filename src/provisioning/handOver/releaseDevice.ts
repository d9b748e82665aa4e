import { defaultLine } from '../../domain/accounts.ts';
import { hostOf } from '../../domain/addresses.ts';
import { isDefaultLine, type Line } from '../../domain/device.ts';
import { SelfprovError } from '../../domain/errors.ts';
import type { HandOver } from '../../domain/handOver.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';
import { kindAfter } from '../files/noteRequest.ts';
import { beginHandOver, contactOf, type Caller } from './beginHandOver.ts';

/**
 * Takes a device back from its user: its credential is gone with the transaction, its registration is to be removed at
 * once, and it is handed over to a new default line. `caller` is the device itself when it asked for this in a call, on
 * the line `lineId`. Rejects with `conflict` (reason `not_assigned`) when no user has it, or that line has ended.
 */
export async function releaseDevice(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now'>,
  input: {
    readonly mac: Mac;
    readonly actor: string;
    readonly call?: { readonly lineId: string; readonly caller: Caller };
  },
): Promise<void> {
  const { mac, actor, call } = input;
  const credentials = { secret: ports.secrets.sipSecret(), token: ports.secrets.token(), now: ports.now() };
  await ports.store.transaction(async (store) => {
    const device = orNotFound(await store.device(mac), `device ${mac}`);
    const tenant = orNotFound(await store.tenant(device.tenantId), 'tenant');
    const line = (await store.lines(mac)).find((each) => !isDefaultLine(each));
    if (line === undefined || (call !== undefined && call.lineId !== line.id)) {
      throw new SelfprovError('conflict', 'the device belongs to no user', { reason: 'not_assigned' });
    }
    const handOver = await store.handOver(mac);
    const contact = whereItIs(line, handOver, call?.caller);
    const address = contact === null ? (call?.caller.address ?? null) : hostOf(contact);
    await beginHandOver(store, ports, device, {
      kind: 'release',
      line: {
        ...defaultLine(mac, tenant, credentials),
        address,
        seenAs: line.seenAs,
        askedAs: kindAfter(null, device),
      },
      contact,
      contactsBefore: [],
      address,
      previousToken: tokenOf(line, handOver),
      leaves: line,
      state: 'unassigned',
      tenantId: tenant.id,
      duringCall: call !== undefined,
    });
    const user = line.userId === null ? undefined : await store.user(line.userId);
    const detail = { extension: user?.extension ?? null };
    await store.addEvent({ step: 'released', tenantId: tenant.id, mac, userId: line.userId, actor, detail });
  });
}

/** A device that is still being handed over is told where it was when that began. */
export function whereItIs(line: Line, handOver: HandOver | undefined, caller?: Caller): string | null {
  const underWay = handOver?.lineId === line.id && handOver.state !== 'done' ? handOver.contact : null;
  return contactOf(line, caller) ?? underWay;
}

/** The token that the device holds: that of its line, unless the file with it has never arrived. */
function tokenOf(line: Line, handOver: HandOver | undefined): Line['token'] {
  const missed = handOver?.lineId === line.id && handOver.fetchedAt === null ? handOver.previousToken : null;
  return missed ?? line.token;
}
