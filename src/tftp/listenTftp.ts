import { createSocket, type Socket } from 'node:dgram';
import { once, setMaxListeners } from 'node:events';
import { isIPv6 } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';
import { sharedFiles } from '../staticFiles/sharedFiles.ts';
import { answerRead, type Answering, type Client } from './answerRead.ts';
import { encodePacket, ERRORS, parsePacket, type Request } from './packet.ts';
import { tally } from './tally.ts';

export interface TftpLimits {
  /** Transfers at once. A request beyond is not answered; the client asks again by itself. */
  readonly transfers: number;
  /** The same for one source address; a whole site may be behind it. */
  readonly perAddress: number;
  /** Of these, the ones that nobody has acknowledged yet. They may have been asked for in another's name. */
  readonly unanswered: number;
  /** Milliseconds for one file. */
  readonly duration: number;
}

export interface TftpListener {
  readonly port: number;
  /** Transfers that have not ended. */
  underWay(): number;
  /** Ends running transfers. */
  close(): Promise<void>;
}

const LIMITS: TftpLimits = { transfers: 4000, perAddress: 1000, unanswered: 250, duration: 60 * 60_000 };
/** The requests of a site that boots at once wait here, in bytes. The system may allow less. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

/**
 * A read-only TFTP server (RFC 1350, with the options of RFC 2348, 2349 and 7440). Rejects with `unavailable` when the
 * port cannot be opened.
 */
export async function listenTftp(
  needs: Pick<Answering, 'answer' | 'quick' | 'host' | 'log' | 'onOver'> & {
    readonly port: number;
    /** Hears of a request that is let be, because of too many others. */
    readonly onCrowded?: () => void;
    readonly limits?: Partial<TftpLimits>;
  },
): Promise<TftpListener> {
  const limits = { ...LIMITS, ...needs.limits };
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<void>>();
  const byAddress = tally();
  const unanswered = tally();
  /** Requests whose answer may still be sent again by itself: the same again is a repeated one, and gets no second transfer. */
  const recent = new Set<string>();

  const socket = await bind(needs.host, needs.port);
  const answering: Answering = {
    ...needs,
    read: sharedFiles(),
    limit: limits.duration,
    signal: closing.signal,
    refuse: (error, { port, address }) => socket.send(encodePacket(error), port, address),
  };

  async function transfer(request: Request, client: Client, id: string): Promise<void> {
    const isOver = byAddress.add(client.address);
    const isAnswered = unanswered.add(client.address);
    recent.add(id);
    await answerRead(answering, request, client, {
      onAnswer() {
        recent.delete(id);
        isAnswered();
      },
      onWait: () => recent.delete(id),
    });
    recent.delete(id);
    isAnswered();
    isOver();
  }

  socket.on('message', (bytes, client) => {
    const request = client.port === 0 ? undefined : parsePacket(bytes);
    if (request?.kind === 'write') return answering.refuse(ERRORS.readOnly, client);
    if (request?.kind !== 'read') return;
    if (request.mode !== 'octet' && request.mode !== 'netascii') return answering.refuse(ERRORS.badMode, client);
    const id = `${client.address} ${client.port} ${bytes.toString('latin1')}`;
    const { address } = client;
    if (recent.has(id)) return;
    const isFull = running.size >= limits.transfers || byAddress.of(address) >= limits.perAddress;
    if (isFull || unanswered.of(address) >= limits.unanswered) return needs.onCrowded?.();
    const done: Promise<void> = transfer(request, client, id).finally(() => running.delete(done));
    running.add(done);
  });
  socket.on('error', (error) => needs.log.error({ err: error }, 'TFTP socket failed'));

  return {
    port: socket.address().port,
    underWay: () => running.size,
    async close() {
      closing.abort();
      const closed = once(socket, 'close');
      socket.close();
      await Promise.all([closed, ...running]);
    },
  };
}

async function bind(host: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER });
  socket.bind(port, host);
  try {
    await once(socket, 'listening');
    return socket;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new SelfprovError('unavailable', `cannot listen for TFTP on ${host} port ${port}: ${reason}`, { cause });
  }
}
