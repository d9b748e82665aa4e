import { userLine } from '../../src/domain/accounts.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import type { Store } from '../../src/domain/ports.ts';
import type { Tenant } from '../../src/domain/tenant.ts';
import { addLines, newDefaultLines, newDevice } from '../../src/provisioning/files/enrolDevice.ts';
import { aUser } from '../../test/support/aUser.ts';
import type { TestCore } from '../../test/support/core.ts';
import { addressOf } from './ask.ts';
import { kindOf, seenOf, usualMaker, type Kind } from './kinds.ts';

const LINES = 4;
const KEYS = 40;
const FIRST_MAC = 0x100000;
const TOGETHER = 500;
/** Where wrk asks from. */
export const HOME = '127.0.0.1';

/** A phone that the database knows. */
export interface KnownPhone extends Kind {
  readonly token: string;
  /** Where it has asked from before. */
  readonly address: string;
  /** Whether it has lines of users; else default lines. */
  readonly isOwned: boolean;
  /** What stands in its own file and in nobody else's. */
  readonly shows: string;
}

/** So many devices: every second one has four lines and forty keys of its users, the others are nobody's. */
export async function fill(
  core: TestCore,
  count: number,
  {
    makerAt = usualMaker,
    isOwnedAt = (at: number): boolean => at % 2 === 1,
    // A fifth stands elsewhere, each at an address of its own: those start in the boot storm.
    addressAt = (at: number): string => (at < count / 5 ? addressOf(at) : HOME),
  }: {
    readonly makerAt?: typeof usualMaker;
    readonly isOwnedAt?: (at: number) => boolean;
    readonly addressAt?: (at: number) => string;
  } = {},
): Promise<readonly KnownPhone[]> {
  const keys = Array.from({ length: KEYS }, (_, at) => {
    return { kind: 'blf' as const, label: `Desk ${at}`, value: String(2000 + at), line: 1 };
  });
  await core.store.updateDeviceTemplate('default', { says: { keys } });
  const tenant = orNotFound(await core.store.tenant('default'), 'tenant');
  // What was served long ago is forgotten.
  core.pass(Date.now() - core.now());
  const phones: KnownPhone[] = [];
  for (let from = 0; from < count; from += TOGETHER) {
    await core.store.transaction(async (store) => {
      for (let at = from; at < Math.min(from + TOGETHER, count); at++) {
        const kind = kindOf(makerAt(at), FIRST_MAC + at);
        const extension = isOwnedAt(at) ? String(100_000 + at) : undefined;
        phones.push(await add({ ...core, store }, tenant, { ...kind, address: addressAt(at) }, extension));
      }
    });
  }
  return phones;
}

async function add(
  core: Pick<TestCore, 'secrets' | 'now'> & { readonly store: Store },
  tenant: Tenant,
  kind: Kind & { readonly address: string },
  extension: string | undefined,
): Promise<KnownPhone> {
  const { store, secrets, now } = core;
  const { mac, maker, address } = kind;
  const { model, version: firmware } = seenOf(kind);
  const seen = { family: maker, model, firmware };
  const device = await store.addDevice(newDevice(mac, tenant.id, { ...seen, address }, now()));
  const served = { address, servedAt: now() };
  if (extension === undefined) {
    const lines = await newDefaultLines(core, device, [1]);
    const [line] = await addLines(
      store,
      tenant.id,
      lines.map((each) => ({ ...each, ...served, askedAs: seen })),
    );
    const { token, authName } = orNotFound(line, 'line');
    return { ...kind, token: token.reveal(), isOwned: false, shows: authName };
  }
  const token = secrets.token();
  for (let slot = 1; slot <= LINES; slot++) {
    const user = await store.addUser(aUser(`${extension}${slot}`, `User ${extension} ${slot}`));
    const credentials = { secret: secrets.sipSecret(), token, now: now() };
    await store.addLine({ ...userLine(mac, slot, user, tenant, credentials), ...served });
  }
  return { ...kind, token: token.reveal(), isOwned: true, shows: `${extension}1` };
}
