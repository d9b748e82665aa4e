import type { NewLine } from '../../domain/accounts.ts';
import { decide, type Admission, type AdmissionFacts, type Claim } from '../../domain/admission.ts';
import type { Device, Line } from '../../domain/device.ts';
import type { HandOver } from '../../domain/handOver.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';
import { enrolDevice, newDefaultLine, newDevice, type Seen } from './enrolDevice.ts';
import { isNoted, isOfferNoted, kindAfter, noteCrowd, noteOffer, noteSeen, noteTurnedAway } from './noteRequest.ts';

type Needs = Pick<Ports, 'store' | 'secrets' | 'now'> & { readonly tenantId: string };

/** A request for a device's own file. */
export interface Asking {
  readonly mac: Mac;
  readonly claim: Claim;
  readonly seen: Seen & { readonly address: string };
  /**
   * Nobody has shown yet that the source address is its own (TFTP), or nobody wants the file (HEAD): what would have to
   * be written is written when the file has arrived, if ever.
   */
  readonly isProvisional: boolean;
}

/** Who gets a file, and what is in it. */
export interface Admitted {
  readonly admission: Admission;
  readonly device: Device;
  readonly lines: readonly Line[];
  readonly handOver: HandOver | undefined;
  /** Writes what has been put off; see `Asking.isProvisional`. */
  readonly settle?: (store: Store) => Promise<void>;
}

/** Decides about a request and writes what follows from it. `undefined` for a refusal. */
export async function admit(needs: Needs, asking: Asking): Promise<Admitted | undefined> {
  const facts = await factsOf(needs, asking);
  const admission = decide(facts);
  if (asking.isProvisional) return provisionally(needs, asking, facts, admission);
  if (isQuiet(facts, admission, asking)) return admittedBy(admission, facts);
  return needs.store.transaction((store) => decideInside({ ...needs, store }, asking));
}

/** Decides again, where nobody else writes, and writes what follows from it. */
async function decideInside(needs: Needs, asking: Asking): Promise<Admitted | undefined> {
  const facts = await factsOf(needs, asking);
  const admission = decide(facts);
  return isQuiet(facts, admission, asking) ? admittedBy(admission, facts) : carryOut(needs, asking, facts, admission);
}

async function factsOf({ store, now, tenantId }: Needs, { mac, claim }: Asking): Promise<AdmissionFacts> {
  const device = await store.device(mac);
  const tenant = orNotFound(await store.tenant(device?.tenantId ?? tenantId), 'tenant');
  return {
    claim,
    now: now(),
    trustedAddresses: tenant.trustedAddresses,
    device,
    lines: device === undefined ? [] : await store.lines(mac),
    handOver: device === undefined ? undefined : await store.handOver(mac),
  };
}

/** Nothing is to be written: most requests are those of phones that look for changes. */
function isQuiet(facts: AdmissionFacts, admission: Admission, { seen }: Asking): boolean {
  if (admission.kind !== 'user_file' && admission.kind !== 'bootstrap') return false;
  const { device, lines, now } = facts;
  if (device === undefined) return false;
  if (admission.kind === 'bootstrap' && !isOfferNoted(admission.line, seen, now)) return false;
  return (admission.kind === 'bootstrap' && lines.length > 1) || isNoted(device, seen, now);
}

function admittedBy(admission: Admission, { device, lines, handOver }: AdmissionFacts): Admitted | undefined {
  if (device === undefined) return undefined;
  if (admission.kind === 'bootstrap') {
    const { line } = admission;
    return { admission, device: { ...device, ...line.askedAs }, lines: [line], handOver };
  }
  return admission.kind === 'user_file' ? { admission, device, lines, handOver } : undefined;
}

