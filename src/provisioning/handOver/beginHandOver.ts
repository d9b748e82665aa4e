import { randomUUID } from 'node:crypto';
import { hostOf, isPlainContact } from '../../domain/addresses.ts';
import type { Line } from '../../domain/device.ts';
import type { HandOver } from '../../domain/handOver.ts';
import type { Store } from '../../domain/ports.ts';
import type { Identity } from '../../domain/registrations.ts';
import type { Ports } from '../ports.ts';

/** What a call tells of the phone that makes it; the parts of a `Call` that are needed here. */
export interface Caller {
  /** URI that its own signalling names: a phone may write there what it likes. */
  readonly contact: string | null;
  /** Source address of that signalling. */
  readonly address: string | null;
  /** What it shows of itself, as in a REGISTER; `null` when that cannot be told. */
  readonly identity: Identity | null;
}

/** A call, and the line that it comes from. */
export interface FromLine {
  readonly lineId: string;
  readonly caller: Caller;
}

/**
 * Starts the hand-over of a device to this line, inside the caller's transaction: it is due when the call should be over,
 * or at once when there is none.
 */
export async function beginHandOver(
  store: Store,
  { times, now }: Pick<Ports, 'times' | 'now'>,
  line: Line,
  how: Pick<HandOver, 'kind' | 'contact' | 'address' | 'contactsBefore' | 'leaves' | 'previousToken'> & {
    readonly duringCall: boolean;
  },
): Promise<void> {
  const { duringCall, ...rest } = how;
  const at = now();
  await store.putHandOver({
    id: randomUUID(),
    mac: line.mac,
    slot: line.slot,
    state: 'open',
    failure: null,
    lineId: line.id,
    aor: line.endpoint,
    ...rest,
    windowEndsAt: at + times.window,
    acceptedAt: at,
    notifiedAt: null,
    fetchedAt: null,
    registeredAt: null,
    attempts: 0,
    // At once for whoever looks: the clock of the process that serves may be behind that of a command.
    nextAttemptAt: duringCall ? at + times.callEndsWithin : 0,
  });
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

/** A device that is still being handed over is told where it was when that began. */
export function whereItIs(line: Line, handOver: HandOver | undefined, caller?: Caller): string | null {
  const underWay = handOver?.lineId === line.id && handOver.state !== 'done' ? handOver.contact : null;
  return contactOf(line, caller) ?? underWay;
}

/** The token that the device holds: that of its lines, unless the file with it has never arrived by the hand-over of one. */
export function tokenOf({ token }: Pick<Line, 'token'>, handOver: HandOver | undefined): Line['token'] {
  const missed = handOver?.fetchedAt === null ? handOver.previousToken : null;
  return missed ?? token;
}

/** The hand-over to one of these lines of a device. */
export async function handOverTo(
  store: Pick<Store, 'handOversOf'>,
  lines: readonly Line[],
): Promise<HandOver | undefined> {
  const [line] = lines;
  const all = line === undefined ? [] : await store.handOversOf(line.mac);
  return all.find(({ lineId }) => lines.some(({ id }) => id === lineId));
}
