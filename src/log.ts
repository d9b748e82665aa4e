import { pino, type DestinationStream, type Logger } from 'pino';
import { SelfprovError } from './domain/errors.ts';

export type Log = Logger;

/**
 * One JSON line per event. Secrets cannot get in by way of `Secret` (it prints as `[secret]`); the paths below catch
 * plain text from libraries. An error is logged by what it says, without the objects that libraries hang on it.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: [
        'password',
        'secret',
        'token',
        'pin',
        'authorization',
        '*.password',
        '*.secret',
        '*.token',
        '*.pin',
        '*.authorization',
      ],
      censor: '[secret]',
    },
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Lines for what happens thousands of times a second. */
export interface ManyLines {
  /** `fields`: nothing secret, in the order in which they are written; what is `undefined` is left out. */
  info(fields: Readonly<Record<string, string | number | boolean | null | undefined>>, message: string): void;
  /** Writes what is still held back. */
  flush(): void;
  close(): void;
}

/** Milliseconds, and lines, that are held back. */
const HELD_MS = 100;
const MOST_HELD = 200;

/** Lines in the log's own form and place, written many at once: a moment later, at the latest when the process ends. */
export function manyLines(log: Log): ManyLines {
  const stream = (log as unknown as Readonly<Record<symbol, DestinationStream>>)[pino.symbols.streamSym];
  let held: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let [second, spelled] = [0, ''];

  /** As `isoTime` has it; the part before the milliseconds is spelled once a second. */
  function time(): string {
    const now = Date.now();
    const ms = now % 1000;
    if (now - ms !== second) [second, spelled] = [now - ms, new Date(now - ms).toISOString().slice(0, -4)];
    return `${spelled}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (held.length > 0) stream?.write(held.join(''));
    held = [];
  }

  process.on('exit', flush);
  return {
    flush,
    info(fields, message) {
      if (!log.isLevelEnabled('info')) return;
      held.push(`{"level":"info","time":"${time()}",${JSON.stringify(fields).slice(1, -1)},"msg":"${message}"}\n`);
      if (held.length >= MOST_HELD) flush();
      else timer ??= setTimeout(flush, HELD_MS).unref();
    },
    close() {
      flush();
      process.off('exit', flush);
    },
  };
}

/** Says of what that it failed, and why. */
export type Failed = (what: string) => (error: unknown) => void;

const AGAIN_MS = 60_000;

/** Loops come to the same failure every second: again, for the same reason, it is said once a minute, with how often it was not. */
export function failuresIn(log: Log, now = (): number => performance.now()): Failed {
  const said = new Map<string, { readonly why: string; readonly at: number; leftOut: number }>();
  return (what) => (error) => {
    const why = error instanceof Error ? error.message : String(error);
    const before = said.get(what);
    const isAgain = before?.why === why;
    if (isAgain && now() - before.at < AGAIN_MS) return void (before.leftOut += 1);
    said.set(what, { why, at: now(), leftOut: 0 });
    log.error({ err: error, leftOut: isAgain ? before.leftOut || undefined : undefined }, what);
  };
}

/** Of a refusal it matters what it says, of anything else also where it comes from. */
function describeError(error: unknown, hasStack = !(error instanceof SelfprovError)): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = (error as { code?: unknown }).code;
  const cause = error.cause === undefined ? undefined : describeError(error.cause, hasStack);
  return { name, code, message, stack: hasStack ? stack : undefined, cause };
}
