import type { Knex } from 'knex';
import type { Engine } from '../engine.ts';

/**
 * Any number at a time, among all processes; each is serialisable, so that some fail because of what others have done meanwhile.
 * Who has failed once is let in alone, and cannot fail so again: where many want the same (a hundred new phones that
 * each want the next number), most would fail again and again.
 */
const TOGETHER = 'LOCK TABLE tenants IN ROW SHARE MODE';
/** Reading is for everybody still. Waits its turn, and `lock_timeout` is for other locks. */
const ALONE = `SET LOCAL lock_timeout = '5s'; LOCK TABLE tenants IN EXCLUSIVE MODE`;

/**
 * Transactions of this process. The lock comes first: what is read is what there is when it is had. Only one at a time waits to
 * be alone, so that the others have connections.
 */
export function transactionsOn(database: Knex): Engine['transaction'] {
  let last: Promise<unknown> = Promise.resolve();

  async function carryOut<T>(work: (transaction: Knex) => Promise<T>, lock: string): Promise<T> {
    let first: unknown;
    try {
      return await database.transaction(async (transaction) => {
        transaction.on('query-error', (error: unknown) => (first ??= error));
        await transaction.raw(`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; ${lock}`);
        return work(transaction);
      });
    } catch (error) {
      throw isAborted(error) ? first : error;
    }
  }

  return (work, isAgain) => {
    if (!isAgain) return carryOut(work, TOGETHER);
    const its = last.then(() => carryOut(work, ALONE));
    last = its.catch(() => undefined);
    return its;
  };
}

/** Said of every statement after one that has failed, and says nothing of why. */
function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25P02';
}
