import { DatabaseError, SelfprovError } from '../domain/errors.ts';
import { describeSystemError } from './systemErrors.ts';

/** What an administrator reads of what has failed: of a refusal its own words, of a defect all there is. */
export function describeFailure(error: unknown): string {
  if (error instanceof SelfprovError || error instanceof DatabaseError) return error.message;
  // The system has refused something: a path, a port, a right.
  if (error instanceof Error && 'syscall' in error) return describeSystemError(error as NodeJS.ErrnoException);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
