import { SelfprovError } from '../../src/domain/errors.ts';

/** What a promise is refused with; throws when it is not refused. */
export async function refusalOf(promise: Promise<unknown>): Promise<SelfprovError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SelfprovError) return error;
    throw error;
  }
  throw new Error('this was not refused');
}
