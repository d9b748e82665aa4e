import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { plainAddress } from '../domain/addresses.ts';
import type { FewLines } from './fewLines.ts';

interface ParseError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** Its peer is gone: nothing was refused, and nobody is left to be told. */
const GONE: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'];
/** A peer that is still sending would lose the answer by a reset: it is heard out for so long, in milliseconds. */
const LINGER = 1000;

/** Ends the connection, with an answer unless that would run into another one, and logs why. */
export type Refuse = (socket: Socket, status: number, reason: string) => void;

/**
 * Answers and logs what node:http refuses before a handler sees it, and would refuse without a word. Nothing of what
 * came is logged: it may hold a token.
 */
export function noteRefusals(
  server: Server | TlsServer,
  lines: FewLines,
  onRefused?: (status: number | null) => void,
): Refuse {
  const answers = new WeakMap<Duplex, ServerResponse>();
  const refused = new WeakSet<Duplex>();

  function note(address: string | undefined, status: number | null, reason: string): void {
    lines.info(plainAddress(address), { status, reason }, 'request refused');
    onRefused?.(status);
  }

  function refuse(socket: Socket, status: number, reason: string): void {
    if (refused.has(socket)) return;
    refused.add(socket);
    note(socket.remoteAddress, status, reason);
    const current = answers.get(socket);
    const isAnswering = current !== undefined && current.headersSent && !current.writableFinished;
    if (!socket.writable || isAnswering) return void socket.destroy();
    const line = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;
    socket.on('error', () => undefined);
    socket.end(`${line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    const late = setTimeout(() => socket.destroy(), LINGER);
    socket.once('close', () => clearTimeout(late));
  }

  server.on('request', (request, response) => void answers.set(request.socket, response));
  server.on('clientError', (error: ParseError, socket: Socket) => {
    if (GONE.includes(error.code)) return void socket.destroy();
    const { status, reason } = meaningOf(error);
    refuse(socket, status, reason);
  });
  server.on('tlsClientError', (error: ParseError, socket: Socket) => {
    if (!GONE.includes(error.code)) note(socket.remoteAddress, null, tlsMeaningOf(error));
  });
  server.on('connect', ({ socket }: IncomingMessage) => refuse(socket, 405, 'CONNECT: this is no proxy'));
  server.on('checkExpectation', ({ socket }: IncomingMessage) => refuse(socket, 417, 'an Expect that is not known'));
  server.on('drop', (dropped?: { remoteAddress?: string }) => {
    note(dropped?.remoteAddress, null, 'too many connections');
  });
  return refuse;
}

function tlsMeaningOf({ code = '' }: ParseError): string {
  return code === 'ERR_SSL_HTTP_REQUEST' ? 'plain HTTP on the port for HTTPS' : `no TLS connection: ${code}`;
}

function meaningOf({ code = '', rawPacket }: ParseError): { readonly status: number; readonly reason: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, reason: 'its headers are too large' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, reason: 'its chunk extensions are too large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, reason: 'it did not come in time' };
    case 'HPE_INVALID_EOF_STATE':
      return { status: 400, reason: 'it ended in the middle' };
    default: {
      // A handshake record of SSL 3 or later.
      const isTls = rawPacket?.[0] === 0x16 && rawPacket[1] === 3;
      return { status: 400, reason: isTls ? 'TLS on the plain port' : `it is no HTTP: ${code}` };
    }
  }
}
