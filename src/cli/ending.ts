import { CommanderError } from 'commander';
import { DatabaseError, SelfprovError } from '../domain/errors.ts';
import { inJson } from '../domain/inJson.ts';
import { describeFailure } from './failure.ts';

/** How a command that has failed ends: what is to be written to standard error, and the status. */
export interface Ending {
  readonly text: string;
  readonly status: number;
}

const REFUSED = 1;
/** What was typed is no command: nothing has been looked at. */
const USAGE = 2;

/**
 * The end of a command that threw `error`: for people one line or a few, for programs one JSON object
 * `{"error": {"code", "message", "reason"}}`. `code` is one of `SelfprovError`, or `usage`, `database`, `system`, `defect`. Help
 * that was asked for is no failure.
 */
export function endingOf(error: unknown, forPrograms: boolean): Ending {
  if (!(error instanceof CommanderError)) {
    const parts = inParts(error, describeFailure(error));
    const text = parts.code === 'defect' ? parts.message : `selfprov: ${parts.message}`;
    return { text: forPrograms ? inJson({ error: parts }) : text, status: REFUSED };
  }
  const { code, exitCode } = error;
  if (exitCode === 0) return { text: '', status: 0 };
  // Half a command: people have been shown its help.
  const isHalf = code === 'commander.help';
  const message = isHalf ? 'this is half a command: --help says what may follow' : inOurStyle(error.message);
  if (forPrograms) return { text: inJson({ error: { code: 'usage', message } }), status: USAGE };
  return { text: isHalf ? '' : `selfprov: ${message}\n(add --help for what there is)`, status: USAGE };
}

function inParts(error: unknown, message: string): { readonly code: string; readonly message: string } {
  if (error instanceof SelfprovError)
    return { code: error.code, message, ...(error.reason === undefined ? {} : { reason: error.reason }) };
  if (error instanceof DatabaseError) return { code: 'database', message };
  return { code: error instanceof Error && 'syscall' in error ? 'system' : 'defect', message };
}

function inOurStyle(message: string): string {
  return message.replace(/^error: /, '').replace(/\.?\n\((Did you mean .*\?)\)$/, '. $1');
}
