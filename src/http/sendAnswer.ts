import type { NextFunction, Response } from 'express';
import type { Answer } from '../provisioning/files/answerRequest.ts';

export const NOT_FOUND = 'Not found\n';

/**
 * Starts to send the answer and waits for nothing: how long a phone takes to read it is the listener's business. What
 * holds secrets, what was asked for with a token and what somebody else may get otherwise is for no cache on the way.
 */
export function sendAnswer(
  response: Response,
  answer: Answer | undefined,
  { hasToken }: { readonly hasToken: boolean },
  next: NextFunction,
): void {
  const isPrivate = answer === undefined || (answer.kind === 'rendered' && answer.private);
  if (isPrivate || hasToken) response.set('Cache-Control', 'no-store');
  switch (answer?.kind) {
    case undefined:
      response.status(404).type('text/plain').send(NOT_FOUND);
      break;
    case 'accepted':
      response.type('text/plain').send('');
      break;
    case 'redirect':
      response.status(302).set('Location', answer.url).type('text/plain').send('');
      break;
    case 'rendered':
      response.set('Content-Type', answer.contentType).send(answer.body);
      break;
    case 'static':
      // Hidden files have been refused; a folder above ours may be hidden.
      response.sendFile(answer.file, { dotfiles: 'allow' }, (error?: NodeJS.ErrnoException) => {
        if (error !== undefined && error.code !== 'ECONNABORTED') next(error);
      });
  }
}
