import type { Line } from '../../src/domain/device.ts';
import { placeOf } from '../../src/domain/addresses.ts';
import type { Secret } from '../../src/domain/secret.ts';
import type { Chance } from './gates.ts';

/** A network behind one address; `isPublic` when a router translates for all that are in it. */
export interface Site {
  readonly address: string;
  readonly isPublic: boolean;
  /** How many of the router's ports have been given out. */
  ports: number;
}

/** One line of a phone's file. */
export interface Account {
  readonly slot: number;
  readonly endpoint: string;
  readonly authName: string;
  readonly password: string;
  /** `null` on a default line. */
  readonly userId: string | null;
}

/** What a phone has read from its file. */
export interface Config {
  readonly token: Secret;
  /** One at least, by slot. */
  readonly accounts: readonly Account[];
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
  /** All its accounts register from one place; else each from the next port. */
  readonly hasOnePlace: boolean;
  viaAddress: string;
  viaPort: number;
  /** Where its packets come from: the router's port, or its own. */
  port: number;
  starts: number;
  config: Config | null;
  /** Tokens of others that it has read somewhere. */
  readonly read: Secret[];
  /** Tells it to fetch, and it does. */
  obeys: boolean;
  /** When it has last got its file whole, and for the first time since the device changed hands. */
  fetchedAt: number | null;
  firstFetchedAt: number | null;
  /** Accounts that it calls with at this time. */
  readonly inCall: Map<string, number>;
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
  return {
    ...{ name, mac, site, isStranger, agent, viaAddress, viaPort: 5060 },
    hasOnePlace: chance.next() < 0.5,
    port: site.isPublic ? nextPort(site) : 5060,
    starts: 0,
    config: null,
    read: [],
    obeys: true,
    fetchedAt: null,
    firstFetchedAt: null,
    inCall: new Map(),
  };
}

export function addressOf({ site, viaAddress }: Phone): string {
  return site.isPublic ? site.address : viaAddress;
}

/** What Asterisk sees of a phone that registers, or calls, with one of its accounts. */
export function signalling(
  phone: Phone,
  { slot }: Pick<Account, 'slot'>,
): {
  readonly address: string;
  readonly port: number;
  readonly viaAddress: string;
  readonly viaPort: number;
  readonly callId: string;
  readonly userAgent: string;
} {
  const { name, viaAddress, starts, agent, hasOnePlace } = phone;
  const further = hasOnePlace ? 0 : slot - 1;
  const [port, viaPort] = [phone.port + further, phone.viaPort + further];
  return {
    address: addressOf(phone),
    port,
    viaAddress,
    viaPort,
    callId: `${name} ${starts} ${slot}`,
    userAgent: agent,
  };
}

/** The places that its packets come from. */
export function placesOf(phone: Phone): readonly string[] {
  const slots = phone.config?.accounts ?? [{ slot: 1 }];
  return slots.map((account) => placeOf(addressOf(phone), signalling(phone, account).port));
}

/** It has restarted: the Call-ID is new, the port perhaps. */
export function restart(phone: Phone, chance: Chance): void {
  phone.starts += 1;
  if (chance.next() < 0.5) phone.viaPort = 5060 + chance.below(1000);
  if (!phone.site.isPublic) phone.port = phone.viaPort;
  else if (chance.next() < 0.5) phone.port = nextPort(phone.site);
}

/** With room for those of its other accounts behind it. */
function nextPort(site: Site): number {
  return 40_000 + 2 * site.ports++;
}

/** The name of the phone that a registration is of. */
export function nameIn(callId: string): string {
  return callId.split(' ')[0] ?? '';
}

export function configOf(lines: readonly Line[], epoch: number): Config | null {
  const [first] = lines;
  if (first === undefined) return null;
  const accounts = lines.map(({ slot, endpoint, authName, secret, userId }) => {
    return { slot, endpoint, authName, password: secret.reveal(), userId };
  });
  return { token: first.token, accounts, epoch };
}
