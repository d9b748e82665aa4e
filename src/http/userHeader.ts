import { BlockList, isIPv6 } from 'node:net';
import type { Request } from 'express';
import { plainAddress } from '../domain/addresses.ts';
import { SelfprovError } from '../domain/errors.ts';

export interface UserHeader {
  readonly name: string;
  /** Addresses and networks from which it is taken. */
  readonly from: readonly string[];
}

/**
 * Whom the proxy before us says to have signed in; `undefined` where it says nobody. Throws `unauthorized` with the reason `forbidden` when
 * anybody else says so: by the address of the connection, whatever headers say of it.
 */
export function namedBy({ name, from }: UserHeader): (request: Request) => string | undefined {
  const proxies = new BlockList();
  for (const each of from) {
    const [address = '', bits] = each.split('/');
    const kind = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, kind);
    else proxies.addSubnet(address, Number(bits), kind);
  }
  return (request) => {
    const user = request.get(name)?.trim();
    if (user === undefined || user === '') return undefined;
    const peer = plainAddress(request.socket.remoteAddress);
    if (peer !== '' && proxies.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')) return user;
    throw new SelfprovError(
      'unauthorized',
      `this request says who has signed in (${name}), and comes from ${peer}, which is none of SELFPROV_USER_HEADER_FROM`,
      { reason: 'forbidden' },
    );
  };
}
