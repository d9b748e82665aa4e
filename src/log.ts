import { pino, type DestinationStream, type Logger } from 'pino';

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
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Lines for what happens thousands of times a second. */
export interface ManyLines {
  /** Nothing in `fields` may be secret, or need describing: it is written as JSON. */
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** Writes what is still held back. */
  flush(): void;
  close(): void;
}

/** Milliseconds, and characters, that lines are held back for. */
const HELD_MS = 100;
const HELD_LENGTH = 32 * 1024;

/** Lines in the same form as the log's own, in the same place, written many at once: a moment later, also when the process ends. */
export function manyLines(log: Log): ManyLines {
  const stream = (log as unknown as Readonly<Record<symbol, DestinationStream>>)[pino.symbols.streamSym];
  let held = '';
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (held === '') return;
    const lines = held;
    held = '';
    stream?.write(lines);
  }

  process.on('exit', flush);
  return {
    flush,
    info(fields, message) {
      if (!log.isLevelEnabled('info')) return;
      held += `${JSON.stringify({ level: 'info', time: new Date(), ...fields, msg: message })}\n`;
      if (held.length >= HELD_LENGTH) flush();
      else timer ??= setTimeout(flush, HELD_MS).unref();
    },
    close() {
      flush();
      process.off('exit', flush);
    },
  };
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = (error as { code?: unknown }).code;
  return { name, code, message, stack, cause: error.cause === undefined ? undefined : describeError(error.cause) };
}
