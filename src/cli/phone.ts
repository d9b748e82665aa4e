import { InvalidArgumentError, type Command } from 'commander';
import { countArgument, macArgument } from './arguments.ts';

/** A phone as it is asked for; what is not said is chosen. */
export interface PhoneAsked {
  readonly family?: string;
  readonly model?: string;
  readonly mac?: string;
  readonly url?: string;
  readonly address?: string;
  readonly publicTarget?: boolean;
  readonly iRun: readonly string[];
  readonly json: boolean;
}

/** Carries it out, at the standard streams. */
export interface PlayPhones {
  one(asked: PhoneAsked): Promise<void>;
  /** `over` in milliseconds. */
  many(asked: PhoneAsked, count: number, over: number): Promise<void>;
}

interface Options extends Omit<PhoneAsked, 'json'> {
  readonly count?: number;
  readonly over: number;
}

/** `selfprov phone` */
export function phoneCommand(program: Command, play: PlayPhones): void {
  program
    .command('phone')
    .description('a phone without hardware, for hand and script: it boots from what is served, and calls')
    .option('--family <family>', 'how it asks for its files and reads them; the first that is known unless given')
    .option('--model <model>', 'as it names itself')
    .option('--mac <mac>', "a new one of its maker's unless given; the first of a fleet", macArgument)
    .option('--url <url>', 'what it is told to fetch from, http or tftp; that of this selfprov unless given')
    .option('--address <address>', 'its own IP address')
    .option('--count <n>', 'boot so many, without sound, and say how long they took and what failed', countArgument)
    .option('--over <time>', 'the time over which those are switched on, as 60s or 2m', secondsArgument, 0)
    .option('--public-target', 'the server may be in no private network; it must be named with --i-run too')
    .option('--i-run <host>', 'such a server is mine: the host of the URL, or of SIP', collect, [])
    .addHelpText(
      'after',
      `
At a terminal, and from standard input with one command a line: dial, keys, answer, hangup, state, fetch, reboot, factory-reset,
wait, quit; "help" says more. The first command of a script that fails ends it.

  printf 'wait registered\\ndial *55\\nwait call\\nkeys 1500#940273#1\\nwait registered as 1500\\nstate\\n' |
    selfprov phone`,
    )
    .action(async ({ count, over, ...options }: Options) => {
      const asked = { ...options, json: program.opts()['json'] === true };
      await (count === undefined ? play.one(asked) : play.many(asked, count, over));
    });
}

function secondsArgument(text: string): number {
  const [, number = '', unit] = /^(\d{1,5})(s|m)$/.exec(text.trim()) ?? [];
  if (unit === undefined) throw new InvalidArgumentError('Write a time as 60s or 2m.');
  return Number(number) * (unit === 's' ? 1000 : 60_000);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
