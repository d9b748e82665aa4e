import { parameter } from './sipMessage.ts';
import type { Subscription } from './subscription.ts';

/** What one exchange with one phone is known by on our side. */
export interface Ours {
  readonly address: string;
  readonly port: number;
  readonly tag: string;
  /** Names the NOTIFY: its answer brings it back (RFC 3261, 17.1.3). */
  readonly branch: string;
}

/** 200 to the SUBSCRIBE. */
export function okTo({ vias, from, to, callId, cseq, source }: Subscription, ours: Ours): Buffer {
  const [top = '', ...others] = vias;
  return message([
    'SIP/2.0 200 OK',
    `Via: ${withSource(top, source)}`,
    ...others.map((via) => `Via: ${via}`),
    `From: ${from}`,
    `To: ${to};tag=${ours.tag}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    `Contact: <sip:${ours.address}:${ours.port}>`,
    'Expires: 0',
  ]);
}

/** NOTIFY in the dialog of the SUBSCRIBE, which it ends; the body is the URL and nothing else. */
export function notifyOf({ from, to, callId, event, target }: Subscription, ours: Ours, url: string): Buffer {
  return message(
    [
      `NOTIFY ${target.uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ours.address}:${ours.port};branch=${ours.branch};rport`,
      'Max-Forwards: 70',
      `From: ${to};tag=${ours.tag}`,
      `To: ${from}`,
      `Call-ID: ${callId}`,
      'CSeq: 1 NOTIFY',
      `Contact: <sip:${ours.address}:${ours.port}>`,
      `Event: ${event}`,
      'Subscription-State: terminated;reason=timeout',
      'Content-Type: application/url',
    ],
    url,
  );
}

/** Where the answer goes: to the source, by the port in the Via unless it asks for the source's (RFC 3581). */
export function answerPort({ vias, source }: Subscription): number {
  const [top = ''] = vias;
  const port = Number(/^SIP\s*\/\s*2\.0\s*\/\s*UDP\s+[^\s;,:]+:(\d{1,5})(?!\d)/i.exec(top)?.[1] ?? 5060);
  return asksForSource(top) || port === 0 || port > 65_535 ? source.port : port;
}

function asksForSource(via: string): boolean {
  return /;\s*rport\b/i.test(via);
}

/** RFC 3261, 18.2.1 and RFC 3581: tells the sender what it looks like from here. Several may stand in one header. */
function withSource(via: string, { address, port }: Subscription['source']): string {
  const [first = '', ...others] = via.split(',');
  const named = first.replace(/;\s*rport(?=\s*(?:;|$))/i, `;rport=${port}`);
  const received = parameter(named, 'received') === undefined ? `${named.trimEnd()};received=${address}` : named;
  return [received, ...others].join(',');
}

function message(lines: readonly string[], body = ''): Buffer {
  const content = Buffer.from(body);
  const head = [...lines, `Content-Length: ${content.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), content]);
}