async function carryOut(
  needs: Needs,
  asking: Asking,
  facts: AdmissionFacts,
  admission: Admission,
): Promise<Admitted | undefined> {
  const { store } = needs;
  const { mac, seen } = asking;
  const { device, handOver, now } = facts;
  if (admission.kind === 'refuse') {
    if (device === undefined) return undefined;
    if (admission.why === 'no_proof') await noteTurnedAway(store, device, seen, now);
    else await noteCrowd(store, device, seen, now);
    return undefined;
  }
  if (device === undefined || admission.kind === 'enrol') {
    const enrolled = newDevice(mac, needs.tenantId, seen, now);
    const line = await lineFor(needs, asking, needs.tenantId, now);
    await enrolDevice(store, enrolled, line, 'phone');
    return { admission, device: enrolled, lines: await store.lines(mac), handOver: undefined };
  }
  if (admission.kind === 'user_file') {
    const known = await noteSeen(store, device, seen, now, admission);
    for (const { id } of facts.lines) await store.updateLine(id, { address: seen.address, servedAt: now });
    return { admission, device: known, lines: facts.lines, handOver };
  }
  if (admission.kind === 'bootstrap') {
    const { line } = admission;
    const askedAs = kindAfter(line.askedAs, seen);
    await store.updateLine(line.id, { address: seen.address, servedAt: now, askedAs });
    // What one of several says of the phone is that one's alone: another may be the phone.
    if (facts.lines.length === 1) await noteSeen(store, device, seen, now, admission);
    else await store.updateDevice(mac, { seenAt: now });
    return { admission, device: { ...device, ...askedAs }, lines: [line], handOver };
  }
  const line = await store.addLine(await lineFor(needs, asking, device.tenantId, now));
  if (admission.insteadOf !== null) await store.removeLine(admission.insteadOf.id);
  if (facts.lines.length === 0) await noteSeen(store, device, seen, now, admission);
  await noteOffer(store, device, seen, admission);
  return { admission, device: { ...device, ...line.askedAs }, lines: [line], handOver };
}

async function provisionally(
  needs: Needs,
  asking: Asking,
  facts: AdmissionFacts,
  admission: Admission,
): Promise<Admitted | undefined> {
  const { device, handOver, now } = facts;
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
    return admitted && { ...admitted, settle };
  }
  if (!isNew) return undefined;
  const enrolled = newDevice(mac, needs.tenantId, seen, now);
  const meant = device ?? enrolled;
  const fresh = await lineFor(needs, asking, meant.tenantId, now);
  const settle = async (store: Store): Promise<void> => {
    const inside = await factsOf({ ...needs, store }, asking);
    const again = decide(inside);
    if (inside.device === undefined) return enrolDevice(store, enrolled, fresh, 'phone');
    // The device has got a user meanwhile, or too many have asked: what has been given out is worth nothing.
    if (again.kind === 'refuse' || again.kind === 'user_file') return;
    // Also beside a line that the same phone was given meanwhile: it has read this one.
    await store.addLine(fresh);
    await keepTwo(store, inside.lines, seen.address);
    if (again.kind !== 'offer') return;
    if (again.insteadOf !== null) await store.removeLine(again.insteadOf.id);
    await noteOffer(store, inside.device, seen, again);
  };
  return { admission, device: meant, lines: [{ ...fresh, id: '' }], handOver, settle };
}

/** Who asks often at once by TFTP gets a line each time: all but the newest two of one address are worth nothing. */
async function keepTwo(store: Store, before: readonly Line[], address: string): Promise<void> {
  const unused = before.filter((line) => line.address === address && line.seenAs === null && line.contact === null);
  for (const { id } of unused.toSorted((one, other) => other.createdAt - one.createdAt).slice(1)) {
    await store.removeLine(id);
  }
}

/** A default line for whoever asks. */
async function lineFor(needs: Needs, { mac, seen }: Asking, tenantId: string, now: Instant): Promise<NewLine> {
  const line = await newDefaultLine(needs, mac, tenantId);
  return { ...line, address: seen.address, servedAt: now, askedAs: kindAfter(null, seen) };
}
