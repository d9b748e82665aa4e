import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';

/** A port that a program is going to listen on. */
export interface ListeningPort {
  /** The setting that names it, and the one that names its address. */
  readonly setting: string;
  readonly addressSetting: string;
  /** What comes there, for example `SIP`. */
  readonly what: string;
  readonly protocol: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
}

/** Refuses with `conflict` when we cannot listen on one of them, and says of each why, and what to do. */
export async function checkPortsFree(ports: readonly ListeningPort[]): Promise<void> {
  const wrong: string[] = [];
  for (const wanted of ports) {
    const code = await (wanted.protocol === 'udp' ? triedUdp(wanted) : triedTcp(wanted));
    if (code !== undefined) wrong.push(portRefused(wanted, code));
  }
  if (wrong.length > 0) throw new SelfprovError('conflict', [...new Set(wrong)].join('\n'), { reason: 'ports' });
}

/** What an administrator reads of a port that `listen` has refused with this code. */
export function portRefused(
  { setting, addressSetting, what, protocol, address, port }: ListeningPort,
  code: string,
): string {
  const place = `${protocol.toUpperCase()} ${address.includes(':') ? `[${address}]` : address}:${port} (${what})`;
  switch (code) {
    case 'EADDRINUSE': {
      const question = `ss -lnp${protocol === 'udp' ? 'u' : 't'} 'sport = :${port}'`;
      return `${setting}: another program listens on ${place}: end it ("${question}" shows which), or choose another port`;
    }
    case 'EACCES':
      return `${setting}: this user may not listen on ${place}: choose a port from 1024 on, or give the service CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
      return `${addressSetting}: this machine has no address ${address} to listen on: "ip -brief address" shows those that it has`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${addressSetting}: nobody knows the host ${address}: name an address of this machine, or another host`;
    default:
      return `${setting}: cannot listen on ${place}: ${code}`;
  }
}

function triedTcp(wanted: ListeningPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(wanted.port, wanted.address, () => server.close(() => resolve(undefined)));
  });
}

function triedUdp(wanted: ListeningPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(wanted.address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => socket.close(() => resolve(error.code ?? error.message)));
    socket.bind(wanted.port, wanted.address, () => socket.close(() => resolve(undefined)));
  });
}
