import { z } from 'zod';
import { WrongSettings } from '../administration/settings.ts';
import { DatabaseError, SelfprovError, type ErrorCode } from '../domain/errors.ts';

/** What every failure is answered with (RFC 9457), as `application/problem+json`. */
export const PROBLEM = z
  .object({
    type: z.string().meta({ description: 'what went wrong, for programs', example: 'urn:selfprov:problem:conflict' }),
    title: z.string().meta({ description: 'the same for people' }),
    status: z.number().int(),
    detail: z.string().meta({ description: 'what was wrong this time, and what to do' }),
    reason: z.string().optional().meta({ description: 'a word for programs that says more than `type`' }),
    mistakes: z
      .array(z.object({ at: z.string().meta({ example: 'body.name' }), detail: z.string() }))
      .optional()
      .meta({ description: 'each mistake of a request, and where it is' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof PROBLEM>;

type Kind = ErrorCode | 'forbidden' | 'changed_meanwhile' | 'too_large' | 'too_many' | 'failed';

const KINDS: Readonly<Record<Kind, { readonly status: number; readonly title: string }>> = {
  invalid: { status: 400, title: 'The request is wrong' },
  unauthorized: { status: 401, title: 'Nobody is known by this' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'Something is in the way' },
  changed_meanwhile: { status: 412, title: 'Somebody else has changed it' },
  too_large: { status: 413, title: 'Too large' },
  too_many: { status: 429, title: 'Too many requests' },
  failed: { status: 500, title: 'Selfprov failed' },
  unavailable: { status: 503, title: 'Not possible at the moment' },
};

/** Statuses that a request may be answered with besides what it asks for. */
export const PROBLEM_STATUSES: readonly number[] = Object.values(KINDS).map(({ status }) => status);

/** A request that its schema has something against. */
export class WrongRequest extends SelfprovError {
  readonly mistakes: NonNullable<Problem['mistakes']>;

  constructor(mistakes: NonNullable<Problem['mistakes']>) {
    super('invalid', mistakes.map(({ at, detail }) => `${at}: ${detail}`).join('; '));
    this.mistakes = mistakes;
  }
}

/** What somebody who asked is told of a failure; of one that is no refusal nothing but that. */
export function problemOf(error: unknown): Problem {
  const kind = kindOf(error);
  const { status, title } = KINDS[kind];
  const plain = { type: `urn:selfprov:problem:${kind}`, title, status };
  if (!(error instanceof SelfprovError)) return { ...plain, detail: UNSAID[kind] ?? `${title}.` };
  const told = error instanceof WrongSettings ? inBody(error) : error;
  const { message: detail, reason } = told;
  return {
    ...{ ...plain, detail },
    ...(reason === undefined ? {} : { reason }),
    ...(told instanceof WrongRequest ? { mistakes: told.mistakes } : {}),
  };
}

/** Settings as a request names them. */
function inBody({ mistakes }: WrongSettings): WrongRequest {
  return new WrongRequest(mistakes.map(({ name, detail }) => ({ at: `body.settings.${name}`, detail })));
}

const UNSAID: Partial<Readonly<Record<Kind, string>>> = {
  failed: 'The log of selfprov says why.',
  invalid: 'The request cannot be read: JSON in UTF-8 is wanted.',
};

function kindOf(error: unknown): Kind {
  if (error instanceof SelfprovError) {
    const special = (['forbidden', 'changed_meanwhile', 'too_large', 'too_many'] as const).find(
      (kind) => kind === error.reason,
    );
    return special ?? error.code;
  }
  if (error instanceof DatabaseError) return 'failed';
  if (error instanceof URIError) return 'not_found';
  // As express and what reads bodies for it mark what is wrong with a request.
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return 'too_large';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'invalid' : 'failed';
}
