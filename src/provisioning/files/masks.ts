import type { Line } from '../../domain/device.ts';
import { Secret } from '../../domain/secret.ts';

/** Stands in every place of a secret. No secret is looked at. */
export const SECRET_MASK = '********';
export const MASKED = new Secret(SECRET_MASK);
/** The same of one that takes the place of another. */
export const NEW_MASKED = new Secret(`${SECRET_MASK} (new)`);

/** A line that shows none of its secrets. */
export function maskedLine<T extends Line>(line: T): T {
  return { ...line, secret: MASKED, token: MASKED, md5Credential: SECRET_MASK };
}
