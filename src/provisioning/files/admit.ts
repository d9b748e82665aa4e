import { usersHolding, emptyPorts, holdingsOf, type Device, type Holding, type Line } from '../../domain/device.ts';
import { credentialIn, type NewLine } from '../../domain/accounts.ts';
import { isPrivateAddress } from '../../domain/addresses.ts';
import { decide, STARTING_MS, type Admission, type AdmissionFacts, type Claim } from '../../domain/admission.ts';
import type { HandOver } from '../../domain/handOver.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import { isInNetworks, type Policy } from '../../domain/policySettings.ts';
import { policyOf } from '../../domain/tenant.ts';
import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';
import { addLines, enrolDevice, newDefaultLines, newDevice, type Seen } from './enrolDevice.ts';
import { showsSerial } from './showsSerial.ts';
import {
  isAsNoted,
  isNoted,
  isOfferAsNoted,
  isOfferNoted,
  kindAfter,
  noteCrowd,
  noteOffer,
  noteSeen,
  noteTurnedAway,
  SEEN_EVERY,
} from './noteRequest.ts';

type Needs = Pick<Ports, 'store' | 'secrets' | 'now' | 'portsOf'> & {
  readonly tenantId: string;
  /** Hears why it was refused. */
  readonly notServed?: (why: Extract<Admission, { readonly kind: 'refuse' }>['why']) => void;
};

/** A request for a device's own file. */
export interface Asking {
  readonly mac: Mac;
  readonly claim: Claim;
  readonly seen: Seen & { readonly address: string };
  /** What the phone says its serial number is. */
  readonly serial?: string;
  /**
   * Nobody has shown yet that the source address is its own (TFTP), or nobody wants the file (HEAD): what would have to
   * be written is written when the file has arrived, if ever.
   */
  readonly isProvisional: boolean;
}

/** The same, once it is known whether it has the right serial number; each look at that counts. */
type Checked = Asking & { readonly hasSerial: boolean };

/** Who gets a file, and what is in it. */
export interface Admitted {
  readonly admission: Admission;
  readonly device: Device;
  readonly lines: readonly Line[];
  readonly handOvers: readonly HandOver[];
  /** Writes what has been put off; see `Asking.isProvisional`. */
  readonly settle?: (store: Store) => Promise<void>;
  /** Its proof holds once: it is settled as soon as the source address has been shown, whatever becomes of the rest. */
  readonly isOnce?: boolean;
}

/** Decides about a request and writes what follows from it. `undefined` for a refusal. */
export async function admit(needs: Needs, asked: Asking): Promise<Admitted | undefined> {
  const asking = { ...asked, hasSerial: await showsSerial(needs, asked) };
  const facts = await factsOf(needs, asking);
  const admission = decide(facts);
  if (admission.kind === 'refuse') needs.notServed?.(admission.why);
  if (asking.isProvisional) return provisionally(needs, asking, facts, admission);
  if (isQuiet(needs, facts, admission, asking)) return admittedBy(admission, facts);
  return needs.store.transaction((store) => decideInside({ ...needs, store }, asking));
}

/** Decides again, where nobody else writes, and writes what follows from it. */
async function decideInside(needs: Needs, asking: Checked): Promise<Admitted | undefined> {
  const facts = await factsOf(needs, asking);
  const admission = decide(facts);
  return isQuiet(needs, facts, admission, asking)
    ? admittedBy(admission, facts)
    : carryOut(needs, asking, facts, admission);
}

async function factsOf({ store, now, tenantId }: Needs, asking: Checked): Promise<AdmissionFacts> {
  const { mac, claim } = asking;
  const device = await store.device(mac);
  const tenant = orNotFound(await store.tenant(device?.tenantId ?? tenantId), 'tenant');
  const handOvers = device === undefined ? [] : await store.handOversOf(mac);
  const isReleased = handOvers.some(({ kind, state }) => kind === 'release' && state !== 'done');
  return {
    claim,
    now: now(),
    trustedAddresses: tenant.trustedAddresses,
    isExpected: device !== undefined && isExpected(policyOf(tenant), asking),
    factoryReset: policyOf(tenant).factoryReset,
    mayEnrol: device !== undefined || ((await store.site()).enrolment && policyOf(tenant).enrolment),
    device,
    lines: device === undefined ? [] : await store.lines(mac),
    handOvers,
    isHome: isReleased && (await store.isHome(mac)),
  };
}

/** Whether it shows what an administrator takes for proof. */
function isExpected({ inventoryProof, trustedNetworks }: Policy, { claim, hasSerial }: Checked): boolean {
  return hasSerial || (inventoryProof.includes('network') && isInNetworks(claim.address, trustedNetworks));
}

/**
 * What a request gets where nothing, or nothing but the time, is to be written for it: most requests are those of phones that
 * look for changes. `undefined` for all else, which is `admit`'s.
 */
