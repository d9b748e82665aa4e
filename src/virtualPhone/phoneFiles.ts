import { X509Certificate } from 'node:crypto';
import type { PhoneFamily, PhoneIdentity } from './families/family.ts';
import { fetchAs, type Fetched } from './fetchAs.ts';
import { reasonOf, type FetchHop, type PhoneEvent } from './phoneEvents.ts';
import type { MayAsk } from './phoneTypes.ts';
import type { PhoneReading, Settings } from './readers/reading.ts';

/** What a phone has fetched and knows from it. */
export interface PhoneFiles {
  readonly requests: readonly Fetched[];
  readonly deliveryUrl: string;
  readonly settings: Settings;
  readonly reading: PhoneReading;
  /** PEM: the certificate of the authority that it was told of. */
  readonly authority: string | undefined;
  /**
   * Fetches again what the family fetches and lays it over what is known. A phone whose server does not answer, or answers
   * what it cannot read, goes on with what it has: then only the story tells.
   */
  fetch(): Promise<void>;
  /** The same, but rejects with what kept it from its files. */
  fetchOrFail(): Promise<void>;
  /** As it left the factory. */
  forget(): void;
}

const NOTHING: PhoneReading = { lines: [], keys: [] };

export function phoneFiles(phone: {
  readonly family: PhoneFamily;
  readonly identity: PhoneIdentity;
  readonly provisioningUrl: string;
  readonly userAgent: string;
  readonly address: string;
  readonly note: (happened: PhoneEvent) => void;
  readonly mayAsk?: MayAsk | undefined;
}): PhoneFiles {
  const { family, identity, note } = phone;
  const requests: Fetched[] = [];
  let deliveryUrl = phone.provisioningUrl;
  let settings: Settings = new Map();
  let reading = NOTHING;
  let authority: string | undefined;

  async function ask(url: string): Promise<Fetched | undefined> {
    try {
      await phone.mayAsk?.(new URL(url).hostname);
      const fetched = await fetchAs(phone, url);
      requests.push(fetched);
      note({ event: 'fetched', url, status: fetched.status });
      return fetched.status === 200 ? fetched : undefined;
    } catch (error) {
      note({ event: 'unanswered', url, hop: hopOf(error), reason: reasonOf(error) });
      throw error;
    }
  }
  const get = async (url: string): Promise<string | undefined> => (await ask(url))?.body;

  /** PEM or DER, as PEM. */
  async function certificateAt(url: string): Promise<string | undefined> {
    const found = await ask(url);
    return found && new X509Certificate(found.bytes).toString();
  }

  async function fetchOrFail(): Promise<void> {
    const files = await family.boot({ ...identity, deliveryUrl, get });
    settings = new Map([settings, ...files.map((file) => family.reader.parse(file))].flatMap((found) => [...found]));
    reading = family.reader.read(settings);
    deliveryUrl = reading.deliveryUrl ?? deliveryUrl;
    const { authorityUrl } = reading;
    authority = reading.authority ?? (authorityUrl === undefined ? undefined : await certificateAt(authorityUrl));
  }

  function forget(): void {
    [deliveryUrl, settings, reading, authority] = [phone.provisioningUrl, new Map(), NOTHING, undefined];
  }

  return {
    requests,
    fetch: () =>
      fetchOrFail().catch((error: unknown) =>
        note({ event: 'trouble', reason: `its files cannot be had: ${reasonOf(error)}` }),
      ),
    fetchOrFail,
    forget,
    get deliveryUrl() {
      return deliveryUrl;
    },
    get settings() {
      return settings;
    },
    get reading() {
      return reading;
    },
    get authority() {
      return authority;
    },
  };
}

function hopOf(error: unknown): FetchHop {
  const call = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  if (call === 'getaddrinfo') return 'DNS';
  return call === 'connect' ? 'connect' : 'fetch';
}
