import type pg from 'pg';

type Done = (error: Error, result: pg.QueryResult) => void;

/**
 * Has a connection carry out one query after the other: those who read several things at once in a transaction need not
 * know that it is one connection. pg does so by itself until version 9, and says each time that it will not any more.
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
        done(error, result);
        next();
      }),
    );
    if (!isBusy) next();
  };
  connection.query = inTurn as typeof connection.query;
}
