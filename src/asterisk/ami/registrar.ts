import { z } from 'zod';
import type { Contact, Notification, Registrar } from '../../domain/ports.ts';
import type { Ami } from './ami.ts';

const FAMILY = 'registrar/contact';

/** What Asterisk keeps of a registration, as JSON, in its own database. */
const storedContact = z.object({
  uri: z.string(),
  user_agent: z.string().default(''),
  expiration_time: z.coerce.number(),
});

/**
 * Registrations are read from Asterisk's database and not from its PJSIP objects: there they can be found by AOR among
 * thousands (2 ms among 20,000; PJSIPShowContacts always lists them all), and after the AOR itself has gone.
 */
export function registrar(ami: Pick<Ami, 'action' | 'list'>): Registrar {
  async function contacts(aor: string): Promise<readonly Contact[]> {
    // Asterisk looks for keys with SQL's LIKE, so `%` stands for the hash. LIKE knows no case and takes `_` for any
    // character: what it finds too much is left out below.
    const found = await ami.list({ Action: 'DBGetTree', Family: FAMILY, Key: `${aor};@%` });
    return found
      .flatMap((entry) => readContact(entry['key'], entry['val']) ?? [])
      .filter((contact) => contact.aor === aor);
  }

  return {
    contacts,

    async allContacts() {
      const found = await ami.list({ Action: 'DBGetTree', Family: FAMILY });
      return found.flatMap((entry) => readContact(entry['key'], entry['val']) ?? []);
    },

    async remove(contact) {
      try {
        await ami.action({ Action: 'DBDel', Family: FAMILY, Key: contact.id });
      } catch (error) {
        // Asterisk refuses to delete what is not there, and says so in words only.
        const left = await contacts(contact.aor);
        if (left.some(({ id }) => id === contact.id)) throw error;
      }
    },

    async notify(uri, notification) {
      await ami.action({ Action: 'PJSIPNotify', URI: uri, Variable: notifyVariables(notification) });
    },
  };
}

/** `undefined` for a registration that has run out and is still to be cleared away, and for what is no registration. */
function readContact(key: unknown, value: unknown): Contact | undefined {
  if (typeof key !== 'string' || typeof value !== 'string') return undefined;
  const id = key.slice(`/${FAMILY}/`.length);
  const { uri, user_agent: userAgent, expiration_time: expires } = storedContact.parse(JSON.parse(value));
  const [aor] = id.split(/;@[0-9a-f]{32}$/);
  if (aor === undefined || aor === id || expires * 1000 < Date.now()) return undefined;
  return { aor, uri, id, userAgent, address: hostOf(uri) };
}

/**
 * Asterisk replaces the host of a contact by the address the REGISTER came from (`rewrite_contact`); the Via address, which
 * it keeps too, is only what the phone believes of itself.
 */
export function hostOf(uri: string): string {
  return /^sips?:(?:[^@]*@)?(?:\[([^\]]+)\]|([^:;?>]+))/i.exec(uri)?.slice(1).find(Boolean) ?? '';
}

/**
 * One Variable header, since several would be sorted by asterisk-manager: commas separate, a backslash takes the meaning
 * from what follows. A body is given line by line; Asterisk joins the lines with CR LF.
 */
export function notifyVariables({ event, contentType, body }: Notification): string {
  const escape = (text: string): string => text.replace(/[\\",;()[\]]/g, '\\$&');
  const variables = [`Event=${escape(event)}`];
  if (contentType !== null) variables.push(`Content-Type=${escape(contentType)}`);
  if (body !== null) for (const line of body.split(/\r\n|\r|\n/)) variables.push(`Content=${escape(line)}`);
  return variables.join(',');
}
