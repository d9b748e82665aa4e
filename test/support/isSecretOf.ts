import type { Secrets } from '../../src/domain/ports.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { User } from '../../src/domain/user.ts';

/** Whether these digits are the PIN of this user. */
export async function isSecretOf(secrets: Secrets, digits: string, user: User | undefined): Promise<boolean> {
  return (await secrets.matchPin(new Secret(digits), user === undefined ? [] : [user.pinHash])) !== undefined;
}
