import { parseMac, type Mac } from '../domain/mac.ts';
import { parameter, parseSip } from './sipMessage.ts';

/** Who asks, as far as the phone says it. */
export interface PnpPhone {
  readonly mac: Mac | null;
  /** As in the Event header; some phones write `OEM` for both. */
  readonly vendor: string | null;
  readonly model: string | null;
  readonly version: string | null;
  readonly userAgent: string | null;
  /** Source address, without port. */
  readonly address: string;
}

/** A SUBSCRIBE for a device's profile (RFC 6080), with what the answers repeat. */
export interface Subscription {
  readonly phone: PnpPhone;
  /** All of them, the topmost first. */
  readonly vias: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: string;
  readonly event: string;
  readonly source: { readonly address: string; readonly port: number };
  /** Where NOTIFY goes and what its request line says; the source unless the Contact can be used. */
  readonly target: { readonly uri: string; readonly port: number };
}

const LONGEST_WORD = 100;
const SIP_PORT = 5060;
const CONTACT = /^sip:(?:[^@\s<>"]{0,128}@)?([0-9.]{7,15})(?::(\d{1,5}))?(?:;[^\s<>"]*)?$/i;

/**
 * Reads the SUBSCRIBE of a phone that looks for its provisioning server; `undefined` for everything else, also for one
 * inside a dialog.
 */
export function parseSubscription(bytes: Buffer, source: Subscription['source']): Subscription | undefined {
  const message = parseSip(bytes);
  const [, uri] = /^SUBSCRIBE (\S+) /.exec(message?.startLine ?? '') ?? [];
  if (message === undefined || uri === undefined) return undefined;
  const [from, to, callId, cseq, event] = ['from', 'to', 'call-id', 'cseq', 'event'].map(
    (name) => message.all(name)[0],
  );
  const vias = message.all('via');
  if (vias.length === 0 || !from || !to || !callId || !cseq || !event) return undefined;
  if (!/^\d{1,10}\s+SUBSCRIBE$/.test(cseq) || parameter(to, 'tag') !== undefined) return undefined;
  if (event.split(';', 1)[0]?.trim().toLowerCase() !== 'ua-profile') return undefined;

  const word = (text: string | undefined): string | null =>
    text === undefined || text === '' ? null : text.slice(0, LONGEST_WORD);
  const phone = {
    mac: [uri, from, to].map(macIn).find((mac) => mac !== undefined) ?? null,
    vendor: word(parameter(event, 'vendor')),
    model: word(parameter(event, 'model')),
    version: word(parameter(event, 'version')),
    userAgent: word(message.all('user-agent')[0]),
    address: source.address,
  };
  return {
    phone,
    vias,
    from,
    to,
    callId,
    cseq,
    event,
    source,
    target: targetOf(message.all('contact')[0] ?? '', source),
  };
}

/** The user part is `MAC` and the address, with `%3a`, `:`, `=` or nothing between. */
function macIn(uri: string): Mac | undefined {
  const [, user = ''] = /sips?:(MAC[^@;>?\s]{12,32})/i.exec(uri) ?? [];
  const [, spelled = ''] = /^MAC(?:%3a|%3d|[:=])?(.+)$/i.exec(user) ?? [];
  return parseMac(spelled.replace(/%3a/gi, ':'));
}

/**
 * NOTIFY always goes to the address that asked, so that nobody can have it sent elsewhere. The Contact tells the port
 * where it names that address; behind a NAT it does not.
 */
function targetOf(contact: string, source: Subscription['source']): Subscription['target'] {
  const [, bracketed] = /<([^<>]*)>/.exec(contact) ?? [];
  const uri = bracketed ?? contact.split(/[;,\s]/, 1)[0] ?? '';
  const [whole, host, port = SIP_PORT] = CONTACT.exec(uri) ?? [];
  if (whole === undefined) return { uri: `sip:${source.address}:${source.port}`, port: source.port };
  const isOwn = host === source.address && Number(port) > 0 && Number(port) < 65_536;
  return { uri: whole, port: isOwn ? Number(port) : source.port };
}
