import { hostOf, whereOf } from '../../domain/addresses.ts';
import type { Line } from '../../domain/device.ts';
import { formerAfter, type Former } from '../../domain/former.ts';
import type { Step } from '../../domain/journal.ts';
import type { Store } from '../../domain/ports.ts';
import { markOf, type Contact } from '../../domain/registrations.ts';
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
 * `isAlone`: no other line has its endpoint.
 */
export function afterProof(
  { former, endpoint, leftAt }: Line,
  { current, certain }: Pick<PlaceOfLine, 'current' | 'certain'>,
  isAlone: boolean,
  heard: Sensed,
  sense: Sense & Pick<Ports, 'now'>,
): Former | null {
  if (former === null || current === undefined || !certain) return former;
  const at = provenAt(endpoint, current, isAlone, heard, sense);
  if (at === undefined) return former;
  return formerAfter(former, { kind: 'proven', at, registration: markOf(current), leftAt }, sense.now());
}

/** When it was last, since we listen. Behind a SIP proxy all phones come from its place, which is no contact's. */
function provenAt(
  endpoint: string,
  current: Contact,
  isAlone: boolean,
  { places, all }: Sensed,
  { heardAt }: Sense,
): Instant | undefined {
  const proxies = isAlone ? places.filter((place) => !all.some(({ uri }) => whereOf(uri) === place)) : [];
  const proofs = [whereOf(current.uri), ...proxies].flatMap((place) =>
    heardAt(place).filter((proof) => proof.endpoint === endpoint && proof.isProven),
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

/** A phone that was refused while its former credential is withdrawn has that again, at once. */
export async function noteRefused(
  { store, now }: Pick<Ports, 'store' | 'now'>,
  { endpoint, address, callId }: Refused,
): Promise<void> {
  // Whoever guesses passwords at another place changes nothing.
  const isIts = ({ former, contact, address: fetchedFrom, seenAs }: Line): boolean =>
    former !== null &&
    former.withdrawnAt !== null &&
    (seenAs?.callId === callId || fetchedFrom === address || (contact !== null && hostOf(contact) === address));
  if (!(await store.linesOfEndpoint(endpoint)).some(isIts)) return;
  await store.transaction(async (inside) => {
    for (const line of (await inside.linesOfEndpoint(endpoint)).filter(isIts))
      await putFormer(inside, line, line.former && formerAfter(line.former, { kind: 'refused' }, now()));
  });
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
