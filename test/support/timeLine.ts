import Database from 'better-sqlite3';

/** One event of a device, as the database has it. */
export interface Happened {
  readonly step: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The time-line of a device, oldest first, read past selfprov: also while that is dead. */
export function timeLine(database: string, mac: string): readonly Happened[] {
  const rows = new Database(database, { readonly: true });
  try {
    const found = rows.prepare('SELECT step, at, detail FROM events WHERE mac = ? ORDER BY id').all(mac);
    return (found as { step: string; at: number; detail: string }[]).map((row) => ({
      ...row,
      detail: JSON.parse(row.detail) as Happened['detail'],
    }));
  } finally {
    rows.close();
  }
}
