import { createHash } from 'node:crypto';
import { z } from 'zod';
import { atAsterisk, hostOf, isOverTls, uriOf, usualPort, type AsteriskName } from '../../domain/addresses.ts';
import { isRefusal } from '../../domain/errors.ts';
import type { Notification, Registrar } from '../../domain/ports.ts';
import type { Contact } from '../../domain/registrations.ts';
import type { Ami } from '../ami/ami.ts';
import type { Ari } from '../ari/ari.ts';
import { authsOf } from '../ari/endpointFacts.ts';

const FAMILY = 'registrar/contact';

/** What Asterisk keeps of a registration, as JSON, in its own database. */
const storedContact = z.object({
  uri: z.string(),
  user_agent: z.string().default(''),
  expiration_time: z.coerce.number(),
  via_addr: z.string().default(''),
  via_port: z.coerce.number().catch(0),
  call_id: z.string().default(''),
});

/**
 * Registrations are read from Asterisk's database over AMI and not from its PJSIP objects: there they can be found by AOR
 * among thousands (2 ms among 20,000; PJSIPShowContacts always lists them all), and after the AOR itself has gone. They
 * are changed as PJSIP's objects over ARI: what changes in the database alone, PJSIP's device states never hear of.
 */
export function registrar({
  name,
  ami,
  ari,
}: {
  readonly name: AsteriskName;
  readonly ami: Pick<Ami, 'action' | 'list'>;
  readonly ari: Pick<Ari, 'sipObject' | 'changeSipObject' | 'removeSipObject'>;
}): Registrar {
  // Asterisk looks for keys with SQL's LIKE, so `%` stands for the hash. LIKE knows no case and takes `_` for any
  // character: who asks leaves out what it finds too much.
  async function like(key?: string): Promise<readonly Contact[]> {
    const found = await ami.list({ Action: 'DBGetTree', Family: FAMILY, ...(key === undefined ? {} : { Key: key }) });
    return found.flatMap((entry) => readContact(name, entry['key'], entry['val']) ?? []);
  }

  const contacts = async (aor: string): Promise<readonly Contact[]> =>
    (await like(`${aor};@%`)).filter((contact) => contact.aor === aor);

  async function isThere({ aor, id, callId }: Contact): Promise<boolean> {
    return (await contacts(aor)).some((contact) => contact.id === id && contact.callId === callId);
  }

  return {
    asterisks: [name],
    // When it is, all methods reject.
    away: () => [],

    contacts,

    allContacts: () => like(),

    async contactsAt(contact) {
      // The hash in the key is the MD5 of the URI.
      const found = await like(`%;@${createHash('md5').update(uriOf(contact)).digest('hex')}`);
      return found.filter(({ uri }) => uri === contact);
    },

    async remove(contact) {
      if (await isThere(contact)) await ari.removeSipObject('contact', contact.id);
    },

    async notify(contact, notification) {
      await ami.action({ Action: 'PJSIPNotify', URI: uriOf(contact), Variable: notifyVariables(notification) });
    },

    authsOf: (endpoint) => authsOf(ari, endpoint),

    async announce(contact) {
      // PJSIP takes an AOR that it did not know at its start into its list when a contact comes that is to be asked with
      // OPTIONS. The AOR says not to: none is ever sent.
      try {
        for (const frequency of ['5', '0']) {
          await ari.changeSipObject('contact', contact.id, { qualify_frequency: frequency });
        }
        return true;
      } catch (error) {
        if (!isRefusal(error, 'invalid') || (await isThere(contact))) throw error;
        return false;
      }
    },

    async forget({ kind, name: id }) {
      try {
        await ami.action({ Action: 'SorceryMemoryCacheExpireObject', Cache: `res_pjsip/${kind}`, Object: id });
      } catch (error) {
        // It has no such object, or no such cache.
        if (!isRefusal(error, 'invalid')) throw error;
      }
    },
  };
}

/** `undefined` for a registration that has run out and is still to be cleared away, and for what is no registration. */
function readContact(name: AsteriskName, key: unknown, value: unknown): Contact | undefined {
  if (typeof key !== 'string' || typeof value !== 'string') return undefined;
  const id = key.slice(`/${FAMILY}/`.length);
  const stored = storedOf(value);
  if (stored === undefined) return undefined;
  const { uri, user_agent: userAgent, expiration_time: expires } = stored;
  const [aor] = id.split(/;@[0-9a-f]{32}$/);
  if (aor === undefined || aor === id || expires * 1000 < Date.now()) return undefined;
  return {
    aor,
    uri: atAsterisk(name, uri),
    id,
    userAgent,
    // Asterisk replaces the host of a contact by the address the REGISTER came from (`rewrite_contact`).
    address: hostOf(uri),
    viaAddress: stored.via_addr,
    // 0 when the phone has not written one.
    viaPort: stored.via_port || usualPort(isOverTls(uri)),
    callId: stored.call_id,
    expiresAt: expires * 1000,
  };
}

/** `undefined` for one that Asterisk could not write down as text: who registers writes what it likes. */
function storedOf(value: string): z.infer<typeof storedContact> | undefined {
  try {
    return storedContact.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
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
