import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the kernel's own range (32768 on), so that no outgoing connection takes a port between the choice and its use. */
let [first, last] = [20_000, 29_999];
let next = somewhere();

/** From now on ports are taken from these. Each of several processes has its own. */
export function takePortsBetween(lowest: number, highest: number): void {
  [first, last] = [lowest, highest];
  next = somewhere();
}

function somewhere(): number {
  return first + Math.floor(Math.random() * (last - first));
}

/** So many neighbouring ports, free for TCP and for UDP on that address. This process is given no port twice. */
export async function freePorts(count: number, address = '127.0.0.1'): Promise<readonly number[]> {
  for (let tries = last - first; tries > 0; tries -= count) {
    const start = next + count - 1 > last ? first : next;
    next = start + count;
    const ports = Array.from({ length: count }, (_, index) => start + index);
    const free = await Promise.all(ports.map((port) => isFree(port, address)));
    if (free.every(Boolean)) return ports;
  }
  throw new Error(`no ${count} free ports between ${first} and ${last}`);
}

export async function freePort(address = '127.0.0.1'): Promise<number> {
  const [port = 0] = await freePorts(1, address);
  return port;
}

async function isFree(port: number, address: string): Promise<boolean> {
  return (await tcpIsFree(port, address)) && (await udpIsFree(port, address));
}

function tcpIsFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

function udpIsFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
