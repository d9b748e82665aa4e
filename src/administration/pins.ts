import { SelfprovError } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { passwordProblem, pinProblem } from '../domain/pin.ts';
import type { Store } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import type { User } from '../domain/user.ts';
import type { Core } from './core.ts';

/** The PIN that was chosen, or a generated one. Throws `invalid`. */
export function goodPin(chosen: string | undefined, extension: string, secrets: Core['secrets']): Secret {
  if (chosen === undefined) {
    for (;;) {
      const pin = secrets.pin();
      if (pinProblem(pin.reveal(), extension) === undefined) return pin;
    }
  }
  const problem = pinProblem(chosen, extension);
  if (problem !== undefined) throw new SelfprovError('invalid', problem);
  return new Secret(chosen);
}

/** A numeric password stands beside the PIN. Rejects with `invalid`. */
export async function passwordHashOf(
  password: string | null,
  { extension }: Pick<User, 'extension'>,
  secrets: Core['secrets'],
): Promise<string | null> {
  if (password === null) return null;
  const problem = passwordProblem(password, extension);
  if (problem !== undefined) throw new SelfprovError('invalid', problem);
  return secrets.hashPin(new Secret(password));
}

/** Inside a transaction: the PIN from now on; the lock of the extension ends. Rejects with `not_found`. */
export async function replacePin(
  inside: Store,
  { id: userId, tenantId, extension }: Pick<User, 'id' | 'tenantId' | 'extension'>,
  pinHash: string,
  actor: string,
): Promise<void> {
  orNotFound(await inside.user(userId), `user with extension ${extension}`);
  await inside.updateUser(userId, { pinHash });
  await inside.forgiveTries('extension', tenantId, extension);
  await inside.addEvent({ step: 'pin_changed', tenantId, userId, actor, detail: { extension } });
}
