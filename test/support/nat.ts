import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { freePort } from './freePorts.ts';
import { ownAddress } from '../../src/virtualPhone/loopback.ts';
import type { LineReading } from '../../src/virtualPhone/readers/reading.ts';

/** A router before several phones: they have one address to the outside, and a port each. */
export interface Nat {
  /** The address that all behind it share. */
  readonly address: string;
  /** The line as a phone behind it reaches its server. */
  through(line: LineReading): LineReading;
  /** Has forgotten every port. Each phone gets a new one when it sends next, `swapped`: one that another had before. */
  restart(ports?: 'new' | 'swapped'): Promise<void>;
  close(): Promise<void>;
}

interface Hole {
  readonly socket: Socket;
  readonly inside: string;
}

/**
 * For SIP over UDP; sound goes around it. Its phones take it for their outbound proxy, for want of a route through it, so
 * it hides itself: what makes it one is taken out of what it passes on. Only answers and requests of the server come in.
 */
export async function openNat(): Promise<Nat> {
  const address = ownAddress();
  const insideAddress = ownAddress();
  const door = await bound(insideAddress, await freePort(insideAddress));
  const own = `${insideAddress}:${door.address().port}`;
  let server = { host: '', port: 0 };
  let holes = new Map<string, Promise<Hole>>();
  /** Public ports that a phone shall be given when it sends next. */
  let promised = new Map<string, number>();

  door.on('message', (bytes, from) => {
    const inside = `${from.address}:${from.port}`;
    const known = holes.get(inside) ?? openHole(inside, from);
    holes.set(inside, known);
    const packet = outward(bytes.toString('latin1'));
    void known.then(({ socket }) => socket.send(packet, server.port, server.host));
  });

  async function openHole(inside: string, phone: RemoteInfo): Promise<Hole> {
    const socket = await bound(address, promised.get(inside) ?? (await freePort(address)));
    socket.on('message', (bytes, from) => {
      if (from.port !== server.port) return;
      door.send(inward(bytes.toString('latin1')), phone.port, phone.address);
    });
    return { socket, inside };
  }

  function outward(packet: string): Buffer {
    return Buffer.from(packet.replaceAll(new RegExp(`^Route: *<sip:${own}[^>]*>\r\n`, 'gim'), ''), 'latin1');
  }

  /** What the server calls itself in a dialogue is where the phone sends the rest of it. */
  function inward(packet: string): Buffer {
    return Buffer.from(
      packet.replace(new RegExp(`^(Contact: *<sip:[^>]*?)${server.host}:${server.port}`, 'im'), `$1${own}`),
      'latin1',
    );
  }

  async function shut(): Promise<readonly (Hole & { readonly port: number })[]> {
    const open = (await Promise.all(holes.values())).map((hole) => ({ ...hole, port: hole.socket.address().port }));
    holes = new Map();
    await Promise.all(open.map(({ socket }) => closed(socket)));
    return open;
  }

  return {
    address,
    through(line) {
      server = { host: line.host, port: line.port };
      return { ...line, outboundProxy: own };
    },
    async restart(how = 'new') {
      const had = await shut();
      promised = new Map();
      if (how === 'swapped') {
        had.forEach(({ inside }, i) => promised.set(inside, had[(i + 1) % had.length]?.port ?? 0));
      }
    },
    async close() {
      await shut();
      await closed(door);
    },
  };
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, address);
  // What was sent to a phone that is off comes back as an error of the socket.
  socket.on('error', () => {});
  await once(socket, 'listening');
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
