import { createHash } from 'node:crypto';
import type { Secret } from '../domain/secret.ts';

/** What a token is found by. Tokens are long and random: a plain hash of one cannot be turned back. */
export function tokenHash(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex');
}
