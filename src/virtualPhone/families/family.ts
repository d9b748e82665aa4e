import type { Reader, Settings } from '../readers/reading.ts';

/** What tells one phone from another in a provisioning request. */
export interface PhoneIdentity {
  /** 12 lower-case digits. */
  readonly mac: string;
  readonly model: string;
}

export interface BootRequest extends PhoneIdentity {
  /** Where the phone was told to fetch from. */
  readonly deliveryUrl: string;
  /** One GET over the network; `undefined` for every answer but 200. Rejects when there is no answer. */
  readonly get: (url: string) => Promise<string | undefined>;
}

/** How the phones of one family behave, as far as a provisioning server can see it. */
export interface PhoneFamily {
  /** The first six digits of MACs of its maker. */
  readonly oui: string;
  /** The model it plays unless told otherwise. */
  readonly model: string;
  readonly reader: Reader;
  userAgent(phone: PhoneIdentity): string;
  /** Asks for its files in the family's order; resolves with those that it obeys, first to last. */
  boot(request: BootRequest): Promise<readonly string[]>;
  /** What the phone does when a NOTIFY with this Event header arrives. */
  onNotify(event: string, settings: Settings): 'reboot' | 'fetch' | 'nothing';
}
