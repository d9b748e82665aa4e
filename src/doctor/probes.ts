import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect as connectTcp, isIPv6 } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import type { Duplex } from 'node:stream';

/** Milliseconds that an answer may take. */
const WITHIN_MS = 2000;

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Addresses of a host; empty when nobody knows it. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}

/** First line of what a SIP server answers to OPTIONS (RFC 3261 section 11), whatever that is; `undefined` when nothing comes. */
export async function askSip({ host, port }: Place, transport: 'udp' | 'tcp' | 'tls'): Promise<string | undefined> {
  const [address] = await addressesOf(host);
  if (address === undefined) return undefined;
  const [tag, branch] = [randomBytes(6).toString('hex'), randomBytes(8).toString('hex')];
  const to = `sip:${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const request = [
    `OPTIONS ${to} SIP/2.0`,
    `Via: SIP/2.0/${transport.toUpperCase()} doctor.invalid;rport;branch=z9hG4bK${branch}`,
    'Max-Forwards: 1',
    `From: <sip:selfprov@doctor.invalid>;tag=${tag}`,
    `To: <${to}>`,
    `Call-ID: ${randomBytes(12).toString('hex')}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  const answer =
    transport === 'udp'
      ? await askUdp({ host: address, port }, Buffer.from(request))
      : await askStream(
          // Whom the certificate is for, and who has signed it, is looked at elsewhere.
          transport === 'tls'
            ? connectTls({ host: address, port, rejectUnauthorized: false })
            : connectTcp({ host: address, port }),
          request,
        );
  return /^SIP\/2\.0 \d{3}[^\r\n]*/.exec(answer?.toString('latin1') ?? '')?.[0];
}

/** Whether a TFTP server answers, with whatever: RFC 1350, a read of a file that nobody has. */
export async function askTftp(place: Place): Promise<boolean> {
  const answer = await askUdp(place, Buffer.from('\0\x01selfprov-doctor\0octet\0', 'latin1'));
  return answer !== undefined && answer[0] === 0 && [3, 5, 6].includes(answer[1] ?? 0);
}

/** What a server answers at a URL, its words included; `error`: why nothing came, `isSilent`: though it was waited for to the end. */
export async function askHttp(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  { withinMs = WITHIN_MS, isOurs = false }: { readonly withinMs?: number; readonly isOurs?: boolean } = {},
): Promise<
  { readonly status: number; readonly body: string } | { readonly error: string; readonly isSilent: boolean }
> {
  try {
    const signal = AbortSignal.timeout(withinMs);
    if (isOurs && url.startsWith('https:')) return await askOwn(url, signal);
    const answer = await fetch(url, { headers, redirect: 'manual', signal });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    const { cause, name } = error as Error;
    const isSilent = [name, (cause as Error | undefined)?.name].includes('TimeoutError');
    const code = isSilent ? undefined : ((cause ?? error) as NodeJS.ErrnoException).code;
    return { error: code ?? (isSilent ? `no answer within ${withinMs / 1000} s` : String(error)), isSilent };
  }
}

/** By an address of this machine, which our certificate is seldom for. */
async function askOwn(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }> {
  const request = get(url, { signal, rejectUnauthorized: false });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}

function askUdp({ host, port }: Place, packet: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const end = (answer?: Buffer): void => {
      clearTimeout(limit);
      clearInterval(again);
      socket.close(() => resolve(answer));
    };
    const limit = setTimeout(end, WITHIN_MS);
    const send = (): void => socket.send(packet, port, host, () => undefined);
    // A packet may be lost (RFC 3261 section 17.1.2.2).
    const again = setInterval(send, WITHIN_MS / 4);
    socket.once('message', end);
    socket.once('error', () => end());
    send();
  });
}

function askStream(socket: Duplex, request: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const end = (answer?: Buffer): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(answer);
    };
    const limit = setTimeout(end, WITHIN_MS);
    socket.once('data', end);
    socket.once('error', () => end());
    socket.once('close', () => end());
    socket.write(request);
  });
}
