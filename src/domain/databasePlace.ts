import type { Secret } from './secret.ts';

/** Where the database is: a SQLite file, or a PostgreSQL database (`postgresql://user:password@host:port/name`). */
export type DatabasePlace = { readonly file: string } | { readonly url: Secret };

/** The same for people to read: without user and password. */
export function describePlace(place: DatabasePlace): string {
  if ('file' in place) return place.file;
  const { host, pathname } = new URL(place.url.reveal());
  return `postgresql://${host}${pathname}`;
}
