import { addTenant, changeTenant } from '../../src/administration/tenants.ts';
import type { User } from '../../src/domain/user.ts';
import { aUser } from '../support/aUser.ts';
import type { TestCore } from '../support/core.ts';
import type { Chance } from './gates.ts';
import { makePhone, type Phone, type Site } from './phones.ts';

export const TENANTS = ['default', 'other'] as const;

/** Who takes part in a story. */
export interface Cast {
  /** One of these may have been removed. */
  readonly users: User[];
  readonly phones: readonly Phone[];
  /** They know a MAC that is not theirs. */
  readonly strangers: readonly Phone[];
  readonly everybody: readonly Phone[];
  readonly macs: readonly string[];
  /** Of the device with this MAC. */
  portsOf(mac: string): number;
}

let stories = 0;

export async function makeCast(core: TestCore, chance: Chance): Promise<Cast> {
  const number = ++stories;
  const id = number.toString(16).padStart(7, '0');
  if ((await core.store.tenant('other')) === undefined) await addTenant(core, { id: 'other', realm: 'other.example' });
  await changeTenant(core, 'default', {
    texts: { hotDeskEnds: chance.next() < 0.5 ? soon(core.now(), chance) : 'inherit' },
  });

  const users: User[] = [];
  for (const tenantId of ['default', 'default', ...(chance.next() < 0.3 ? ['other'] : [])]) {
    const extension = `9${number}0${users.length}`;
    const endpoint = tenantId === 'default' ? extension : `${tenantId}-${extension}`;
    users.push(await core.store.addUser({ ...aUser(extension), tenantId, profileId: tenantId, endpoint }));
  }

  const isIPv6 = chance.next() < 0.2;
  const office: Site = { address: isIPv6 ? '2001:db8::1' : '203.0.113.1', isPublic: true, ports: 0 };
  const siteFor = (index: number, lan: boolean): Site =>
    lan ? { address: isIPv6 ? `fd00::${10 + index}` : `10.0.0.${10 + index}`, isPublic: false, ports: 0 } : office;
  const onLan = chance.next() < 0.4;
  const phones = Array.from({ length: 2 + chance.below(2) }, (_, i) =>
    makePhone(`P${i}`, `02${id}00${i}`, siteFor(i, onLan), i, chance, false),
  );
  const adapters = chance.next() < 0.4 ? phones.filter(() => chance.next() < 0.6).map(({ mac }) => mac) : [];
  const target = chance.pick(phones).mac;
  const strangers = [
    makePhone('S0', target, { address: '198.51.100.66', isPublic: true, ports: 0 }, 50, chance, true),
    makePhone('S1', target, siteFor(60, onLan), 60, chance, true),
  ];
  return {
    ...{ users, phones, strangers },
    everybody: [...phones, ...strangers],
    macs: phones.map(({ mac }) => mac),
    portsOf: (mac) => (adapters.includes(mac) ? 2 : 1),
  };
}

/** Nothing of a story is left for the next one. */
export async function endCast({ store }: TestCore, { macs, users }: Cast): Promise<void> {
  for (const mac of macs) await store.removeDevice(mac);
  for (const { id } of users) await store.removeUser(id);
  for (const { id } of await store.syncsUnderWay()) await store.updateSync(id, { state: 'cancelled', endedAt: 0 });
  await store.removeSyncs(Number.MAX_SAFE_INTEGER);
  for (const { key } of await store.dueFarewells(Infinity)) await store.removeFarewell(key);
}

/** A time of day in Berlin, where the default tenant is, in half an hour or so. */
function soon(now: number, chance: Chance): string {
  const at = now + (5 + chance.below(40)) * 60_000;
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' }).format(at);
}
