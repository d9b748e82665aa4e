/** Why something was refused. Each edge (HTTP, CLI, spoken prompt) has one table from these to its own words. */
export type ErrorCode = 'invalid' | 'unauthorized' | 'not_found' | 'conflict' | 'unavailable';

/**
 * Every refusal that selfprov makes on purpose. `reason` is a stable word for machines where a code alone does not
 * tell what to say (for example `phone_limit`). The message is for administrators, says what to do, and never holds a
 * secret.
 */
export class SelfprovError extends Error {
  readonly code: ErrorCode;
  readonly reason: string | undefined;

  constructor(code: ErrorCode, message: string, options: { readonly reason?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SelfprovError';
    this.code = code;
    this.reason = options.reason;
  }
}

/**
 * The database cannot do what it was asked: full, read-only, damaged, or asked something wrong. No refusal, and nothing
 * that passes by itself. The message holds neither SQL nor values.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

/** Whether `error` is a refusal with this code. */
export function isRefusal(error: unknown, code: ErrorCode): error is SelfprovError {
  return error instanceof SelfprovError && error.code === code;
}
