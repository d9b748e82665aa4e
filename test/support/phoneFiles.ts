import { X509Certificate } from 'node:crypto';
import type { PhoneFamily, PhoneIdentity } from './families/family.ts';
import { fetchAs, type Fetched } from './http.ts';
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
}

export function phoneFiles(phone: {
  readonly family: PhoneFamily;
  readonly identity: PhoneIdentity;
  readonly provisioningUrl: string;
  readonly userAgent: string;
  readonly address: string;
  readonly note: (what: string) => void;
}): PhoneFiles {
  const { family, identity, note } = phone;
  const requests: Fetched[] = [];
  let deliveryUrl = phone.provisioningUrl;
  let settings: Settings = new Map();
  let reading: PhoneReading = { lines: [], keys: [] };
  let authority: string | undefined;

  async function ask(url: string): Promise<Fetched | undefined> {
    const fetched = await fetchAs(phone, url);
    requests.push(fetched);
    note(`GET ${url} ${fetched.status}`);
    return fetched.status === 200 ? fetched : undefined;
  }
  const get = async (url: string): Promise<string | undefined> => (await ask(url))?.body;

  /** PEM or DER, as PEM. */
  async function certificateAt(url: string): Promise<string | undefined> {
    const found = await ask(url);
    return found && new X509Certificate(found.bytes).toString();
  }

  async function fetch(): Promise<void> {
    try {
      const files = await family.boot({ ...identity, deliveryUrl, get });
      settings = new Map([settings, ...files.map((file) => family.reader.parse(file))].flatMap((found) => [...found]));
      reading = family.reader.read(settings);
      deliveryUrl = reading.deliveryUrl ?? deliveryUrl;
      const { authorityUrl } = reading;
      authority = reading.authority ?? (authorityUrl === undefined ? undefined : await certificateAt(authorityUrl));
    } catch (error) {
      note(`its files cannot be had: ${String(error)}`);
    }
  }

  return {
    requests,
    fetch,
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
