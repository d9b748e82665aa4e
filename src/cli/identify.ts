import type { Command } from 'commander';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { SelfprovError } from '../domain/errors.ts';
import { inJson } from '../domain/inJson.ts';
import { mistakeInWords } from '../domain/mistakeInWords.ts';
import type { Families } from '../phones/family/family.ts';
import { recognise } from '../phones/recognise/recognise.ts';
import { inLines } from './inLines.ts';

/** Standard input, output and error. */
export interface Streams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Also what is told while something lasts. */
  readonly errors: NodeJS.WritableStream;
}

type IdentifyStreams = Omit<Streams, 'errors'> & { readonly errors: Pick<NodeJS.WritableStream, 'write'> };

/** What came with a request, as far as it is known. Other keys are not looked at. */
const REQUEST = z.object({
  user_agent: z.string().nullish(),
  path: z.string().nullish(),
  dhcp_vendor_class: z.string().nullish(),
  method: z.string().nullish(),
  transport: z.enum(['http', 'tftp', 'dhcp', 'sip']).nullish(),
});

type Request = z.infer<typeof REQUEST>;

/** `selfprov identify` */
export function identifyCommand(program: Command, families: () => Families, streams: IdentifyStreams): void {
  program
    .command('identify')
    .description('tell from requests what phones they come from: JSON lines in, JSON lines out')
    .option('--user-agent <text>', 'identify this one instead of reading standard input')
    .option('--path <path>', 'what it asked for')
    .addHelpText(
      'after',
      '\nEach line: {"user_agent": …, "path": …, "dhcp_vendor_class": …, "method": …, "transport": "http"|"tftp"|"dhcp"|"sip"}; what is missing is not known.',
    )
    .action(async ({ userAgent, path }: { userAgent?: string; path?: string }) => {
      const loaded = families();
      if (userAgent === undefined && path === undefined) return identifyAll(loaded, streams);
      streams.output.write(identify(loaded, { user_agent: userAgent, path }));
    });
}

/** A wrong line is told of with its number; the others go on, and the command fails at the end. */
async function identifyAll(families: Families, { input, output, errors }: IdentifyStreams): Promise<void> {
  let wrong = 0;
  let first = '';
  try {
    await pipeline(input, (source) => inLines(source, answer), output, { end: false });
  } catch (error) {
    if (!isNobodyReading(error)) throw error;
  }
  if (wrong > 0) throw new SelfprovError('invalid', `${wrong} line(s) could not be read; ${first}`);

  function answer(line: string, number: number): string {
    if (line.trim() === '') return '';
    try {
      return identify(families, REQUEST.parse(JSON.parse(line), { error: mistakeInWords }));
    } catch (error) {
      wrong += 1;
      const reason = `line ${number}: ${reasonOf(error)}`;
      first ||= reason;
      errors.write(`${reason}\n`);
      return '';
    }
  }
}

function identify(families: Families, request: Request): string {
  const { vendor, family, model, version, mac } = recognise(families, {
    path: request.path ?? null,
    userAgent: request.user_agent ?? null,
    dhcpVendorClass: request.dhcp_vendor_class ?? undefined,
    method: request.method ?? 'GET',
    transport: request.transport ?? 'http',
  });
  return `${inJson({ vendor, family, model, version, mac })}\n`;
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return `not JSON: ${error.message}`;
  if (!(error instanceof z.ZodError)) throw error;
  return error.issues.map(({ path, message }) => [...path.map(String), message].join(': ')).join('; ');
}

/** As in `selfprov identify | head`. */
function isNobodyReading(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
