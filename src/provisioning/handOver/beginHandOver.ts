import { randomUUID } from 'node:crypto';
import type { NewLine } from '../../domain/accounts.ts';
import { hostOf, isPlainContact } from '../../domain/addresses.ts';
import type { Device, DeviceState, Line } from '../../domain/device.ts';
import type { HandOver } from '../../domain/handOver.ts';
import type { Store } from '../../domain/ports.ts';
import type { Identity } from '../../domain/registrations.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Ports } from '../ports.ts';
import { endLines } from './endLines.ts';

/** What a call tells of the phone that makes it; the parts of a `Call` that are needed here. */
export interface Caller {
  /** URI that its own signalling names: a phone may write there what it likes. */
  readonly contact: string | null;
  /** Source address of that signalling. */
  readonly address: string | null;
  /** What it shows of itself, as in a REGISTER; `null` when that cannot be told. */
  readonly identity: Identity | null;
}

/**
 * Everything an assignment and a release have in common, inside the caller's transaction: the lines that the device has
 * end, the new one begins, and the hand-over is due when the call should be over, or at once when there is none.
 */
export async function beginHandOver(
  store: Store,
  { times, now }: Pick<Ports, 'times' | 'now'>,
  device: Device,
  to: Pick<HandOver, 'kind' | 'contact' | 'address' | 'contactsBefore'> & {
    readonly line: NewLine;
    readonly previousToken: Secret;
    readonly state: DeviceState;
    readonly tenantId: string;
    /** The line that is left; the others of the device end too. */
    readonly leaves: Line;
    readonly duringCall: boolean;
  },
): Promise<Line> {
  const { mac } = device;
  await endLines(store, now(), device);
  const line = await store.addLine(to.line);
  await store.updateDevice(mac, { tenantId: to.tenantId, state: to.state, turnedAwayAt: null, turnedAwayFrom: null });
  const at = now();
  await store.putHandOver({
    id: randomUUID(),
    mac,
    kind: to.kind,
    state: 'open',
    failure: null,
    lineId: line.id,
    aor: line.endpoint,
    leaves: to.leaves.endpoint,
    contact: to.contact,
    contactsBefore: to.contactsBefore,
    address: to.address,
    windowEndsAt: at + times.window,
    previousToken: to.previousToken,
    acceptedAt: at,
    notifiedAt: null,
    fetchedAt: null,
    registeredAt: null,
    attempts: 0,
    // At once for whoever looks: the clock of the process that serves may be behind that of a command.
    nextAttemptAt: to.duringCall ? at + times.callEndsWithin : 0,
  });
  return line;
}

/**
 * Where the phone behind a line can be told something: its registered contact, if it is certain that it is its; else what
 * its call names, if that is where the call came from. A phone could name anybody there. Who has registered with its
 * account from somewhere else is not who calls.
 */
export function contactOf(line: Line, caller: Caller | undefined): string | null {
  const { contact: named = null, address = null } = caller ?? {};
  const ofCall = named !== null && isPlainContact(named) && hostOf(named) === address ? named : null;
  const registered = line.contactCertain ? line.contact : null;
  if (registered === null) return ofCall;
  return ofCall !== null && hostOf(registered) !== address ? ofCall : registered;
}
