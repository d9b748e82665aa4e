import { userLine } from '../../domain/accounts.ts';
import { hostOf } from '../../domain/addresses.ts';
import { holdingsOf, isDefaultLine, usersHolding, type Holding, type Line } from '../../domain/device.ts';
import { isRefusal } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import { refuseUnlessAllowed, refuseUsed, refuseWhenShadowed } from '../../domain/policy.ts';
import type { Store } from '../../domain/ports.ts';
import { DEFAULT_TENANT, policyOf } from '../../domain/tenant.ts';
import { standing } from '../../domain/registrations.ts';
import type { Ports } from '../ports.ts';
import { moveLines } from '../files/enrolDevice.ts';
import { beginHandOver, contactOf, handOverTo, tokenOf, whereItIs, type FromLine } from './beginHandOver.ts';
import { endLines } from './endLines.ts';
import { noteRegistrations, type NoteNeeds } from './noteRegistrations.ts';

/** Whose secret has been accepted, or whom an administrator names, and for what. */
export interface Assignment {
  readonly mac: Mac;
  readonly slot: number;
  readonly userId: string;
  readonly actor: string;
  /** The line is another user's, who has proven to let it go. */
  readonly takesOver?: boolean;
  /** For a while: the device stays its tenant's. */
  readonly borrows?: boolean;
  /** The one-time code that was keyed: it is used up. */
  readonly codeId?: string;
  /** A call from the line that is to be the user's. */
  readonly call?: FromLine;
  /** Without a call, where several have been given default lines of this device: an account of the one that is meant. */
  readonly account?: string;
}

/**
 * `assignLine` after Asterisk was asked: whose the endpoint of this name is, and which registrations there are. Rejects also
 * with `unavailable` while it cannot be asked.
 */
export async function assignDevice(
  ports: NoteNeeds & Pick<Ports, 'secrets' | 'portsOf'>,
  assignment: Assignment,
): Promise<void> {
  await assignLine(ports, assignment, await contactsBeforeOf(ports, assignment));
}

/** What Asterisk says before a line is given: the registrations that the user has, as they are (`standing`). Rejects as `assignDevice` does. */
export async function contactsBeforeOf(ports: NoteNeeds, assignment: Assignment): Promise<readonly string[]> {
  const { store, registrar } = ports;
  const user = orNotFound(await store.user(assignment.userId), 'user');
  for (const { id, endpoint } of await store.lines(assignment.mac)) {
    if (assignment.call === undefined || assignment.call.lineId === id) await noteRegistrations(ports, endpoint);
  }
  const [auths, contacts] = [await registrar.authsOf(user.endpoint), await registrar.contacts(user.endpoint)];
  await notingRefusals(ports, assignment, async () => refuseWhenShadowed(user, auths));
  return contacts.map(standing);
}

/**
 * Gives a line of a device to a user: the very line that called, or the one that an administrator names. One transaction
 * decides, takes default lines away, makes the user's line and starts the hand-over; `contactsBefore` as there. A device
 * that has never asked for anything is not handed over: it comes up as its user's. Rejects with `conflict` and a reason of
 * `AssignmentRefusal`, which is an event too.
 */
export async function assignLine(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'>,
  assignment: Assignment,
  contactsBefore: readonly string[] | null,
): Promise<void> {
  await notingRefusals(ports, assignment, () => assign(ports, assignment, contactsBefore));
}

