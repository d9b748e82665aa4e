import type { Call } from './call.ts';
import type { FamilyName } from './families/families.ts';
import type { Fetched } from './fetchAs.ts';
import type { PhoneEvent } from './phoneEvents.ts';
import type { LineReading, PhoneReading } from './readers/reading.ts';
import type { SipMessage } from './sipTrace.ts';

export interface PhoneOptions {
  readonly family: FamilyName;
  /** In any spelling. */
  readonly mac: string;
  /** What DHCP or the person at the desk told the phone. */
  readonly provisioningUrl: string;
  readonly model?: string;
  readonly userAgent?: string;
  /**
   * Where its packets come from; an address 127.x.y.z of its own by default. Phones with the same address are phones behind
   * one NAT. A phone whose lines use TCP or TLS must have 127.0.0.1: baresip connects from nowhere else.
   */
  readonly address?: string;
  /** PEM: whom it trusts as it leaves the factory; without one, or one from its files, every server. */
  readonly authority?: string;
  /** The router before it. Behind one, `address` is its private address. */
  readonly nat?: Router;
  readonly habits?: Partial<Habits>;
  /** How keys are sent; by INFO unless told otherwise. */
  readonly keysBy?: KeysBy;
  /** A folder of its own: what it heard in the call that it had last is there, `*-dec.wav`, and stays. */
  readonly recordings?: string;
  /** Told everything as it happens. */
  readonly onEvent?: (happened: PhoneEvent) => void;
  /** Asked before anything is sent to a host, by name or address; what it rejects with is the phone's trouble. */
  readonly mayAsk?: MayAsk;
}

/**
 * As phones do (RFC 4733), with the sound: where a machine is so busy that baresip sends sound late, keys get lost. Or in requests
 * (INFO, RFC 6086), which are sent again.
 */
export type KeysBy = 'rfc4733' | 'info';

export type MayAsk = (host: string) => Promise<void>;

/** What stands between a phone and everybody else. */
export interface Router {
  /** That all behind it share. */
  readonly address: string;
  /** The line as a phone behind it reaches its server. */
  through(line: LineReading): LineReading;
}

/** What the phone does of its own accord. May be changed at any time. */
export interface Habits {
  /** False: a check-sync arrives and nothing follows. */
  obeyCheckSync: boolean;
  /** False: it boots and registers with what it knows, asking for no file. */
  fetch: boolean;
  /** False: it fetches and registers nothing. */
  register: boolean;
  /** Before it registers anew. By default a reboot leaves the old registration standing, anything else unregisters. */
  oldRegistration: 'as a real phone' | 'leave' | 'unregister';
}

/** A NOTIFY as it arrived. */
export interface Notified extends SipMessage {
  /** The Event header. */
  readonly event: string;
  readonly duringCall: boolean;
}

export interface Phone {
  /** 12 lower-case digits. */
  readonly mac: string;
  readonly address: string;
  /** The tone that it sends in every call, hertz: no other phone of this process sends it. */
  readonly tone: number;
  readonly habits: Habits;
  /** Every request for a file, oldest first. */
  readonly requests: readonly Fetched[];
  /** Where it fetches from the next time: what its files said, or what it was told. */
  readonly deliveryUrl: string;
  /** What it has read from its files so far. */
  readonly reading: PhoneReading;
  /** Every SIP message in and out, of every boot. */
  readonly messages: readonly SipMessage[];
  /** What happened, one line each, for the reader of a failure. */
  readonly story: readonly string[];
  /** Each line that it has, with what the registrar said last: `ok`, or its refusal; nothing yet. */
  lineStates(): readonly (LineReading & { readonly state: string | undefined })[];
  /** The call under way. */
  readonly call: Call | undefined;
  /** It starts, or will as soon as its call is over. */
  readonly isBusy: boolean;
  /** Resolves when it stands registered, as that user if given, with the line that it registered. */
  registered(wanted?: { readonly as?: string; readonly limit?: number }): Promise<LineReading>;
  /** Resolves with the answer (`403 Forbidden`) when the registrar has refused it. */
  refused(limit?: number): Promise<string>;
  /** The next NOTIFY that nobody has taken yet. */
  notified(limit?: number): Promise<Notified>;
  dial(number: string): Promise<Call>;
  /** The next incoming call that nobody has taken yet, ringing. */
  rings(limit?: number): Promise<Call>;
  /** Keys pressed in the call under way. */
  press(keys: string): Promise<void>;
  hangUp(): Promise<void>;
  /** Power off and on: the old registration stands, the files are fetched again, a new one is made. */
  reboot(): Promise<void>;
  /** Forgets all that it has read, and starts as it left the factory, with what it was told first. */
  factoryReset(): Promise<void>;
  /** Takes its settings anew, as after a check-sync that does not restart it. */
  fetch(): Promise<void>;
  /** Registers anew with the lines that it has, fetching nothing. */
  registerAgain(): Promise<void>;
  /** Ends its processes; its registration stands, unless it is to say goodbye. */
  close(how?: 'unplug' | 'unregister'): Promise<void>;
}
