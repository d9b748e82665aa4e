import type { Mac } from './mac.ts';

/** Digest user name of a device on the endpoint of its user. */
export function userAuthName(endpoint: string, mac: Mac): string {
  return `${endpoint}-${mac}`;
}

/** The same when its password is changed: one that has neither of these names at the time. */
export function otherAuthName(endpoint: string, mac: Mac, before: string): string {
  const plain = userAuthName(endpoint, mac);
  return before === plain ? `${plain}-2` : plain;
}

/** The device that a line with this digest user name is of; `null` for one that is not ours. */
export function macOfAuthName(authName: string): Mac | null {
  return /(?:^phone-|-)([0-9a-f]{12})(?:-(?:[0-9a-f]{6}|2))?$/.exec(authName)?.[1] ?? null;
}

/** Whether an account has the name of a default line, whatever device that was of. */
export function isDefaultAccount(account: string): boolean {
  return /^phone-[0-9a-f]{12}(?:-|$)/.test(account);
}

/** Whether an account is one of the default lines that this device has or had. */
export function isDefaultAccountOf(mac: Mac, account: string): boolean {
  return account === `phone-${mac}` || account.startsWith(`phone-${mac}-`);
}