export function admitQuietly(
  needs: Pick<Needs, 'portsOf'>,
  asking: Pick<Asking, 'seen'>,
  facts: AdmissionFacts,
): { readonly admitted: Admitted; readonly isNoted: boolean } | undefined {
  const admission = decide(facts);
  const isNotedAlready = isQuiet(needs, facts, admission, asking);
  if (!isNotedAlready && !isLater(needs, facts, admission, asking)) return undefined;
  const admitted = admittedBy(admission, facts);
  return admitted && { admitted, isNoted: isNotedAlready };
}

/**
 * Until when the same request, over the same facts, gets the same, without anything to be written. What is quiet has been noted
 * lately, and stays so until then; a proof by token does not depend on time, and neither does which of several default lines was
 * served last, while all that does, how long ago that was, has ten times as long.
 */
export function quietUntil({ device, lines }: Pick<Admitted, 'device' | 'lines'>): Instant {
  return SEEN_EVERY + Math.min(device.seenAt, ...lines.map(({ servedAt }) => servedAt ?? 0));
}

/** Nothing is to be written. */
function isQuiet(
  needs: Pick<Needs, 'portsOf'>,
  facts: AdmissionFacts,
  admission: Admission,
  { seen }: Pick<Asking, 'seen'>,
): boolean {
  if (admission.kind !== 'user_file' && admission.kind !== 'bootstrap') return false;
  const { device, lines, now } = facts;
  if (device === undefined || missingPorts(needs, device, admission.lines, seen).length > 0) return false;
  if (admission.kind === 'user_file' && admission.lines.some(({ servedAt }) => servedAt === null)) return false;
  if (admission.kind === 'bootstrap' && !admission.lines.every((line) => isOfferNoted(line, seen, now))) return false;
  return (admission.kind === 'bootstrap' && isOneOfSeveral(admission.lines, lines)) || isNoted(device, seen, now);
}

/**
 * Nothing is to be written but that it was served again, which may wait a moment: nothing that is decided meanwhile depends
 * on it. Of a user's lines it only matters whether they have been served at all; of default lines, which of several were
 * served lately, and, behind a public address, whether these were.
 */
function isLater(
  needs: Pick<Needs, 'portsOf'>,
  { device, lines, claim, now }: AdmissionFacts,
  admission: Admission,
  { seen }: Pick<Asking, 'seen'>,
): boolean {
  if (device === undefined || (admission.kind !== 'user_file' && admission.kind !== 'bootstrap')) return false;
  const its = admission.lines;
  const isServed = ({ servedAt, address }: Line): boolean => servedAt !== null && address === seen.address;
  const isAsOffered = (line: Line): boolean => line.userId !== null || isOfferAsNoted(line, seen);
  if (!isAsNoted(device, seen) || missingPorts(needs, device, its, seen).length > 0) return false;
  if (!its.every((line) => isServed(line) && isAsOffered(line))) return false;
  if (admission.kind === 'user_file') return admission.proof === 'token' && device.turnedAwayAt === null;
  const isLately = its.every(({ servedAt }) => servedAt !== null && now - servedAt < STARTING_MS / 2);
  return !isOneOfSeveral(its, lines) && (admission.proof === 'token' || isPrivateAddress(claim.address) || isLately);
}

function isOneOfSeveral(its: readonly Line[], all: readonly Line[]): boolean {
  return its.length < all.length;
}

/** A request may tell for the first time how many ports the phone has. */
function missingPorts(
  { portsOf }: Pick<Needs, 'portsOf'>,
  device: Device,
  lines: readonly Line[],
  seen: Seen,
): readonly number[] {
  const [line] = lines;
  const known = line?.userId === null ? (line.askedAs ?? device) : device;
  return emptyPorts(lines, portsOf(kindAfter(known, seen)));
}

function admittedBy(admission: Admission, { device, handOvers }: AdmissionFacts): Admitted | undefined {
  if (device === undefined) return undefined;
  if (admission.kind === 'bootstrap') {
    const { lines } = admission;
    return { admission, device: { ...device, ...lines[0]?.askedAs }, lines, handOvers };
  }
  return admission.kind === 'user_file' ? { admission, device, lines: admission.lines, handOvers } : undefined;
}

