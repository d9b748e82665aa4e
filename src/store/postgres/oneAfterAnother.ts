import type pg from 'pg';

type Callback = (error: Error, result: pg.QueryResult) => void;

/**
 * Has a connection carry out one query after the other: those who read several things at once in a transaction need not
 * know that it is one connection. pg does so by itself until version 9, and says each time that it will not any more.
 */
export function oneAfterAnother(connection: pg.Client): void {
  const query = connection.query.bind(connection) as (config: pg.QueryConfig, done: Callback) => void;
  let before: Promise<void> = Promise.resolve();
  const inTurn = (config: pg.QueryConfig, done: Callback): void => {
    before = before.then(
      () =>
        new Promise((over) => {
          query(config, (error, result) => {
            over();
            done(error, result);
          });
        }),
    );
  };
  connection.query = inTurn as typeof connection.query;
}