async function assign(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'>,
  assignment: Assignment,
  contactsBefore: readonly string[] | null,
): Promise<void> {
  const { mac, slot, userId, actor, call, codeId, takesOver = false, borrows = false } = assignment;
  const now = ports.now();
  await ports.store.transaction(async (store) => {
    const known = orNotFound(await store.device(mac), `device ${mac}`);
    const user = orNotFound(await store.user(userId), 'user');
    const tenant = orNotFound(await store.tenant(user.tenantId), 'tenant');
    const profile = orNotFound(await store.profile(user.profileId), 'user profile');
    const lines = await store.lines(mac);
    const holding = meant(lines, assignment);
    const leaves = holding?.lines.find((line) => line.slot === slot);
    // Others may have asked for its file, and said what they liked.
    const askedAs = holding?.lines.find(isDefaultLine)?.askedAs ?? {};
    const device = { ...known, ...askedAs };
    const phones = await store.linesOfUser(user.id);
    const holder = leaves?.userId == null ? undefined : await store.user(leaves.userId);
    const by = { takesOver, isCall: call !== undefined, hasCode: codeId !== undefined };
    const asked = { site: await store.site(), policy: policyOf(tenant), ...by };
    refuseUnlessAllowed({ ...asked, device, lines, holding, leaves, holder, user, profile, phones });
    if (codeId !== undefined) {
      refuseUsed(await store.code(codeId));
      await store.useCode(codeId, now);
    }
    const its = orNotFound(holding, 'line of this device');

    const stay = its.lines.filter((line) => line !== leaves);
    const isNobodyElses = stay.every(isDefaultLine);
    // A phone that was released is on its way, with the file of before, until it has fetched.
    const coming = await handOverTo(store, its.lines);
    const isNew = call === undefined && coming === undefined && its.lines.every(({ servedAt }) => servedAt === null);
    const token = isNobodyElses && !isNew ? ports.secrets.token() : its.token;
    const where = await placeOf(store, its, leaves, call);
    await endLines(
      store,
      now,
      device,
      lines.filter((line) => !stay.includes(line)),
    );
    for (const { id } of stay) await store.updateLine(id, { token });
    // One of no tenant in particular is its first user's; one of another tenant stays there (`isOfOtherTenant`).
    const moves = isNobodyElses && !borrows && device.tenantId === DEFAULT_TENANT && tenant.id !== DEFAULT_TENANT;
    if (moves) await moveLines(store, tenant.id, stay);
    const line = await store.addLine({
      ...userLine(mac, slot, user, tenant, { secret: ports.secrets.sipSecret(), token, now }, phones),
      seenAs: leaves?.seenAs ?? call?.caller.identity ?? null,
    });
    await store.updateDevice(mac, {
      ...askedAs,
      ...(moves ? { tenantId: tenant.id, profileId: null } : {}),
      ...(isNobodyElses ? { turnedAwayAt: null, turnedAwayFrom: null } : {}),
    });
    if (!isNew) {
      await beginHandOver(store, ports, line, {
        kind: 'assign',
        contact: where,
        contactsBefore,
        address: call === undefined ? where && hostOf(where) : call.caller.address,
        // A new token takes the place of the one that the caller's line came with; that of another port's user may be on its way.
        previousToken: call === undefined || token === its.token ? tokenOf(its, coming) : its.token,
        leaves: leaves?.endpoint ?? null,
        duringCall: call !== undefined,
      });
    }
    const detail = { extension: user.extension, family: device.family, account: leaves?.endpoint ?? null };
    await store.addEvent({ step: 'accepted', tenantId: tenant.id, mac, userId, actor, detail });
  });
}

/** The lines that the device itself has, as far as that can be told. */
function meant(lines: readonly Line[], { call, account, takesOver = false }: Assignment): Holding | undefined {
  const holdings = holdingsOf(lines);
  const isHere = ({ id, authName, userId }: Line): boolean =>
    call === undefined ? authName === account : id === call.lineId && (takesOver || userId === null);
  if (call !== undefined || account !== undefined) return holdings.find((each) => each.lines.some(isHere));
  // Not one that a stranger was given, and has registered with, while the phone is off.
  const mayBe = holdings.filter((each) => each.lines.some(isOrWasHere));
  return usersHolding(lines) ?? (holdings.length === 1 ? holdings[0] : mayBe.length === 1 ? mayBe[0] : undefined);
}

/** Somebody is registered with it or was, or it waits for the phone that is to fetch it. */
function isOrWasHere({ contact, seenAs, servedAt }: Line): boolean {
  return contact !== null || seenAs !== null || servedAt === null;
}

/** Where the phone is told: where the line that calls is, else any other of its lines. */
async function placeOf(
  store: Store,
  { lines }: Holding,
  leaves: Line | undefined,
  call: FromLine | undefined,
): Promise<string | null> {
  if (leaves !== undefined && call !== undefined) return contactOf(leaves, call.caller);
  for (const line of lines) {
    const place = whereItIs(line, await store.handOver(line.mac, line.slot));
    if (place !== null) return place;
  }
  return null;
}

/** A refusal of an assignment is an event as well. */
export async function notingRefusals(
  { store }: Pick<Ports, 'store'>,
  { mac, userId, actor }: Assignment,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const device = isRefusal(error, 'conflict') ? await store.device(mac) : undefined;
    if (isRefusal(error, 'conflict') && device !== undefined) {
      const detail = { reason: error.reason ?? null, why: error.message };
      await store.addEvent({ step: 'refused', tenantId: device.tenantId, mac, userId, actor, detail });
    }
    throw error;
  }
}
