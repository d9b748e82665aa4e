import { createSocket, type RemoteInfo } from 'node:dgram';

/** What a transfer gave, and what it took. */
export interface TftpFetched {
  readonly body: Buffer;
  /** What the server confirmed. */
  readonly options: Readonly<Record<string, string>>;
  /** Data packets, the repeated ones too. */
  readonly packets: number;
}

export interface TftpAsk {
  /** An IPv4 address; 127.0.0.1 unless given. */
  readonly host?: string;
  readonly port: number;
  readonly name: string;
  readonly mode?: string;
  readonly options?: Readonly<Record<string, string | number>>;
  /** Milliseconds until it says its last word again. */
  readonly repeatAfter?: number;
  /** Says everything twice. */
  readonly twice?: boolean;
  /** Where it asks from. */
  readonly address?: string;
}

const ADDRESS = '127.0.0.1';

/** The first packet of a client that reads. */
export function readRequest({ name, mode = 'octet', options = {} }: Omit<TftpAsk, 'host' | 'port'>): Buffer {
  return Buffer.from(`\0\u0001${[name, mode, ...Object.entries(options).flat()].join('\0')}\0`);
}

export function ack(block: number): Buffer {
  return Buffer.from([0, 4, block >> 8, block & 255]);
}

/**
 * Reads a file as RFC 1350, 2347, 2348 and 7440 tell a client to. Shares no code with the server. Rejects with what the
 * server said when it refuses, and when it does not answer 20 times.
 */
export function tftpGet(ask: TftpAsk): Promise<TftpFetched> {
  const { host = ADDRESS, repeatAfter = 1000, options: asked = {} } = ask;
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
    const bodies: Buffer[] = [];
    let options: Readonly<Record<string, string>> = {};
    let server: RemoteInfo | undefined;
    let block = 0;
    let sinceAck = 0;
    let packets = 0;
    let said = readRequest(ask);
    let patience = 20;
    let waiting: NodeJS.Timeout | undefined;

    function say(bytes: Buffer): void {
      said = bytes;
      sinceAck = 0;
      for (let times = ask.twice === true ? 2 : 1; times > 0; times--)
        socket.send(bytes, server?.port ?? ask.port, host);
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        patience -= 1;
        if (patience === 0) end(() => reject(new Error(`no answer after block ${block}`)));
        else say(said);
      }, repeatAfter);
    }

    function end(settle: () => void): void {
      clearTimeout(waiting);
      socket.close(settle);
    }

    function onData(number: number, body: Buffer): void {
      packets += 1;
      if (number !== ((block + 1) & 0xffff)) return say(ack(block & 0xffff));
      patience = 20;
      bodies.push(body);
      block += 1;
      sinceAck += 1;
      const isLast = body.length < Number(options['blksize'] ?? 512);
      if (isLast) return finish();
      if (sinceAck >= Number(options['windowsize'] ?? 1)) say(ack(block & 0xffff));
    }

    function finish(): void {
      const done = (): void => end(() => resolve({ body: Buffer.concat(bodies), options, packets }));
      socket.send(ack(block & 0xffff), server?.port ?? 0, host, done);
    }

    socket.on('error', (error) => end(() => reject(error)));
    socket.on('message', (bytes, from) => {
      server ??= from;
      if (from.port !== server.port) return;
      const [kind, number, rest] = [bytes.readUInt16BE(0), bytes.readUInt16BE(2), bytes.subarray(4)];
      if (kind === 3) return onData(number, rest);
      if (kind === 5) return end(() => reject(new Error(`${number} ${rest.toString().replace('\0', '')}`)));
      if (kind !== 6 || block > 0) return;
      const words = bytes.toString('utf8', 2).split('\0');
      options = Object.fromEntries(
        Object.keys(asked).flatMap((name) => {
          const at = words.indexOf(name);
          return at < 0 ? [] : [[name, words[at + 1] ?? '']];
        }),
      );
      say(ack(0));
    });
    socket.bind(0, ask.address ?? ADDRESS, () => say(said));
  });
}
