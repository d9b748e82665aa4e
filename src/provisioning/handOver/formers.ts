import { hostOf, whereOf } from '../../domain/addresses.ts';
import { isAmongOthers, type Line } from '../../domain/device.ts';
import { formerAfter, type Former, type RefusedFrom } from '../../domain/former.ts';
import type { Step } from '../../domain/journal.ts';
import type { Store } from '../../domain/ports.ts';
import { markOf, standing, type Contact } from '../../domain/registrations.ts';
import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';
import type { PlaceOfLine, Sense, Sensed } from './placeOfLine.ts';

/** Where a request came from that Asterisk has refused, and the Call-ID that it had. */
export interface Refused {
  readonly endpoint: string;
  readonly address: string;
  readonly callId: string;
}

/**
 * What a line has left of its former credential, now that its phone is there: the same as before when nothing follows from that.
 * `all`: the lines of its endpoint.
 */
export function afterProof(
  line: Line,
  place: PlaceOfLine,
  all: readonly Line[],
  heard: Sensed,
  sense: Sense & Pick<Ports, 'now'>,
): Former | null {
  const { former, leftAt } = line;
  const { current, certain } = place;
  if (former === null || current === undefined || !certain) return former;
  const now = sense.now();
  // The administrator's own endpoint may let a registration last longer.
  const left = isAmongOthers(line) ? former : formerAfter(former, { kind: 'registered' }, now);
  const others = all.filter(({ id }) => id !== line.id);
  const at = provenAt(line, { ...place, current }, others, heard, sense);
  if (left === null || at === undefined) return left;
  return formerAfter(left, { kind: 'proven', at, registration: markOf(current), leftAt }, now);
}

/**
 * When it has proven itself last, since we listen; while its old one is withdrawn, by what can be nobody else's. Behind a SIP
 * proxy all phones come from its place, which is no contact's, or that of the contacts of them all.
 */
function provenAt(
  line: Line,
  { current, leftBehind }: PlaceOfLine & { readonly current: Contact },
  others: readonly Line[],
  { places, all }: Sensed,
  { heardAt }: Sense,
): Instant | undefined {
  const own = whereOf(current.uri);
  const isOthers = (contact: Contact): boolean =>
    contact.uri !== current.uri && whereOf(contact.uri) === own && !leftBehind.includes(standing(contact));
  // One that is away comes from there before it has a contact.
  const mayCome = ({ contact, seenAs, address }: Line): boolean =>
    contact === null && (seenAs?.address ?? address) === hostOf(current.uri);
  const isAlone = others.length === 0;
  const isOnly = isAlone && !isAmongOthers(line);
  const mustBeIts = line.former?.withdrawnAt != null && !isOnly;
  if (mustBeIts && (all.some(isOthers) || others.some(mayCome))) return undefined;
  const isProxys = (place: string): boolean => !all.some(({ uri }) => whereOf(uri) === place);
  const proxies = isAlone && !mustBeIts ? places.filter(isProxys) : [];
  const proofs = [own, ...proxies].flatMap((place) =>
    heardAt(place).filter(({ endpoint, isProven }) => endpoint === line.endpoint && isProven),
  );
  return proofs.length === 0 ? undefined : Math.max(...proofs.map(({ at }) => at));
}

/** Its file has arrived whole, inside the caller's transaction: with the password that `given` has. */
export async function noteGiven(store: Store, { id, authName }: Line, now: Instant): Promise<void> {
  const line = await store.line(id);
  if (line?.former == null || line.authName !== authName) return;
  const { contact, seenAs, former } = line;
  const registration = contact === null ? null : markOf({ uri: contact, callId: seenAs?.callId ?? '' });
  await putFormer(store, line, formerAfter(former, { kind: 'fetched', registration }, now));
}

/**
 * A phone that was refused while its former credential is withdrawn has that again, at once; after several refusals, where it
 * is at a place that nobody knows.
 */
export async function noteRefused({ store, now }: Pick<Ports, 'store' | 'now'>, refused: Refused): Promise<void> {
  const after = (line: Line, all: readonly Line[]): Former | null => {
    const from = refusedFrom(line, all, refused);
    return line.former && from ? formerAfter(line.former, { kind: 'refused', from }, now()) : line.former;
  };
  const lines = await store.linesOfEndpoint(refused.endpoint);
  if (lines.every((line) => after(line, lines) === line.former)) return;
  await store.transaction(async (inside) => {
    const all = await inside.linesOfEndpoint(refused.endpoint);
    for (const line of all) await putFormer(inside, line, after(line, all));
  });
}

/** `undefined` where it is another phone that was refused. */
function refusedFrom(line: Line, all: readonly Line[], { address, callId }: Refused): RefusedFrom | undefined {
  const isAt = ({ contact }: Line): boolean => contact !== null && hostOf(contact) === address;
  if (line.address === address) return 'file';
  if (line.seenAs?.callId === callId || isAt(line)) return 'registration';
  const isIts = (other: Line): boolean => other.seenAs?.callId === callId || other.address === address || isAt(other);
  return all.some((other) => other.mac !== line.mac && isIts(other)) ? undefined : 'unknown';
}

/** Those whose trial has not come to an end: the phone is off, or nobody has heard that it is refused. */
export async function endTrials({ store, now }: Pick<Ports, 'store' | 'now'>): Promise<void> {
  const after = ({ former }: Line): Former | null => former && formerAfter(former, { kind: 'time_passed' }, now());
  const isOver = (line: Line): boolean => after(line) !== line.former;
  for (const { id } of (await store.linesWithFormer()).filter(isOver))
    await store.transaction(async (inside) => {
      const line = await inside.line(id);
      if (line !== undefined) await putFormer(inside, line, after(line));
    });
}

/** Writes it down inside the caller's transaction, with what people are to know of it. */
export async function putFormer(store: Store, line: Line, former: Former | null, actor = 'selfprov'): Promise<void> {
  if (former === line.former) return;
  await store.updateLine(line.id, { former });
  const isBack = line.former?.withdrawnAt != null && former?.withdrawnAt === null;
  const step: Step | undefined = former === null ? 'old_password_gone' : isBack ? 'old_password_back' : undefined;
  const device = step === undefined ? undefined : await store.device(line.mac);
  if (step === undefined || device === undefined) return;
  const { mac, userId, endpoint } = line;
  const about = { tenantId: device.tenantId, mac, userId, actor };
  await store.addEvent({ step, ...about, detail: { account: endpoint } });
}
