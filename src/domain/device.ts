import type { DeviceSettings } from './deviceSettings.ts';
import type { Former } from './former.ts';
import type { Mac } from './mac.ts';
import type { Identity } from './registrations.ts';
import type { Secret } from './secret.ts';
import type { Said } from './settings.ts';
import type { Instant } from './time.ts';

/** `assigned` when one of its lines is a user's; `handing_over` until its phone is back with that one. */
export type DeviceState = 'unassigned' | 'handing_over' | 'assigned';

/** What a request tells of the phone that makes it. */
export interface PhoneKind {
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
}

/** A physical phone or adapter. */
export interface Device {
  readonly mac: Mac;
  readonly tenantId: string;
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Short, for people: spoken on the phone itself, and listed. */
  readonly number: number;
  /** As on its box, in upper case; `null` when nobody has entered it. */
  readonly serial: string | null;
  /** Whose device template it has while no user has it; `null`: as other new phones. */
  readonly profileId: string | null;
  /** An administrator's, for people. */
  readonly note: string;
  /** An administrator has said that it is to be nobody's. */
  readonly isBlocked: boolean;
  /** What is this device's alone. */
  readonly says: Said<DeviceSettings>;
  /** Where the last file was served to. */
  readonly address: string | null;
  readonly seenAt: Instant;
  readonly createdAt: Instant;
  /** When and where somebody without proof last asked for the file of this assigned device; told once an hour. */
  readonly turnedAwayAt: Instant | null;
  readonly turnedAwayFrom: string | null;
  /** When its token was last told to have come from another address. */
  readonly movedAt: Instant | null;
}

/**
 * One registration slot of a device: a user's, or a default line. An adapter has a default line on each port that is
 * nobody's; a phone has one, until a user has it.
 */
export interface Line {
  readonly id: string;
  readonly mac: Mac;
  /** From 1, as on the phone. */
  readonly slot: number;
  /** `null` for a default line. */
  readonly userId: string | null;
  /** PJSIP endpoint and AOR: the user's extension, or the account of this default line alone, which is never used again. */
  readonly endpoint: string;
  /** This line's own name, even when several lines share the endpoint; the digest user name, unless `authUser` is. */
  readonly authName: string;
  /** Of an adopted user whose phones all have one password: the digest user name of them all. */
  readonly authUser: string | null;
  /** What Asterisk asks for the credential by; `null` where it has one of its own. */
  readonly authId: string | null;
  /** Of a default line: what it can be called back by; `null` when there is none to give. */
  readonly number: string | null;
  readonly secret: Secret;
  /** Asterisk's challenge names it; the tenant's, of the user or of a default line's device. */
  readonly realm: string;
  /** RFC 2617 A1 hash of the digest user name, realm and secret: all that Asterisk is told. */
  readonly md5Credential: string;
  /** What it had before its password was changed, as long as that may still be needed. */
  readonly former: Former | null;
  /** In the delivery URL of the file that carries this line: the proof that a later request comes from the device. All lines
   * of one file have the same (`Holding`). */
  readonly token: Secret;
  readonly createdAt: Instant;
  /** Of a default line: what whoever was last given it said to be. Anybody may say anything; the one that calls is it. */
  readonly askedAs: PhoneKind | null;
  /** Where the file with this line was last served to; `null` when it has not been served. */
  readonly address: string | null;
  readonly servedAt: Instant | null;
  /** URI that the device is registered with, as far as we know; `null` when it is not. */
  readonly contact: string | null;
  /** Whether that is beyond doubt: several phones of one user share an AOR. */
  readonly contactCertain: boolean;
  /** URI that it has registered with and was never proven from: it may be anybody's. */
  readonly disbelieved: string | null;
  /** Its other registrations, as they are (`standing`), of when `contact` was known to be the later: there it is not. */
  readonly leftBehind: readonly string[];
  /** Asterisk's lamps and queues know of that registration (`Registrar.announce`). */
  readonly announced: boolean;
  /** When it was last seen that its registration had ended; `null` when it never had. */
  readonly leftAt: Instant | null;
  /** What the device's last registration looked like, kept after its end: by this the next one is recognised. */
  readonly seenAs: Identity | null;
}

/** A file that a device was given last under this name. */
export interface GivenFile {
  readonly mac: Mac;
  /** As in `family.yaml`. */
  readonly name: string;
  readonly family: string;
  /** Tells another file, were it by a secret alone; nobody can tell a secret from it. */
  readonly digest: string;
  /** When it was given first. */
  readonly at: Instant;
  /** The text with a mask in the place of each secret, as `packText` has it. */
  readonly packed: string;
}

/** A line that is nobody's: the only kind a bootstrap view has a place for. */
export type DefaultLine = Line & { readonly userId: null };

export function isDefaultLine(line: Line): line is DefaultLine {
  return line.userId === null;
}

/** What Asterisk has its credentials by: the one in its file, and the one that its phone may still have. */
export function authIdsOf({ authId, former }: Pick<Line, 'authId' | 'former'>): readonly string[] {
  return [
    ...(authId === null ? [] : [authId]),
    ...(former === null || former.withdrawnAt !== null ? [] : [former.authId]),
  ];
}

/** Whether phones that are not ours register as the same endpoint: it is the administrator's own. */
export function isAmongOthers({ authId, authName }: Pick<Line, 'authId' | 'authName'>): boolean {
  return authId !== authName;
}

/**
 * What one token stands for: the lines of one file.
 *
 * A device without a user may have several: each address that asks for its file gets one of its own, so nobody can take
 * away another's. The one with the line that calls becomes the users'; the others end then.
 */
export interface Holding {
  readonly token: Secret;
  /** By slot; there is one at least. */
  readonly lines: readonly Line[];
}

/** In the order of their first lines. */
export function holdingsOf(lines: readonly Line[]): readonly Holding[] {
  const [only] = lines;
  if (only !== undefined && lines.length === 1) return [{ token: only.token, lines }];
  const all = new Map<string, Line[]>();
  for (const line of lines) all.set(line.token.reveal(), [...(all.get(line.token.reveal()) ?? []), line]);
  return [...all.values()].flatMap((its) => {
    const bySlot = its.toSorted((one, other) => one.slot - other.slot);
    return bySlot[0] === undefined ? [] : [{ token: bySlot[0].token, lines: bySlot }];
  });
}

export function holdingOf(lines: readonly Line[], line: Pick<Line, 'token'>): Holding {
  const its = lines.filter(({ token }) => token.reveal() === line.token.reveal());
  return { token: line.token, lines: its };
}

/** The one that a user has a line in; a device has one at most. */
export function usersHolding(lines: readonly Line[]): Holding | undefined {
  const line = lines.find((each) => !isDefaultLine(each));
  return line && holdingOf(lines, line);
}

/** Ports of a holding that have no line yet. */
export function emptyPorts(lines: readonly Line[], ports: number): readonly number[] {
  const slots = Array.from({ length: ports }, (_, at) => at + 1);
  return slots.filter((slot) => !lines.some((line) => line.slot === slot));
}
