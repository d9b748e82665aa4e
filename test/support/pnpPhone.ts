import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What differs between phones that look for their provisioning server. */
export interface Spelling {
  readonly address: string;
  readonly port: number;
  readonly method: string;
  /** User part of the request URI, From and To. */
  readonly user: string;
  readonly event: string;
  readonly via: string;
  readonly contact: string;
  readonly callId: string;
}

/** The SUBSCRIBE of a phone. */
export function subscribe(phone: Partial<Spelling> & Pick<Spelling, 'address' | 'port'>): Buffer {
  const { address, port, method = 'SUBSCRIBE', user = 'MAC%3a001565aabbcc' } = phone;
  const event = phone.event ?? 'ua-profile;profile-type="device";vendor="acme";model="A1";version="1.2.3"';
  return Buffer.from(
    [
      `${method} sip:${user}@224.0.1.75 SIP/2.0`,
      `Via: ${phone.via ?? `SIP/2.0/UDP ${address}:${port};branch=z9hG4bK1536537630`}`,
      `From: <sip:${user}@224.0.1.75>;tag=1536537630`,
      `To: <sip:${user}@224.0.1.75>`,
      `Call-ID: ${phone.callId ?? `1536537630@${address}`}`,
      `CSeq: 1 ${method}`,
      `Contact: ${phone.contact ?? `<sip:${user}@${address}:${port}>`}`,
      'Max-Forwards: 70',
      'Expires: 0',
      `Event: ${event}`,
      'Accept: application/url',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
    'latin1',
  );
}

export interface PnpPhone {
  readonly port: number;
  /** Everything that came, in order. */
  readonly got: readonly string[];
  send(bytes: Buffer, to: { readonly address: string; readonly port: number }): void;
  close(): Promise<void>;
}

/** A SIP phone's UDP port, which answers NOTIFY with the given status, or not at all. */
export async function pnpPhone(address: string, status: number | undefined): Promise<PnpPhone> {
  const socket = createSocket('udp4');
  const got: string[] = [];
  socket.on('message', (bytes, from) => {
    const text = bytes.toString('latin1');
    got.push(text);
    if (status !== undefined && text.startsWith('NOTIFY ')) socket.send(answer(text, status), from.port, from.address);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  socket.setMulticastInterface(address);
  return {
    port: socket.address().port,
    got,
    send: (bytes, to) => socket.send(bytes, to.port, to.address),
    close: () => new Promise((done) => socket.close(done)),
  };
}

function answer(request: string, status: number): Buffer {
  const kept = request.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/.test(line));
  return Buffer.from([`SIP/2.0 ${status} Answer`, ...kept, 'Content-Length: 0', '', ''].join('\r\n'), 'latin1');
}
