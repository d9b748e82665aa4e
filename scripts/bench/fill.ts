import { userLine } from '../../src/domain/accounts.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import type { Store } from '../../src/domain/ports.ts';
import type { Tenant } from '../../src/domain/tenant.ts';
import { addLines, newDefaultLines, newDevice } from '../../src/provisioning/files/enrolDevice.ts';
import { aUser } from '../../test/support/aUser.ts';
import type { TestCore } from '../../test/support/core.ts';
import { kindOf, seenOf, usualMaker, type Kind } from './kinds.ts';

const LINES = 4;
const KEYS = 40;
const FIRST_MAC = 0x100000;
const TOGETHER = 500;
const ADDRESS = '127.0.0.1';

/** A phone that the database knows. */
export interface KnownPhone extends Kind {
  readonly token: string;
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
  }: { readonly makerAt?: typeof usualMaker; readonly isOwnedAt?: (at: number) => boolean } = {},
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
        phones.push(await add({ ...core, store }, tenant, kind, isOwnedAt(at) ? String(100_000 + at) : undefined));
      }
    });
  }
  return phones;
}

async function add(
  core: Pick<TestCore, 'secrets' | 'now'> & { readonly store: Store },
  tenant: Tenant,
  kind: Kind,
  extension: string | undefined,
): Promise<KnownPhone> {
  const { store, secrets, now } = core;
  const { mac, maker } = kind;
  const { model, version: firmware } = seenOf(kind);
  const seen = { family: maker, model, firmware };
  const device = await store.addDevice(newDevice(mac, tenant.id, { ...seen, address: ADDRESS }, now()));
  const served = { address: ADDRESS, servedAt: now() };
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
