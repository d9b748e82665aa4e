import type { Command as Commander } from 'commander';
import type { Core } from '../administration/core.ts';
import type { Output } from './output.ts';

export type OpenCore = () => Promise<Core & { close(): Promise<void> }>;

/**
 * Wraps a command's work: opens the database, prints the result as text or JSON, closes the database. Commander calls
 * with the arguments, then the options, then the command.
 */
export type Run = <Given extends unknown[]>(
  work: (core: Core, ...given: Given) => Promise<Output>,
) => (...called: unknown[]) => Promise<void>;

export function commandRunner(open: OpenCore, print: (text: string) => void): Run {
  return <Given extends unknown[]>(work: (core: Core, ...given: Given) => Promise<Output>) =>
    async (...called: unknown[]) => {
      const command = called.at(-1) as Commander;
      const core = await open();
      try {
        const { data, text, refusal } = await work(core, ...(called.slice(0, -1) as Given));
        print(command.optsWithGlobals()['json'] === true ? JSON.stringify(data, null, 2) : text);
        if (refusal !== undefined) throw refusal;
      } finally {
        await core.close();
      }
    };
}
