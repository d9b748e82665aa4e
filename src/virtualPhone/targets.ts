import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { isPrivateAddress } from '../domain/addresses.ts';
import { SelfprovError } from '../domain/errors.ts';
import { ownAddress } from './loopback.ts';
import type { MayAsk } from './phoneTypes.ts';

/** What was said about servers that are neither this machine nor in a private network. It takes both. */
export interface Permission {
  readonly isPublic: boolean;
  /** Hosts that whoever asks runs, as the URL or the phone's file names them. */
  readonly run: readonly string[];
}

/**
 * Refuses a host unless every address that its name has is this machine's or a private one, or both were said of it. A phone
 * that is nobody's makes accounts, calls and wrong passwords, and a fleet of them looks like an attack.
 */
export function targetGuard({ isPublic, run }: Permission, addressesOf = resolveHost): MayAsk {
  const seen = new Map<string, Promise<void>>();

  async function check(host: string): Promise<void> {
    const [out] = (await addressesOf(host)).filter((address) => !isNear(address));
    if (out === undefined || (isPublic && run.includes(host))) return;
    throw new SelfprovError(
      'invalid',
      `${host}${out === host ? '' : ` is ${out}, which`} is neither this machine nor in a private network: no phone is played there, ` +
        `unless you say twice that you may: --public-target --i-run ${host}`,
    );
  }

  return (asked) => {
    const host = asked.replace(/^\[(.*)\]$/, '$1');
    const known = seen.get(host) ?? check(host);
    seen.set(host, known);
    known.catch(() => seen.delete(host));
    return known;
  };
}

function isNear(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map((each) => each.address) ?? []);
  return isPrivateAddress(address) || own.includes(address);
}

async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** What phones towards this host have for their own address: on this machine each another one, elsewhere all the same. */
export async function addressesTowards(host: string): Promise<() => string> {
  const { address } = await lookup(host.replace(/^\[(.*)\]$/, '$1'), 4);
  if (address.startsWith('127.')) return ownAddress;
  const socket = createSocket('udp4');
  try {
    socket.connect(9, address);
    await once(socket, 'connect');
    const { address: own } = socket.address();
    return () => own;
  } finally {
    socket.close();
  }
}
