import type { IncomingMessage, ServerResponse } from 'node:http';

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
  response.on('finish', () => {
    // Comes, with `writableFinished`, also when what was still to be sent is given up with the connection.
    isWhole = !socket.destroyed;
  });
  response.on('close', () => then({ isWhole, ms: Math.round(performance.now() - started) }));
}
