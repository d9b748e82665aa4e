import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { RawCallOptions } from './rawCall.ts';
import { digestOf, headerOf } from '../../src/virtualPhone/sipText.ts';

/** A text message over raw SIP (RFC 3428); gives the status of its final answer. */
export async function rawMessage(
  options: Pick<RawCallOptions, 'sipPort' | 'user' | 'authName' | 'password' | 'number'>,
): Promise<number> {
  const { sipPort, user, number } = options;
  const socket = createSocket('udp4').bind(0, '127.0.0.1').unref();
  await once(socket, 'listening');
  const uri = `sip:${number}@127.0.0.1:${sipPort}`;
  const callId = randomUUID();

  async function ask(cseq: number, more: readonly string[]): Promise<string> {
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    const request = [
      `MESSAGE ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bK${randomUUID()};rport`,
      'Max-Forwards: 70',
      `From: <sip:${user}@127.0.0.1>;tag=${callId.slice(0, 8)}`,
      `To: <${uri}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} MESSAGE`,
      ...more,
      'Content-Type: text/plain',
      'Content-Length: 2',
      '',
      'hi',
    ];
    socket.send(request.join('\r\n'), sipPort, '127.0.0.1');
    return String((await answered)[0]);
  }

  const challenge = headerOf(await ask(1, []), 'WWW-Authenticate');
  const answer = await ask(2, [`Authorization: ${digestOf(challenge, options, { method: 'MESSAGE', uri })}`]);
  socket.close();
  return Number(answer.slice(8, 11));
}
