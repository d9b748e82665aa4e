import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { digestOf, headerOf, md5, okTo } from './sipText.ts';

/** Registers, and answers and keeps whatever Asterisk sends. Knows nothing of calls. */
export interface RegisteringPhone {
  readonly port: number;
  /** Contact URI as the phone itself writes it. */
  readonly contact: string;
  /** Requests received, whole, oldest first. */
  readonly received: readonly string[];
  /** Resolves with the status of the answer to the authenticated REGISTER; `expires` 0 unregisters. */
  register(expires: number): Promise<number>;
  /** Resolves with the status of the answer to the authenticated SUBSCRIBE (RFC 6665); what follows is among the requests. */
  subscribe(number: string, event: string, accept: string): Promise<number>;
  /** The next request that Asterisk sends, or one that it has sent already and nobody has taken. */
  request(): Promise<string>;
  close(): void;
}

export async function registeringPhone(options: {
  /** Of the server: an address, 127.0.0.1 unless given. */
  readonly host?: string;
  readonly sipPort: number;
  /** `sips`: over TLS too, with a contact of that scheme. */
  readonly transport?: 'udp' | 'tcp' | 'tls' | 'sips';
  /** PEM: whose certificates it believes over TLS. */
  readonly authority?: string;
  readonly aor: string;
  readonly authName: string;
  readonly password: string;
  /** Of the phone, over UDP; 127.0.0.1 unless given. */
  readonly address?: string;
  /** Of the phone; any free one unless given. */
  readonly port?: number;
  readonly callId?: string;
  readonly userAgent?: string;
  /** Host and port in its Via; its own unless given. */
  readonly viaHost?: string;
  /** Milliseconds that it waits for an answer to a REGISTER; 3000 unless given. */
  readonly patience?: number;
  /** Its Contact URI, where it is another one than its own address gives. */
  readonly contact?: string;
}): Promise<RegisteringPhone> {
  const { host = '127.0.0.1', sipPort, aor, authName, password, transport = 'udp', address = '127.0.0.1' } = options;
  const { callId = randomUUID(), userAgent = 'Testphone T1 1.2.3' } = options;
  const received: string[] = [];
  let taken = 0;
  let wake: () => void = () => {};
  let answered: (message: string) => void = () => {};
  let send: (message: string) => void;
  let close: () => void;
  let port: number;

  function onMessage(message: string): void {
    if (message.startsWith('SIP/2.0')) return answered(message);
    if (message.trim() === '') return;
    received.push(message);
    send(okTo(message));
    wake();
  }

  if (transport === 'udp') {
    const socket = createSocket('udp4').bind(options.port ?? 0, address);
    await once(socket, 'listening');
    port = socket.address().port;
    // What cannot be sent has no answer.
    socket.on('error', () => {});
    socket.on('message', (data) => onMessage(data.toString()));
    send = (message) => socket.send(message, sipPort, host);
    close = () => socket.close();
  } else {
    const where = { port: sipPort, host };
    const socket = transport === 'tcp' ? connect(where) : connectTls({ ...where, ca: options.authority });
    await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect');
    port = socket.localPort ?? 0;
    socket.on('data', (data) => onMessage(data.toString()));
    socket.on('error', () => {});
    send = (message) => void socket.write(message);
    close = () => socket.destroy();
  }

  const own = `${address}:${port}`;
  const contact = options.contact ?? contactOf(`${aor}@${own}`, transport);
  let cseq = 0;

  interface Asked {
    readonly method: 'REGISTER' | 'SUBSCRIBE';
    readonly uri: string;
    readonly to: string;
    readonly callId: string;
    readonly headers: readonly string[];
  }

  async function ask({ method, uri, to, callId: id, headers }: Asked, authorization = ''): Promise<string> {
    const answer = new Promise<string>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no answer to ${method}`)), options.patience ?? 3000);
      answered = (message) => {
        clearTimeout(limit);
        resolve(message);
      };
    });
    cseq += 1;
    send(
      [
        `${method} ${uri} SIP/2.0`,
        `Via: SIP/2.0/${transport === 'sips' ? 'TLS' : transport.toUpperCase()} ${options.viaHost ?? own};branch=z9hG4bK${randomUUID()};rport`,
        'Max-Forwards: 70',
        `From: <sip:${aor}@${host}>;tag=${md5(id).slice(0, 8)}`,
        `To: <${to}>`,
        `Call-ID: ${id}`,
        `CSeq: ${cseq} ${method}`,
        ...headers,
        `User-Agent: ${userAgent}`,
        ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
    return answer;
  }

  /** Status of the answer to the request with its credential. */
  async function askTwice(asked: Asked): Promise<number> {
    const challenge = headerOf(await ask(asked), 'WWW-Authenticate');
    const answer = await ask(asked, digestOf(challenge, { authName, password }, asked));
    return Number(answer.slice(8, 11));
  }

  const register = (expires: number): Promise<number> =>
    askTwice({
      method: 'REGISTER',
      uri: `sip:${host}:${sipPort}`,
      to: `sip:${aor}@${host}`,
      callId,
      headers: [`Contact: <${contact}>;expires=${expires}`],
    });

  const subscribe = (number: string, event: string, accept: string): Promise<number> =>
    askTwice({
      method: 'SUBSCRIBE',
      uri: `sip:${number}@${host}:${sipPort}`,
      to: `sip:${number}@${host}`,
      callId: randomUUID(),
      headers: [`Contact: <${contact}>`, `Event: ${event}`, `Accept: ${accept}`, 'Expires: 600'],
    });

  async function request(): Promise<string> {
    const limit = AbortSignal.timeout(3000);
    while (received[taken] === undefined) {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        limit.addEventListener('abort', () => reject(new Error('Asterisk sent nothing')), { once: true });
      });
    }
    taken += 1;
    return received[taken - 1] ?? '';
  }

  return { port, contact, received, register, subscribe, request, close };
}

/** Registers as this account for five minutes, and lets it be; the status of the answer. */
export async function registerOnce(account: Parameters<typeof registeringPhone>[0]): Promise<number> {
  const phone = await registeringPhone(account);
  try {
    return await phone.register(300);
  } finally {
    phone.close();
  }
}

function contactOf(where: string, transport: 'udp' | 'tcp' | 'tls' | 'sips'): string {
  if (transport === 'sips') return `sips:${where}`;
  return transport === 'udp' ? `sip:${where}` : `sip:${where};transport=${transport}`;
}
