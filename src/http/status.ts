import { SelfprovError, type ErrorCode } from '../domain/errors.ts';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthorized: 401,
  not_found: 404,
  conflict: 409,
  unavailable: 503,
};

/** HTTP status for whatever a handler threw. Express marks what is wrong with a request itself by a status of its own. */
export function statusOf(error: unknown): number {
  if (error instanceof SelfprovError) return error.reason === 'too_large' ? 413 : STATUS[error.code];
  if (error instanceof URIError) return 404;
  return error instanceof Error && 'status' in error && error.status === 416 ? 416 : 500;
}
