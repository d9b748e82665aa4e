import { SelfprovError } from '../domain/errors.ts';
import type { Store } from '../domain/ports.ts';
import { DIALABLE } from '../domain/dialable.ts';
import { ADMINISTRATORS_KEY, isWithin } from '../domain/policySettings.ts';
import { policyOf, type Tenant } from '../domain/tenant.ts';

/** Digits that a phone can dial; the length that Asterisk's own limits leave room for. */
const EXTENSION = /^\d{1,20}$/;

/** Throws `invalid` for what cannot be an extension of a user of this tenant, `conflict` for what means something else. */
export function checkExtension(tenant: Tenant, extension: string): void {
  if (!EXTENSION.test(extension)) refuse('invalid', 'an extension has 1 to 20 digits');
  const meaning = meaningOf(tenant, extension);
  if (meaning !== undefined) refuse('conflict', `${extension} is ${meaning}: choose another extension`);
}

/** Throws when two of a tenant's own numbers are one, or one of them is a user's, or cannot be dialled. */
export async function checkNumbers(store: Store, tenant: Tenant): Promise<void> {
  const { extension, releaseExtension, numberExtension, emergencyNumbers } = tenant;
  const all = [extension, releaseExtension, numberExtension, ...emergencyNumbers];
  for (const [at, number] of all.entries()) {
    if (!DIALABLE.test(number))
      refuse('invalid', `${JSON.stringify(number)} cannot be dialled: 1 to 20 digits, * and # only`);
    if (all.indexOf(number) !== at)
      refuse('conflict', `${number} stands twice among ${all.join(', ')}: give each its own`);
    const user = await store.userByExtension(tenant.id, number);
    if (user !== undefined) refuse('conflict', `${number} is the extension of ${user.name}: choose another number`);
  }
}

/**
 * Throws `conflict` when one of the tenant's own numbers, or a user's extension, is of the range for phones that are
 * nobody's.
 */
export async function checkDefaultNumbers(store: Store, tenant: Tenant): Promise<void> {
  const { extension, releaseExtension, numberExtension, emergencyNumbers } = tenant;
  const range = policyOf(tenant).defaultNumbers;
  const own = [extension, releaseExtension, numberExtension, ...emergencyNumbers].find((each) => isWithin(range, each));
  if (own !== undefined)
    refuse('conflict', `${own} is of the range for phones that are nobody’s: choose another range`);
  const user = (await store.users(tenant.id)).find((each) => isWithin(range, each.extension));
  if (user !== undefined)
    refuse('conflict', `${user.extension} is the extension of ${user.name}: choose another range`);
}

function meaningOf(tenant: Tenant, number: string): string | undefined {
  const { extension, releaseExtension, numberExtension, emergencyNumbers } = tenant;
  if (number === extension) return 'the self-provisioning extension';
  if (number === releaseExtension) return 'dialled to give a phone back';
  if (number === numberExtension) return 'dialled to hear the number of a phone';
  if (number === ADMINISTRATORS_KEY) return 'what administrators key in a call to say that they are one';
  if (isWithin(policyOf(tenant).defaultNumbers, number)) return 'of the range for phones that are nobody’s';
  return emergencyNumbers.includes(number) ? 'an emergency number' : undefined;
}

function refuse(code: 'invalid' | 'conflict', message: string): never {
  throw new SelfprovError(code, message);
}
