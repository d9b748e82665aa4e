/** A SIP request or answer as it came, taken apart (RFC 3261, 7). Nothing of it is trusted. */
export interface SipMessage {
  /** The request line or the status line. */
  readonly startLine: string;
  /** Every value of that header, in order; its compact form counts. */
  all(name: string): readonly string[];
}

const COMPACT: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  o: 'event',
};
/** What must not be in a header: it would be repeated in ours. */
const BROKEN = /\0|\r(?!\n)/;
/** Phones need about 600. */
const LONGEST = 8192;

/** Reads one datagram; `undefined` for what is no SIP message. Bytes become characters one to one (latin1). */
export function parseSip(bytes: Buffer): SipMessage | undefined {
  if (bytes.length > LONGEST) return undefined;
  const [head = ''] = bytes.toString('latin1').split(/\r?\n\r?\n/, 1);
  const [startLine = '', ...lines] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  if (!/^(?:SIP\/2\.0 \d{3}|[A-Z]+ \S+ SIP\/2\.0$)/.test(startLine) || BROKEN.test(head)) return undefined;

  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name === '') continue;
    const full = COMPACT[name] ?? name;
    headers.set(full, [...(headers.get(full) ?? []), line.slice(colon + 1).trim()]);
  }
  return { startLine, all: (name) => headers.get(name) ?? [] };
}

/** The value of a parameter of a header, `;name=value` or `;name="value"`. */
export function parameter(header: string, name: string): string | undefined {
  for (const [, key, quoted, plain] of header.matchAll(/;\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^;\s]*))/g)) {
    if (key?.toLowerCase() === name) return quoted ?? plain;
  }
  return undefined;
}
