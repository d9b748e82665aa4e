import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { SelfprovError } from '../../domain/errors.ts';

/** A port that a program is going to listen on. */
export interface ListeningPort {
  /** What an administrator calls it, for example `SIP`. */
  readonly name: string;
  readonly protocol: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
}

/** Refuses with `conflict` when another program listens on one of them already. */
export async function checkPortsFree(ports: readonly ListeningPort[]): Promise<void> {
  for (const wanted of ports) {
    const free = await (wanted.protocol === 'udp' ? udpIsFree(wanted) : tcpIsFree(wanted));
    if (free) continue;
    const port = `${wanted.protocol.toUpperCase()} ${wanted.address}:${wanted.port}`;
    throw new SelfprovError('conflict', `The ${wanted.name} port (${port}) cannot be used: choose another one.`);
  }
}

function tcpIsFree(wanted: ListeningPort): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(wanted.port, wanted.address, () => server.close(() => resolve(true)));
  });
}

function udpIsFree(wanted: ListeningPort): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(wanted.address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(wanted.port, wanted.address, () => socket.close(() => resolve(true)));
  });
}