async function carryOut(
  needs: Needs,
  asking: Asking,
  facts: AdmissionFacts,
  admission: Admission,
): Promise<Admitted | undefined> {
  const { store } = needs;
  const { mac, seen } = asking;
  const { device, handOvers, now } = facts;
  if (admission.kind === 'refuse') {
    if (device === undefined) return undefined;
    if (admission.why === 'no_proof') await noteTurnedAway(store, device, seen, now, false);
    else await noteCrowd(store, device, seen, now);
    return undefined;
  }
  if (device === undefined || admission.kind === 'enrol') {
    const enrolled = newDevice(mac, needs.tenantId, seen, now);
    const added = await enrolDevice(store, enrolled, await linesFor(needs, asking, enrolled, now), 'phone');
    return { admission, ...added, handOvers: [] };
  }
  if (admission.kind === 'offer') {
    const lines = await addLines(store, device.tenantId, await linesFor(needs, asking, device, now));
    for (const { id } of admission.insteadOf) await store.removeLine(id);
    if (facts.lines.length === 0) await noteSeen(store, device, seen, now, admission);
    await noteOffer(store, device, seen, admission);
    if (usersHolding(facts.lines) !== undefined) await noteTurnedAway(store, device, seen, now, true);
    return { admission, device: { ...device, ...lines[0]?.askedAs }, lines, handOvers };
  }
  const served = { address: seen.address, servedAt: now };
  const lines: Line[] = [];
  for (const line of [...admission.lines, ...(await filledPorts(needs, asking, device, admission.lines))]) {
    const askedAs = line.userId === null ? kindAfter(line.askedAs, seen) : line.askedAs;
    await store.updateLine(line.id, { ...served, askedAs });
    lines.push({ ...line, ...served, askedAs });
  }
  if (admission.kind === 'user_file') {
    return { admission, device: await noteSeen(store, device, seen, now, admission), lines, handOvers };
  }
  // What one of several says of the phone is that one's alone: another may be the phone.
  if (isOneOfSeveral(admission.lines, facts.lines)) await store.updateDevice(mac, { seenAt: now });
  else await noteSeen(store, device, seen, now, admission);
  return { admission, device: { ...device, ...lines[0]?.askedAs }, lines, handOvers };
}

async function filledPorts(
  needs: Needs,
  { seen }: Asking,
  device: Device,
  lines: readonly Line[],
): Promise<readonly Line[]> {
  const slots = missingPorts(needs, device, lines, seen);
  return addLines(needs.store, device.tenantId, await newDefaultLines(needs, device, slots, lines[0]?.token));
}

async function provisionally(
  needs: Needs,
  asking: Checked,
  facts: AdmissionFacts,
  admission: Admission,
): Promise<Admitted | undefined> {
  const { device, handOvers, now } = facts;
  const { mac, seen } = asking;
  const isNew = admission.kind === 'enrol' || admission.kind === 'offer';
  if (device !== undefined && !isNew) {
    const admitted = admittedBy(admission, facts);
    const settle = async (store: Store): Promise<void> => {
      const inside = { ...needs, store };
      const again = await factsOf(inside, asking);
      const then = decide(again);
      // It has had its answer: a refusal now is none.
      if (then.kind !== 'refuse') await carryOut(inside, asking, again, then);
    };
    const isOnce = admission.kind === 'user_file' && admission.proof === 'inventory';
    return admitted && { ...admitted, settle, isOnce };
  }
  if (!isNew) return undefined;
  const enrolled = newDevice(mac, needs.tenantId, seen, now);
  const meant = device ?? { ...enrolled, number: 0 };
  const fresh = await linesFor(needs, asking, meant, now);
  const settle = async (store: Store): Promise<void> => {
    const inside = await factsOf({ ...needs, store }, asking);
    const again = decide(inside);
    // It may have been moved to another tenant meanwhile, or removed.
    const { tenantId } = inside.device ?? enrolled;
    const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
    const given = fresh.map((line) => ({ ...line, ...credentialIn(tenant, line) }));
    if (inside.device === undefined) return void (await enrolDevice(store, enrolled, given, 'phone'));
    // The device has got a user meanwhile, or too many have asked: what has been given out is worth nothing.
    if (again.kind === 'refuse' || again.kind === 'user_file') return;
    // Also beside a line that the same phone was given meanwhile: it has read this one.
    await addLines(store, tenantId, given);
    await keepTwo(store, inside, seen.address);
    if (again.kind !== 'offer') return;
    for (const { id } of again.insteadOf) await store.removeLine(id);
    await noteOffer(store, inside.device, seen, again);
  };
  return { admission, device: meant, lines: fresh.map((line) => ({ ...line, id: '' })), handOvers, settle };
}

/**
 * Who asks often at once by TFTP gets a line each time: all but the newest two of one address are worth nothing, unless the
 * phone is being told to fetch them.
 */
async function keepTwo(
  store: Store,
  { lines: before, handOvers }: Pick<AdmissionFacts, 'lines' | 'handOvers'>,
  address: string,
): Promise<void> {
  const isAwaited = ({ id }: Line): boolean => handOvers.some(({ state, lineId }) => state === 'open' && lineId === id);
  const isIdle = (line: Line): boolean => line.seenAs === null && line.contact === null && !isAwaited(line);
  const unused = holdingsOf(before).filter(({ lines }) =>
    lines.every((line) => line.address === address && isIdle(line)),
  );
  const madeAt = ({ lines }: Holding): Instant => lines[0]?.createdAt ?? 0;
  for (const { lines } of unused.toSorted((one, other) => madeAt(other) - madeAt(one)).slice(1)) {
    for (const { id } of lines) await store.removeLine(id);
  }
}

/** Default lines for whoever asks. */
async function linesFor(
  needs: Needs,
  { seen }: Asking,
  device: Pick<Device, 'mac' | 'tenantId'>,
  now: Instant,
): Promise<readonly NewLine[]> {
  const askedAs = kindAfter(null, seen);
  const lines = await newDefaultLines(needs, device, emptyPorts([], needs.portsOf(askedAs)));
  return lines.map((line) => ({ ...line, address: seen.address, servedAt: now, askedAs }));
}
