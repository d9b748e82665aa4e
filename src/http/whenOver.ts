import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Over {
  /** The system has taken everything, and the client was there until then. Nobody tells what it still has on the way. */
  readonly isWhole: boolean;
  /** Since the request came, rounded. */
  readonly ms: number;
}

/** Calls back once, when the answer has been sent to its end or the connection is gone. */
export function whenOver(request: IncomingMessage, response: ServerResponse, then: (over: Over) => void): void {
  const started = performance.now();
  const { socket } = request;
  let isWhole = false;
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    waiting.get(socket)?.delete(over);
    then({ isWhole, ms: Math.round(performance.now() - started) });
  };
  response.on('finish', () => {
    // Comes, with `writableFinished`, also when what was still to be sent is given up with the connection.
    isWhole = !socket.destroyed;
  });
  response.on('close', over);
  // Behind another request of its connection it waits for its turn, and never hears of a connection that ends before.
  if (response.socket === null) whenGone(socket, over);
}

const waiting = new WeakMap<Socket, Set<() => void>>();

/** One listener, however many requests wait. */
function whenGone(socket: Socket, then: () => void): void {
  const all = waiting.get(socket);
  if (all !== undefined) return void all.add(then);
  const first = new Set([then]);
  waiting.set(socket, first);
  socket.once('close', () => first.forEach((each) => each()));
}
