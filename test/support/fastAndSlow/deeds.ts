import { releaseDevice } from '../../../src/provisioning/handOver/releaseDevice.ts';
import type { User } from '../../../src/domain/user.ts';
import { A_SYNC } from '../aSync.ts';
import type { TestCore } from '../core.ts';
import { NEW_SECRET } from '../otherProcess.ts';
import { assign } from '../steps.ts';

export const ADDRESSES = ['10.0.0.1', '10.0.0.2', '198.51.100.7'];
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Among whom it happens. */
export interface Scene {
  readonly core: TestCore;
  readonly users: readonly User[];
  /** Ids of profiles; there is a tenant `second` too, with a profile and templates of that name. */
  readonly profiles: readonly string[];
  readonly macs: readonly string[];
  /** The one that asks, mostly. */
  one(): string;
  random(): number;
  pick<T>(all: readonly T[]): T;
  below(limit: number): number;
  /** Calls a method of the store, in this process or in another one. */
  write(method: string, ...given: readonly unknown[]): Promise<void>;
}

export type Deed = () => Promise<void> | void;

/** What changes that which files rest on; what is not possible at the moment is refused. */
export function deedsIn({ core, users, profiles, macs, one, random, pick, below, write }: Scene): readonly Deed[] {
  return [
    async () => {
      const line = (await core.store.lines(one()))[0];
      if (line)
        await write(
          'updateLine',
          line.id,
          pick([
            { token: NEW_SECRET },
            { secret: NEW_SECRET },
            { address: pick(ADDRESSES) },
            { number: `9${below(99)}` },
          ]),
        );
    },
    async () => {
      const line = pick([...(await core.store.lines(one())), undefined]);
      if (line) await write('removeLine', line.id);
    },
    async () => {
      const mac = one();
      if (await core.store.device(mac)) await write('updateDevice', mac, { tenantId: pick(['default', 'second']) });
    },
    async () => {
      const mac = one();
      if (await core.store.device(mac)) await write('updateDevice', mac, { profileId: pick([null, ...profiles]) });
    },
    () => write('updateUser', pick(users).id, { profileId: pick(profiles) }),
    () =>
      write('updateProfile', pick(profiles), {
        lineTemplateId: pick(['default', 'second']),
        deviceTemplateId: pick(['default', 'second']),
      }),
    () =>
      write('updateTenant', 'second', {
        urls: pick([[], ['http://b.example.net/']]),
        policySays: { factoryReset: pick(['refuse', 'default_line']) },
        realm: pick(['x.example', 'y.example']),
      }),
    () =>
      write('updateTenant', pick(['default', 'second']), { networks: pick([[], ['10.0.0.0/8'], ['198.51.100.0/24']]) }),
    () => write('updateDeviceTemplate', 'second', { says: { keys: keysOf(below(4)), language: pick(['en', 'fr']) } }),
    () => write('updateDevice', one(), { turnedAwayAt: pick([null, 5]) }),
    () => write('updateDevice', one(), { serial: pick([null, '123']) }),
    async () => {
      for (const handOver of await core.store.handOversOf(one()))
        await write('removeHandOver', handOver.mac, handOver.slot);
    },
    async () => {
      // A second line, of the same user or of another, in the same file.
      const [line] = await core.store.lines(one());
      if (line === undefined || line.userId === null) return;
      const { id: _, ...like } = line;
      await core.store.addLine({ ...like, slot: 2, authName: `x${below(1e9)}`, userId: pick(users).id });
    },

    () => core.pass(pick([SECOND, 30 * SECOND, 61 * SECOND, 6 * MINUTE, 11 * MINUTE])),
    () => write('updateDevice', one(), { says: pick([{}, { language: 'de' }, { clock: '12' }]) }),
    () => write('updateDevice', one(), { note: 'x', firmware: pick(['1.0', '2.0']) }),
    () => write('updateUser', pick(users).id, { name: `Name ${below(9)}` }),
    () =>
      write('updateUser', pick(users).id, {
        lineSays: pick([{}, { expiry: 900 }]),
        deviceSays: pick([{}, { clock: '12' }]),
      }),
    () => write('updateTenant', 'default', { extension: `*5${below(9)}`, urls: pick([[], ['http://a.example.net/']]) }),
    () => write('updateTenant', 'default', { policySays: { factoryReset: pick(['refuse', 'default_line']) } }),
    () => write('updateTenant', 'default', { trustedAddresses: pick(['private', 'any']) }),
    () => write('updateDeviceTemplate', 'default', { says: { keys: keysOf(below(4)), language: pick(['en', 'fr']) } }),
    () => write('updateLineTemplate', 'default', { says: pick([{}, { codecs: ['alaw'] }, { voicemail: '*97' }]) }),
    () => write('removeDevice', one()),
    async () => {
      const line = (await core.store.lines(one()))[0];
      if (line)
        await write('updateLine', line.id, pick([{ token: NEW_SECRET }, { secret: NEW_SECRET }, { contact: null }]));
    },
    async () => {
      const mac = one();
      if ((await core.store.lines(mac)).length > 0)
        await assign(core, mac, pick(users).id, pick(ADDRESSES)).catch(() => 0);
    },
    async () => {
      for (const mac of macs.filter(() => random() < 0.3))
        for (const handOver of await core.store.handOversOf(mac))
          await core.store.putHandOver({ ...handOver, state: 'done', nextAttemptAt: null });
    },
    async () => {
      const device = await core.store.device(one());
      if (device) await releaseDevice(core, { mac: device.mac, actor: 'test' }).catch(() => undefined);
    },
    async () => {
      const mac = one();
      const { id } = await core.store.addSync(A_SYNC, [mac]);
      const lineId = (await core.store.lines(mac))[0]?.id ?? null;
      await write('updateSyncItem', id, mac, { state: 'told', lineId, isSent: true, toldAt: 0 });
    },
  ];
}

/** A whole hand-over, until the phone is back. */
export async function handOver({ core, users, macs, pick }: Scene): Promise<void> {
  const mac = pick(macs);
  if ((await core.store.lines(mac)).length === 0) return;
  const { id } = await assign(core, mac, pick(users).id, pick(ADDRESSES)).catch(() => ({ id: '' }));
  await core.store.updateLine(id, { servedAt: core.now(), address: pick(ADDRESSES) });
  for (const each of await core.store.handOversOf(mac))
    await core.store.putHandOver({ ...each, state: 'done', nextAttemptAt: null });
}

function keysOf(count: number): unknown {
  return Array.from({ length: count }, (_, at) => ({ kind: 'blf', label: `Key ${at}`, value: String(at), line: 1 }));
}
