import { SelfprovError } from '../../src/domain/errors.ts';

/** What must never be: the explorer stops at the first. */
export class Violation extends Error {}

/** What has happened so far, for people. */
export interface Story {
  readonly lines: readonly string[];
  readonly violation: () => Violation | undefined;
  note(what: string): void;
  violate(what: string): void;
  /** Work of selfprov's process: refusals are its ordinary end, anything else must not be. */
  run(what: string, work: () => Promise<unknown>): void;
}

export function beginStory(): Story {
  const lines: string[] = [];
  let violation: Violation | undefined;
  const note = (what: string): void => void lines.push(what);
  function violate(what: string): void {
    violation ??= new Violation(what);
    note(`VIOLATION ${what}`);
  }
  return {
    ...{ lines, note, violate },
    violation: () => violation,
    run(what, work) {
      note(what);
      void work().catch((error: unknown) => {
        if (error instanceof SelfprovError) return note(`  ${what}: ${error.reason ?? error.code}`);
        violate(`${what} fails: ${error instanceof Error ? error.stack : String(error)}`);
      });
    },
  };
}
