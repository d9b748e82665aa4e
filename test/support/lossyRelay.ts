import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { seeded } from './random.ts';

export interface LossyRelay {
  readonly port: number;
  /** Datagrams so far, both ways. */
  count(): { readonly passed: number; readonly lost: number };
  close(): Promise<void>;
}

/**
 * Stands before a UDP server on 127.0.0.1 and loses some datagrams both ways. Each port that the server answers from
 * has a port of its own here, as TFTP needs.
 */
export async function lossyRelay(serverPort: number, loss: number, seed: number): Promise<LossyRelay> {
  const random = seeded(seed);
  const sockets: Socket[] = [];
  const counted = { passed: 0, lost: 0 };
  const door = await open((bytes, client) => {
    const known = behind.get(client.port) ?? openBehind(client.port);
    behind.set(client.port, known);
    void known.then((socket) => pass(socket, bytes, serverPort));
  });
  /** Client's port → the socket that the server knows it by. */
  const behind = new Map<number, Promise<Socket>>();

  async function openBehind(clientPort: number): Promise<Socket> {
    /** Server's port → the socket that the client knows it by. */
    const fronts = new Map<number, Promise<Socket>>([[serverPort, Promise.resolve(door)]]);
    const socket = await open((bytes, server) => {
      const known = fronts.get(server.port) ?? open((answer) => pass(socket, answer, server.port));
      fronts.set(server.port, known);
      void known.then((front) => pass(front, bytes, clientPort));
    });
    return socket;
  }

  async function open(onMessage: (bytes: Buffer, from: RemoteInfo) => void): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
    sockets.push(socket);
    socket.on('message', onMessage);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return socket;
  }

  function pass(socket: Socket, bytes: Buffer, port: number): void {
    if (random() < loss) counted.lost += 1;
    else {
      counted.passed += 1;
      socket.send(bytes, port, '127.0.0.1');
    }
  }

  return {
    port: door.address().port,
    count: () => ({ ...counted }),
    async close() {
      await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
    },
  };
}
