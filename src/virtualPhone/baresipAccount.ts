import type { KeysBy } from './phoneTypes.ts';
import type { LineReading } from './readers/reading.ts';

/** The line's address of record, as baresip names its account. */
export function aor(line: LineReading): string {
  return `sip:${line.user}@${line.host}:${line.port}`;
}

/** What is dialled to reach a number from this line. */
export function dialUri(line: LineReading, number: string): string {
  return `sip:${encodeURIComponent(number)}@${line.host}:${line.port}`;
}

/**
 * The line as baresip's `uanew` takes it. Refuses what baresip cannot express rather than registering something else; only the
 * name is left out beside an outbound proxy over TCP or TLS.
 */
export function account(line: LineReading, address: string, keysBy: KeysBy = 'info'): string {
  const awkward = [line.user, line.authUser, line.password, line.host].find((value) => /[\s;"<>?]/.test(value));
  if (awkward !== undefined) throw new Error(`baresip cannot register with ${JSON.stringify(awkward)}`);
  if (['tcp', 'tls'].includes(line.transport) && address.startsWith('127.') && address !== '127.0.0.1')
    throw new Error(`the line uses ${line.transport.toUpperCase()}: such a phone must have the address 127.0.0.1`);
  const proxy = outbound(line);
  const name = proxy.includes('"') ? '' : `"${line.displayName.replaceAll(/["\\]/g, '\\$&')}" `;
  return (
    `${name}<${aor(line)};transport=${transport(line)}>;auth_user=${line.authUser};auth_pass=${line.password}` +
    `;regint=${line.expires};audio_codecs=PCMU,PCMA${KEYS[keysBy]};answermode=manual${MEDIA[line.srtp]}${proxy}`
  );
}

/** Of an account. */
export const KEYS = { rfc4733: ';dtmfmode=rtpevent', info: ';dtmfmode=info' } as const satisfies Record<KeysBy, string>;

/** Where a phone would offer SRTP besides, this one does without. */
const MEDIA = { off: '', offered: '', required: ';mediaenc=srtp-mand' } as const;

/** baresip reads a quoted parameter wrongly after a quoted name, and takes a transport only in quotes. */
function outbound(line: LineReading): string {
  if (line.outboundProxy === undefined) return '';
  const server = `sip:${line.outboundProxy}`;
  return transport(line) === 'udp' ? `;outbound=${server}` : `;outbound="${server};transport=${transport(line)}"`;
}

function transport(line: LineReading): string {
  return line.transport === 'dns' ? 'udp' : line.transport;
}
