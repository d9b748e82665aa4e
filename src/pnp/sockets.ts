import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { SelfprovError } from '../domain/errors.ts';

/**
 * The socket that hears what is sent to the group, and the one that speaks. The first is bound to the group's address:
 * bound to every address it would take Asterisk's calls on the same port. Rejects with `unavailable`.
 */
export async function openSockets(group: string, port: number, address: string): Promise<readonly [Socket, Socket]> {
  const multicast = createSocket({ type: 'udp4', reuseAddr: true });
  const unicast = createSocket({ type: 'udp4' });
  try {
    await bind(multicast, port, group);
    if (isMulticast(group)) multicast.addMembership(group, address);
    await bind(unicast, 0, address);
    return [multicast, unicast];
  } catch (cause) {
    multicast.close();
    unicast.close();
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const hint = reason === 'EADDRINUSE' ? '; a program that listens on every address (0.0.0.0) must name one' : '';
    const message = `cannot listen for plug and play on ${group} port ${port} at ${address}: ${reason}${hint}`;
    throw new SelfprovError('unavailable', message, { cause });
  }
}

async function bind(socket: Socket, port: number, address: string): Promise<void> {
  socket.bind(port, address);
  await once(socket, 'listening');
}

/** 224.0.0.0/4. */
function isMulticast(address: string): boolean {
  return Math.floor(Number(address.split('.', 1)[0]) / 16) === 14;
}
