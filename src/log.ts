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

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = (error as { code?: unknown }).code;
  return { name, code, message, stack, cause: error.cause === undefined ? undefined : describeError(error.cause) };
}
