import { newUrl } from '../../src/administration/devices.ts';
import { forgetTheOld, RETENTION } from '../../src/administration/retention.ts';
import { startRotation } from '../../src/administration/rotations.ts';
import { startSync, syncDevice, USUAL_PACE } from '../../src/administration/syncs.ts';
import { removeUser } from '../../src/administration/users.ts';
import { blockDevice, giveDevice, moveDevice, unblockDevice } from '../../src/administration/whoseDevice.ts';
import type { User } from '../../src/domain/user.ts';
import { endTrials } from '../../src/provisioning/handOver/formers.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { TENANTS } from './cast.ts';
import type { Scene } from './world.ts';

/** What administrators do. */
export interface AdministratorDeeds {
  release(mac: string): void;
  remove(mac: string): void;
  /** Says whose device it is, without a call. */
  give(mac: string, user: User): void;
  blockOrUnblock(mac: string): void;
  /** To the other tenant. */
  move(mac: string): void;
  newUrl(mac: string): void;
  /** Has all phones told to fetch, or one. */
  sync(mac: string | null): void;
  /** New SIP passwords for all phones, or one. */
  rotate(mac: string | null): void;
  userGoes(): void;
  userComes(): void;
  forget(): void;
}

const families = shippedFamilies();

export function administratorDeeds({ core, chance, cast, story, ports }: Scene): AdministratorDeeds {
  const { note, run } = story;
  const { users } = cast;
  const administrator = (): ReturnType<Scene['ports']> & { readonly actor: string } => ({ ...ports(), actor: 'test' });
  const isTwoPorts = (mac: string): boolean => cast.portsOf(mac) > 1;

  return {
    release(mac) {
      const only = isTwoPorts(mac) && chance.next() < 0.6 ? { slot: 1 + chance.below(2) } : {};
      run(`release ${mac.slice(-1)} ${JSON.stringify(only)}`, () =>
        releaseDevice(ports(), { mac, actor: 'test', ...only }),
      );
    },
    remove: (mac) => run(`remove ${mac.slice(-1)}`, () => removeDevice(ports(), { mac, actor: 'test' })),
    give(mac, { tenantId, extension }) {
      const slot = isTwoPorts(mac) ? 1 + chance.below(2) : 1;
      run(`give ${mac.slice(-1)} port ${slot} to ${extension}`, () =>
        giveDevice(administrator(), { mac, tenantId, extension, slot }),
      );
    },
    blockOrUnblock: (mac) =>
      run(`block or unblock ${mac.slice(-1)}`, async () => {
        const isBlocked = (await core.store.device(mac))?.isBlocked === true;
        await (isBlocked ? unblockDevice : blockDevice)(administrator(), mac);
      }),
    move: (mac) =>
      run(`move ${mac.slice(-1)}`, async () => {
        const from = (await core.store.device(mac))?.tenantId;
        await moveDevice(administrator(), mac, TENANTS.find((tenantId) => tenantId !== from) ?? 'default');
      }),
    newUrl(mac) {
      const facts = { families: () => families, openUrl: () => 'http://phones.example/' };
      run(`new URL for ${mac.slice(-1)}`, () => newUrl(administrator(), facts, mac));
    },
    sync(mac) {
      const pace = { ...USUAL_PACE, perMinute: 600 };
      run(`sync ${mac?.slice(-1) ?? 'all'}`, () =>
        mac === null
          ? startSync(administrator(), chance.pick(TENANTS), { all: true }, pace)
          : syncDevice(administrator(), mac),
      );
    },
    rotate(mac) {
      const pace = { ...USUAL_PACE, perMinute: 600 };
      const wanted = mac === null ? { all: true } : { mac };
      run(`rotate ${mac?.slice(-1) ?? 'all'}`, () =>
        startRotation(administrator(), chance.pick(TENANTS), wanted, pace),
      );
    },
    userGoes() {
      const user = chance.pick(users);
      run(`user ${user.extension} goes`, () => removeUser(administrator(), user));
    },
    userComes() {
      const at = chance.below(users.length);
      const { id, ...gone } = users[at] ?? chance.pick(users);
      run(`user ${gone.extension} comes`, async () => {
        users[at] = await core.store.addUser(gone);
        note(`  ${gone.extension} is somebody else than ${id}`);
      });
    },
    forget: () =>
      run('forget the old', async () => {
        await forgetTheOld(ports(), RETENTION);
        await endTrials(ports());
      }),
  };
}
