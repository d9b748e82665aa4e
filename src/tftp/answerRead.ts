import type { RemoteInfo } from 'node:dgram';
import { plainAddress } from '../domain/addresses.ts';
import type { Log } from '../log.ts';
import type { sharedFiles } from '../staticFiles/sharedFiles.ts';
import type { Ready } from '../provisioning/fast/fastPath.ts';
import type { Answer } from '../provisioning/files/answerRequest.ts';
import { readTarget } from '../provisioning/files/requestTarget.ts';
import type { FileRequest, Served } from '../provisioning/files/serveFile.ts';
import { negotiateOptions } from './negotiateOptions.ts';
import { toNetascii } from './netascii.ts';
import { ERRORS, type Packet, type Request } from './packet.ts';
import { sendBlocks, type Delivered, type Delivery, type Outcome } from './sendBlocks.ts';

export type Client = Pick<RemoteInfo, 'address' | 'port'>;

export interface Answering {
  /** What can be answered at once; it is asked first. */
  readonly quick?: (request: FileRequest) => Ready | undefined;
  readonly answer: (request: FileRequest) => Promise<Answer | undefined>;
  readonly read: ReturnType<typeof sharedFiles>;
  readonly host: string;
  readonly log: Log;
  /** Milliseconds for one file. */
  readonly limit: number;
  readonly signal: AbortSignal;
  refuse(error: Packet, client: Client): void;
  /** Hears of each request when it is over. */
  readonly onOver?: (over: ReadOver) => void;
}

/** What a request has come to. */
export interface ReadOver {
  readonly answer: Answer | undefined;
  readonly outcome: Outcome | 'not_found';
  readonly repeats: number;
  readonly ms: number;
}

/** Serves one request to its end. Everything that is not served is the same "File not found". Never rejects. */
export async function answerRead(
  needs: Answering,
  request: Request,
  client: Client,
  hearing: Pick<Delivery, 'onAnswer' | 'onWait'>,
): Promise<void> {
  const { log, signal } = needs;
  const started = performance.now();
  const passed = (): number => Math.round(performance.now() - started);
  const { token, path, door, loggable } = readTarget(request.name);
  const address = plainAddress(client.address);
  try {
    const from = { transport: 'tftp', claim: { token, address } } as const;
    const asked = { path, door, userAgent: null, method: 'GET', ...from } as const;
    const answer = needs.quick?.(asked) ?? (await needs.answer(asked));
    const body = answer && (await bodyOf(needs, answer));
    if (signal.aborted) return;
    const served = answer?.kind === 'rendered' ? answer : undefined;
    const onAnswer = (): void => {
      hearing.onAnswer();
      void note(served?.begun, log, loggable);
    };
    const ended = body && (await send(needs, request, client, body, { ...hearing, onAnswer }));
    if (ended === undefined) needs.refuse(ERRORS.notFound, client);
    if (ended?.outcome === 'sent') await note(served?.delivered, log, loggable);
    const { outcome, repeats } = ended ?? { outcome: 'not_found', repeats: 0 };
    const ms = passed();
    needs.onOver?.({ answer, outcome, repeats, ms });
    log.info(
      { device: answer?.mac ?? null, family: answer?.family, path: loggable, address, outcome, repeats, ms },
      `TFTP ${outcome}`,
    );
  } catch (error) {
    log.error({ err: error, path: loggable, address }, 'TFTP request failed');
    needs.onOver?.({ answer: undefined, outcome: 'failed', repeats: 0, ms: passed() });
    if (!signal.aborted) needs.refuse(ERRORS.failed, client);
  }
}

/** A file that lies there is read whole; one that is too large for that is not served. */
async function bodyOf({ read }: Answering, answer: Answer): Promise<Buffer | undefined> {
  if (answer.kind === 'accepted' || answer.kind === 'redirect') return undefined;
  return answer.kind === 'rendered' ? answer.body : read(answer.file);
}

/** The phone has its file whatever becomes of this. */
async function note(work: Served['delivered'], log: Log, path: string): Promise<void> {
  try {
    await work?.();
  } catch (error) {
    log.error({ err: error, path }, 'a delivery could not be noted');
  }
}

function send(
  { host, limit, signal }: Answering,
  { mode, options }: Request,
  client: Client,
  file: Buffer,
  hearing: Pick<Delivery, 'onAnswer' | 'onWait'>,
): Promise<Delivered> {
  const body = mode === 'netascii' ? toNetascii(file) : file;
  return sendBlocks({
    host,
    client,
    body,
    negotiated: negotiateOptions(options, body.length),
    limit,
    signal,
    ...hearing,
  });
}
