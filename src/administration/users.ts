import { SelfprovError } from '../domain/errors.ts';
import { NO_TRIES } from '../domain/lockout.ts';
import { pinProblem } from '../domain/pin.ts';
import { Secret } from '../domain/secret.ts';
import type { User } from '../domain/types.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Ports } from '../provisioning/ports.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';

/** Digits that a phone can dial; the length that Asterisk's own limits leave room for. */
const EXTENSION = /^\d{1,20}$/;
const LONGEST_NAME = 200;

/** Makes a user and the PIN: the only time that the PIN can be seen. Rejects with `invalid` or `conflict`. */
export async function addUser(
  { store, secrets, now }: Pick<Ports, 'store' | 'secrets' | 'now'>,
  input: { readonly tenantId: string; readonly extension: string; readonly name: string; readonly pin?: string },
): Promise<{ readonly user: User; readonly pin: Secret }> {
  const tenant = orNotFound(await store.tenant(input.tenantId), 'tenant');
  const name = input.name.trim();
  if (!EXTENSION.test(input.extension)) refuse('an extension has 1 to 20 digits');
  if ([...name].length === 0 || [...name].length > LONGEST_NAME) refuse(`a name has 1 to ${LONGEST_NAME} characters`);
  if (/\p{Cc}/u.test(name)) refuse('a name has no line breaks or control characters');
  const pin = goodPin(input.pin, input.extension, secrets);
  const pinHash = await secrets.hashPin(pin);
  const user = await store.transaction(async (inside) => {
    const added = await inside.addUser({
      tenantId: tenant.id,
      profileId: tenant.defaultProfileId,
      extension: input.extension,
      name,
      pinHash,
      selfProvisioning: true,
      createdAt: now(),
    });
    const detail = { extension: added.extension };
    await inside.addEvent({ step: 'user_added', tenantId: tenant.id, userId: added.id, detail });
    return added;
  });
  return { user, pin };
}

/** A new PIN for a user, generated unless given; the lock of the extension ends. */
export async function newPin(
  { store, secrets, now }: Pick<Ports, 'store' | 'secrets' | 'now'>,
  user: User,
  chosen?: string,
): Promise<Secret> {
  const pin = goodPin(chosen, user.extension, secrets);
  const pinHash = await secrets.hashPin(pin);
  await store.transaction(async (inside) => {
    await inside.updateUser(user.id, { pinHash });
    await inside.putTries('extension', user.tenantId, user.extension, NO_TRIES, now());
    await inside.addEvent({ step: 'pin_changed', tenantId: user.tenantId, userId: user.id });
  });
  return pin;
}

/** Forgets the wrong secrets counted for the extension and for the devices of its user. */
export async function unlockUser({ store, now }: Pick<Ports, 'store' | 'now'>, user: User): Promise<void> {
  await store.transaction(async (inside) => {
    await inside.putTries('extension', user.tenantId, user.extension, NO_TRIES, now());
    for (const { mac } of await inside.linesOfUser(user.id)) {
      await inside.putTries('device', user.tenantId, mac, NO_TRIES, now());
    }
    await inside.addEvent({ step: 'unlocked', tenantId: user.tenantId, userId: user.id });
  });
}

/** Releases the user's devices, then forgets the user. All or nothing. */
export async function removeUser(ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now'>, user: User): Promise<void> {
  await ports.store.transaction(async (store) => {
    for (const { mac } of await store.linesOfUser(user.id)) await releaseDevice({ ...ports, store }, { mac });
    await store.removeUser(user.id);
    const detail = { extension: user.extension };
    await store.addEvent({ step: 'user_removed', tenantId: user.tenantId, userId: user.id, detail });
  });
}

function goodPin(chosen: string | undefined, extension: string, secrets: Ports['secrets']): Secret {
  if (chosen === undefined) {
    for (;;) {
      const pin = secrets.pin();
      if (pinProblem(pin.reveal(), extension) === undefined) return pin;
    }
  }
  const problem = pinProblem(chosen, extension);
  if (problem !== undefined) refuse(problem);
  return new Secret(chosen);
}

function refuse(message: string): never {
  throw new SelfprovError('invalid', message);
}
