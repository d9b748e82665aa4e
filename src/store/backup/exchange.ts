import Database from 'better-sqlite3';
import { existsSync, fsyncSync, openSync, closeSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SelfprovError } from '../../domain/errors.ts';
import { keepStatements } from '../sqlite/connection.ts';
import { holdSqlite } from './sqliteCopy.ts';

/** A file that takes the place of another one. All three are in one folder. */
export interface Step {
  readonly staged: string;
  readonly target: string;
  /** Where what was there is kept. */
  readonly aside: string;
}

/** Milliseconds that one who finds an exchange under way waits for its end. */
const PATIENCE = 10_000;

/** The list of what is to be exchanged, beside the database: as long as it is there, the exchange is not over. */
function listOf(database: string): string {
  return `${database}.restoring`;
}

export function isUnderWay(database: string): boolean {
  return existsSync(listOf(database));
}

/**
 * Puts all of these files in place, or none: from the moment that the list is there, whoever opens the database next goes on where
 * this one was stopped. Throws `conflict` while somebody has the database open.
 */
export function exchange(database: string, steps: readonly Step[]): void {
  const release = holdSqlite(database);
  try {
    const list = listOf(database);
    const draft = `${list}.part`;
    rmSync(draft, { force: true });
    const writing = new Database(draft);
    keepStatements(writing);
    writing.exec('CREATE TABLE steps (staged TEXT, target TEXT, aside TEXT)');
    const insert = writing.prepare('INSERT INTO steps VALUES (?, ?, ?)');
    for (const { staged, target, aside } of steps) insert.run(staged, target, aside);
    writing.close();
    renameSync(draft, list);
    sync(dirname(list));
    putAll(list, steps);
  } finally {
    release();
  }
}

/**
 * Goes on with an exchange that was stopped; nothing where there is none. Throws `conflict` while somebody has the database open
 * that is to go.
 */
export function finishExchange(database: string): void {
  const list = listOf(database);
  if (!existsSync(list)) return;
  const reading = new Database(list, { timeout: PATIENCE });
  keepStatements(reading);
  try {
    reading.exec('BEGIN EXCLUSIVE');
    // Another one may have been faster.
    if (!existsSync(list)) return;
    const steps = reading.prepare('SELECT staged, target, aside FROM steps').all() as Step[];
    const isToGo = steps.some(({ staged, target }) => target === database && existsSync(staged));
    const release = isToGo ? held(database) : () => undefined;
    try {
      putAll(list, steps);
    } finally {
      release();
    }
  } finally {
    reading.close();
  }
}

/** The same of files of which none is worth anything without the others being there already. */
export function exchangeFiles(steps: readonly Step[]): void {
  for (const step of steps) put(step);
  for (const folder of new Set(steps.map(({ target }) => dirname(target)))) sync(folder);
}

function putAll(list: string, steps: readonly Step[]): void {
  exchangeFiles(steps);
  rmSync(list);
  sync(dirname(list));
}

function held(database: string): () => void {
  try {
    return holdSqlite(database);
  } catch (cause) {
    const why = `a backup is to take the place of ${database}, and somebody has that open: stop selfprov and Asterisk, then start selfprov first`;
    throw new SelfprovError('conflict', why, { cause });
  }
}

/** May be done again at any point. */
function put({ staged, target, aside }: Step): void {
  if (!existsSync(staged)) return;
  if (!existsSync(aside)) {
    // Of a database that was not closed; where nobody has it open, `-shm` is worth nothing.
    if (existsSync(`${target}-wal`)) renameSync(`${target}-wal`, `${aside}-wal`);
    rmSync(`${target}-shm`, { force: true });
    if (existsSync(target)) renameSync(target, aside);
  }
  renameSync(staged, target);
}

function sync(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
