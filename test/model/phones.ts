import type { Line } from '../../src/domain/device.ts';
import type { Secret } from '../../src/domain/secret.ts';
import type { Chance } from './gates.ts';

/** A network behind one address; `isPublic` when a router translates for all that are in it. */
export interface Site {
  readonly address: string;
  readonly isPublic: boolean;
  ports: number;
}

/** What a phone has read from its file. */
export interface Config {
  readonly user: string;
  readonly authName: string;
  readonly password: string;
  readonly token: Secret;
  readonly isUsers: boolean;
  /** How often the device had changed hands when it was fetched. */
  readonly epoch: number;
}

/** Anything that asks for the file of a MAC: the phone itself, another one, or somebody who pretends. */
export interface Phone {
  readonly name: string;
  readonly mac: string;
  readonly site: Site;
  readonly isStranger: boolean;
  readonly agent: string;
  viaAddress: string;
  viaPort: number;
  /** Where its packets come from: the router's port, or its own. */
  port: number;
  callId: string;
  starts: number;
  config: Config | null;
  /** Tokens of others that it has read somewhere. */
  readonly read: Secret[];
  /** Tells it to fetch, and it does. */
  obeys: boolean;
  /** When it has last got its file whole, and for the first time as this user's. */
  fetchedAt: number | null;
  firstFetchedAt: number | null;
  inCall: boolean;
}

export function makePhone(
  name: string,
  mac: string,
  site: Site,
  index: number,
  chance: Chance,
  isStranger: boolean,
): Phone {
  const viaAddress = site.isPublic ? `192.168.1.${10 + index}` : site.address;
  const agent = chance.next() < 0.3 && !isStranger ? `Phone 1.0 ${mac}` : 'Phone 1.0';
  const viaPort = 5060;
  const phone: Phone = {
    ...{ name, mac, site, isStranger, agent, viaAddress, viaPort },
    port: site.isPublic ? 40_000 + site.ports++ : 5060,
    callId: `${name} 0`,
    starts: 0,
    config: null,
    read: [],
    obeys: true,
    fetchedAt: null,
    firstFetchedAt: null,
    inCall: false,
  };
  return phone;
}

export function addressOf({ site, viaAddress }: Phone): string {
  return site.isPublic ? site.address : viaAddress;
}

/** It has restarted: the Call-ID is new, the port perhaps. */
export function restart(phone: Phone, chance: Chance): void {
  phone.callId = `${phone.name} ${++phone.starts}`;
  if (chance.next() < 0.5) phone.viaPort = 5060 + chance.below(1000);
  if (!phone.site.isPublic) phone.port = phone.viaPort;
  else if (chance.next() < 0.5) phone.port = 40_000 + phone.site.ports++;
}

/** The name of the phone that a registration is of. */
export function nameIn(callId: string): string {
  return callId.split(' ')[0] ?? '';
}

export function configOf([line]: readonly Line[], epoch: number): Config | null {
  if (line === undefined) return null;
  const { endpoint, authName, secret, token, userId } = line;
  return { user: endpoint, authName, password: secret.reveal(), token, isUsers: userId !== null, epoch };
}
