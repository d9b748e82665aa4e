import type pg from 'pg';

/** What pg says when the answer to a question is no longer waited for: it has no code for it. */
export const UNANSWERED = 'Query read timeout';

type Done = (error: Error | null, result: pg.QueryResult) => void;

/**
 * Has a connection carry out one query after the other: those who read several things at once in a transaction need not
 * know that it is one connection. pg does so by itself until version 9, and says each time that it will not any more.
 *
 * A connection ends whose answer is no longer waited for. pg would use it again, and so would the pool: in the midst of the
 * transaction that was given up, since its ROLLBACK is given up as well, and the next COMMIT would be for both.
 */
export function oneAfterAnother(connection: pg.Client): void {
  const query = connection.query.bind(connection) as (config: pg.QueryConfig, done: Done) => void;
  const waiting: (() => void)[] = [];
  let isBusy = false;

  function next(): void {
    const start = waiting.shift();
    isBusy = start !== undefined;
    start?.();
  }

  const inTurn = (config: pg.QueryConfig, done: Done): void => {
    waiting.push(() =>
      query(config, (error, result) => {
        const settle = (): void => {
          done(error, result);
          next();
        };
        if (error?.message !== UNANSWERED) return settle();
        // Not before: the pool would give it to whoever is next.
        connection.once('end', settle);
        void connection.end();
      }),
    );
    if (!isBusy) next();
  };
  connection.query = inTurn as typeof connection.query;
}
