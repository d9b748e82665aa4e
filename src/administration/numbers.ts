import { SelfprovError } from '../domain/errors.ts';
import type { Store } from '../domain/ports.ts';
import { DIALABLE } from '../domain/dialable.ts';
import { ADMINISTRATORS_KEY, isInRange } from '../domain/policySettings.ts';
import { policyOf, type Tenant } from '../domain/tenant.ts';

/** Digits that a phone can dial; the length that Asterisk's own limits leave room for. */
const EXTENSION = /^\d{1,20}$/;

/** Throws `invalid` for what cannot be an extension of a user of this tenant, `conflict` for what means something else. */
export function checkExtension(tenant: Tenant, extension: string): void {
  if (!EXTENSION.test(extension)) refuse('invalid', 'an extension has 1 to 20 digits, and nothing but digits');
  const meaning = meaningOf(tenant, extension);
  if (meaning !== undefined) refuse('conflict', `${extension} is ${meaning}: choose another extension`);
}

/**
 * Throws when two of a tenant's own numbers are one, or one of them is a user's, or cannot be dialled; and when the range for
 * phones that are nobody's, or what may not be in it, has changed, and one of these numbers is in it.
 */
export async function checkNumbers(store: Store, before: Tenant, tenant: Tenant): Promise<void> {
  const all = numbersOf(tenant);
  for (const [at, number] of all.entries()) {
    if (!DIALABLE.test(number))
      refuse('invalid', `${JSON.stringify(number)} cannot be dialled: 1 to 20 digits, * and # only`);
    if (all.indexOf(number) !== at)
      refuse('conflict', `${number} stands twice among ${all.join(', ')}: give each its own`);
    const user = await store.userByExtension(tenant.id, number);
    if (user !== undefined) refuse('conflict', `${number} is the extension of ${user.name}: choose another number`);
  }
  const range = policyOf(tenant).defaultNumbers;
  const concerned = [before, tenant].map((each) => JSON.stringify([numbersOf(each), policyOf(each).defaultNumbers]));
  if (concerned[0] === concerned[1]) return;
  const own = all.find((number) => isInRange(number, range));
  if (own !== undefined)
    refuse('conflict', `${own} is of the range for phones that are nobody’s: choose another range`);
  const user = (await store.users(tenant.id)).find(({ extension }) => isInRange(extension, range));
  if (user !== undefined)
    refuse('conflict', `${user.extension} is the extension of ${user.name}: choose another range`);
}

function numbersOf({ extension, releaseExtension, numberExtension, emergencyNumbers }: Tenant): readonly string[] {
  return [extension, releaseExtension, numberExtension, ...emergencyNumbers];
}

function meaningOf(tenant: Tenant, number: string): string | undefined {
  const { extension, releaseExtension, numberExtension, emergencyNumbers } = tenant;
  if (number === extension) return 'the self-provisioning extension';
  if (number === releaseExtension) return 'dialled to give a phone back';
  if (number === numberExtension) return 'dialled to hear the number of a phone';
  if (number === ADMINISTRATORS_KEY) return 'what administrators key in a call to say that they are one';
  if (isInRange(number, policyOf(tenant).defaultNumbers)) return 'of the range for phones that are nobody’s';
  return emergencyNumbers.includes(number) ? 'an emergency number' : undefined;
}

function refuse(code: 'invalid' | 'conflict', message: string): never {
  throw new SelfprovError(code, message);
}
