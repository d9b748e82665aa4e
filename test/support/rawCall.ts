import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { KEY_TIME } from '../../src/virtualPhone/call.ts';
import { digestOf, headerOf, okTo } from '../../src/virtualPhone/sipText.ts';
import { waitFor } from './wait.ts';

export interface RawCallOptions {
  readonly sipPort: number;
  readonly user: string;
  readonly authName: string;
  readonly password: string;
  readonly number: string;
  /** Where the caller is; 127.0.0.1 unless given. */
  readonly address?: string;
  /** What no user agent would write of itself. */
  readonly contact?: string;
  readonly recordRoute?: string;
  /** The `m=` line of its offer and what belongs to it; sound that goes nowhere, unencrypted, unless given. */
  readonly media?: readonly string[];
}

/** A call over raw SIP that says nothing and may write whatever it likes into its INVITE. */
export interface RawCall {
  /** Of the final answer. */
  readonly status: number;
  readonly took: number;
  /** What Asterisk has sent into the call. */
  readonly received: readonly string[];
  /** One key after the other, as SIP INFO. */
  press(keys: string): Promise<void>;
  hangUp(): Promise<void>;
  close(): void;
}

export async function rawCall(options: RawCallOptions): Promise<RawCall> {
  const { sipPort, user, number, address = '127.0.0.1' } = options;
  // A test that fails before it hangs up must not keep the process.
  const socket = createSocket('udp4').bind(0, address).unref();
  await once(socket, 'listening');
  const { port } = socket.address();
  const [callId, tag] = [randomUUID(), randomUUID().slice(0, 8)];
  const uri = `sip:${number}@127.0.0.1:${sipPort}`;
  const answers: string[] = [];
  const received: string[] = [];
  let to = `<${uri}>`;
  let target = uri;
  let cseq = 0;

  const send = (message: string): void => socket.send(message, sipPort, '127.0.0.1');
  socket.on('message', (data) => {
    const message = data.toString();
    if (message.startsWith('SIP/2.0')) return void answers.push(message);
    if (message.trim() === '') return;
    received.push(message);
    send(okTo(message));
  });

  function write(method: string, number: number, branch: string, more: readonly string[], body = ''): void {
    send(
      [
        `${method} ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${address}:${port};branch=${branch};rport`,
        ...(options.recordRoute === undefined || method !== 'INVITE' ? [] : [`Record-Route: ${options.recordRoute}`]),
        'Max-Forwards: 70',
        `From: <sip:${user}@127.0.0.1>;tag=${tag}`,
        `To: ${to}`,
        `Call-ID: ${callId}`,
        `CSeq: ${number} ${method}`,
        `Contact: <${options.contact ?? `sip:${user}@${address}:${port}`}>`,
        ...more,
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  }

  /** The final answer; an INVITE's is acknowledged. */
  async function ask(method: string, more: readonly string[], body?: string): Promise<string> {
    cseq += 1;
    const mine = cseq;
    const branch = `z9hG4bK${randomUUID()}`;
    write(method, mine, branch, more, body);
    const final = await waitFor(
      () =>
        answers.find(
          (answer) => headerOf(answer, 'CSeq') === `${mine} ${method}` && Number(answer.slice(8, 11)) >= 200,
        ),
      { what: `an answer to ${method}` },
    );
    if (method !== 'INVITE') return final;
    const accepted = final.startsWith('SIP/2.0 200');
    to = headerOf(final, 'To');
    if (accepted) target = /<([^>]+)>/.exec(headerOf(final, 'Contact'))?.[1] ?? target;
    write('ACK', mine, accepted ? `z9hG4bK${randomUUID()}` : branch, []);
    if (!accepted) to = `<${uri}>`;
    return final;
  }

  const { media: offered = ['m=audio 9 RTP/AVP 0 8'] } = options;
  const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...offered, ''];
  const media = 'Content-Type: application/sdp';
  const began = performance.now();
  const challenge = headerOf(await ask('INVITE', [media], sdp.join('\r\n')), 'WWW-Authenticate');
  const authorization = digestOf(challenge, options, { method: 'INVITE', uri });
  const answer = await ask('INVITE', [media, `Authorization: ${authorization}`], sdp.join('\r\n'));

  return {
    status: Number(answer.slice(8, 11)),
    took: performance.now() - began,
    received,
    async press(keys) {
      for (const key of keys) {
        const answer = await ask('INFO', ['Content-Type: application/dtmf-relay'], `Signal=${key}\r\nDuration=100\r\n`);
        if (!answer.startsWith('SIP/2.0 200')) throw new Error(`the key ${key} is not taken: ${answer}`);
        // Asterisk takes keys that come faster for one long key.
        await pause(KEY_TIME);
      }
    },
    async hangUp() {
      await ask('BYE', []);
      socket.close();
    },
    close: () => socket.close(),
  };
}
