import type { Core } from '../../src/administration/core.ts';
import { userLine } from '../../src/domain/accounts.ts';
import type { Mac } from '../../src/domain/mac.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import type { User } from '../../src/domain/user.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { newDevice } from '../../src/provisioning/files/enrolDevice.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { aUser } from './aUser.ts';
import type { TestCore } from './core.ts';

/** A phone of a user as it stands after its hand-over. */
export interface OwnPhone {
  readonly mac: Mac;
  readonly user: User;
  readonly address: string;
}

/** Family and model of the phone with this number, from 0. */
export type KindAt = (at: number) => { readonly family: string; readonly model: string };

const YEALINK: KindAt = () => ({ family: 'yealink', model: 'T46S' });

interface Many {
  readonly kindAt?: KindAt;
  readonly first?: number;
  readonly perAddress?: number;
}

/** So many users from extension `first` on with a phone each, ten at an address; registered unless `register` is false. */
export async function manyDevices(
  core: TestCore,
  count: number,
  { register = true, ...many }: Many & { readonly register?: boolean } = {},
): Promise<readonly OwnPhone[]> {
  const phones = await manyUsersWithPhones(core, count, many);
  if (!register) return phones;
  for (const phone of phones) {
    await registerPhone(core, phone, 'first');
    await noteRegistrations(core, phone.user.endpoint);
  }
  return phones;
}

/** The same, in any database; nobody is registered. */
export async function manyUsersWithPhones(
  core: Pick<Core, 'store' | 'secrets' | 'now'>,
  count: number,
  { kindAt = YEALINK, first = 20_000, perAddress = 10 }: Many = {},
): Promise<readonly OwnPhone[]> {
  const tenant = orNotFound(await core.store.tenant('default'), 'tenant');
  return core.store.transaction(async (store) => {
    const made: OwnPhone[] = [];
    for (let at = 0; at < count; at++) {
      const mac = `001565${(first + at).toString(16).padStart(6, '0')}`;
      const site = Math.floor(at / perAddress);
      const address = `203.0.${113 + (site >> 8)}.${site & 255}`;
      const user = await store.addUser(aUser(String(first + at), `User ${at}`));
      const kind = { ...kindAt(at), firmware: null, address };
      await store.addDevice(newDevice(mac, 'default', kind, core.now()));
      const credentials = { secret: core.secrets.sipSecret(), token: core.secrets.token(), now: core.now() };
      await store.addLine({ ...userLine(mac, 1, user, tenant, credentials), address, servedAt: core.now() });
      made.push({ mac, user, address });
    }
    return made;
  });
}

/** The phone registers, as it does after each start; a start has its own Call-ID. */
export async function registerPhone(core: TestCore, { mac, address }: OwnPhone, start: string): Promise<void> {
  const line = orNotFound((await core.store.lines(mac))[0], 'line');
  const number = Number.parseInt(mac.slice(6), 16);
  await core.registrar.register({
    ...{ user: line.endpoint, authName: line.authName, password: line.secret.reveal(), address },
    ...{ port: 1024 + (number % 60_000), viaAddress: `10.0.0.${(number % 250) + 1}`, viaPort: 5060 },
    ...{ callId: `${mac}-${start}`, userAgent: `Phone ${mac}`, expires: 3600 },
  });
}

/** The phone fetches its own file, whole; gives whose lines are in it. */
export async function fetchOwnFile(core: TestCore, { mac, address }: OwnPhone): Promise<readonly (string | null)[]> {
  const [line] = await core.store.lines(mac);
  const device = orNotFound(await core.store.device(mac), 'device');
  const claim = { token: line?.token ?? null, address };
  const { family, model, firmware } = device;
  const seen = { family, model, firmware, address };
  const admitted = await admit({ ...core, tenantId: 'default' }, { mac, claim, seen, isProvisional: false });
  const own = orNotFound(admitted, 'file for this phone');
  await recordFetch(core, own, claim);
  return own.lines.map(({ userId }) => userId);
}

/** What a phone does that is told: it fetches, starts anew, and registers. */
export async function restart(core: TestCore, phone: OwnPhone, start: string): Promise<void> {
  await fetchOwnFile(core, phone);
  await registerPhone(core, phone, start);
  await noteRegistrations(core, phone.user.endpoint);
}
