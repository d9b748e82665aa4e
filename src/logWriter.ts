import { closeSync, openSync, writeSync } from 'node:fs';

/** Where the lines of a log go: whatever is the matter there, whoever writes goes on. */
export interface LogWriter {
  /** Whole lines. Those that cannot be written are dropped, and counted; how many is said in the log as soon as it can be written again. */
  write(lines: string): void;
  /** Opens the file anew, after it has been moved away. As long as that cannot be done, lines go to the one that was there before. */
  reopen(): void;
  /** What is the matter now, for a reader; `undefined` when nothing is. */
  trouble(): string | undefined;
}

const STANDARD_OUTPUT = 1;
const LINE_END = 0x0a;
/** Of an output that has no room for a moment. */
const PATIENCE_MS = 10;
const MOST_PATIENCE = 10;

/** To the end of `file`, made for owner and group alone, or to standard output. Throws what the system says when it cannot be opened. */
export function logWriter(file: string | undefined): LogWriter {
  let to = file === undefined ? STANDARD_OUTPUT : opened(file);
  let lost = 0;
  let why = '';
  let isCut = false;
  let notOpened: string | undefined;

  /** How many of these lines are lost. */
  function put(lines: string): number {
    // What is left of a line that was cut must not become the beginning of another one.
    const before = isCut ? 1 : 0;
    const bytes = Buffer.from(isCut ? `\n${lines}` : lines);
    let done = 0;
    for (let tries = lost > 0 ? MOST_PATIENCE : 0; done < bytes.length;) {
      try {
        done += writeSync(to, bytes, done);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN' && tries++ < MOST_PATIENCE) {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PATIENCE_MS);
          continue;
        }
        why = said(error);
        if (done > 0) isCut = bytes[done - 1] !== LINE_END;
        return bytes.subarray(Math.max(done, before)).filter((byte) => byte === LINE_END).length;
      }
    }
    if (done > 0) isCut = false;
    return 0;
  }

  function write(lines: string): void {
    if (notOpened !== undefined) open();
    if (lost > 0) {
      const notice = lineOf('warn', { lost, why }, 'lines of this log could not be written and are lost');
      if (put(notice) > 0) return void (lost += linesIn(lines));
      lost = 0;
    }
    lost += put(lines);
  }

  function open(): void {
    if (file === undefined) return;
    const before = to;
    try {
      to = opened(file);
    } catch (error) {
      notOpened = said(error);
      return;
    }
    [notOpened, isCut] = [undefined, false];
    try {
      closeSync(before);
    } catch {
      // What could not be kept of the one that was moved away is lost with it.
    }
  }

  return {
    write,
    reopen() {
      open();
      if (notOpened === undefined) return;
      write(lineOf('error', { why: notOpened }, 'the log cannot be opened again: it goes on in the file of before'));
    },
    trouble() {
      if (lost > 0 || notOpened !== undefined) write('');
      if (lost > 0) return `${lost} lines of the log could not be written, and are lost: ${why}`;
      return notOpened === undefined ? undefined : `the log goes on in a file that has been moved away: ${notOpened}`;
    },
  };
}

function opened(file: string): number {
  return openSync(file, 'a', 0o640);
}

/** In the log's own form. */
function lineOf(level: string, fields: Readonly<Record<string, string | number>>, msg: string): string {
  return `${JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg })}\n`;
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
