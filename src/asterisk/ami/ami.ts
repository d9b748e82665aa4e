import type { Logger } from 'pino';
import { SelfprovError } from '../../domain/errors.ts';
import { readAuthentication, type Authentication } from './authentication.ts';
import { openAmi, type ActionFields, type AmiConnection, type Message } from './connection.ts';
import { keepConnected, type LinkState } from '../../link/link.ts';
import { untilAny } from '../../link/untilAny.ts';

export interface AskLimit {
  /** Milliseconds, the wait for a connection included; 10 s unless given. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asterisk over AMI. An action that is asked for while Asterisk cannot be reached waits for it. Every action settles
 * within its limit, with a `SelfprovError` otherwise: `unavailable` when there was no answer (it may have been carried
 * out all the same) or the link is closed, `invalid` with reason `ami_refused` when Asterisk said no, `invalid` when a value cannot be sent.
 */
export interface Ami {
  state(): LinkState;
  action(fields: ActionFields, limit?: AskLimit): Promise<Message>;
  /** The events that answer a list action, without the one that only says that the list is complete. */
  list(fields: ActionFields, limit?: AskLimit): Promise<readonly Message[]>;
  close(): Promise<void>;
}

export interface AmiOptions {
  /** For the log, where there are several. */
  readonly name?: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly log: Logger;
  /** Told which endpoint a phone has just proven to be, by a REGISTER or a call: its registrations may have changed. */
  readonly onAuthenticated?: (proven: Authentication) => void;
  /** Told whom Asterisk has just refused, who had a password that does not fit. */
  readonly onRefused?: (refused: Authentication) => void;
  /** Connected (again): what happened before this moment has not been told. */
  readonly onUp?: () => void;
  /** From now on nothing is told. */
  readonly onDown?: () => void;
  readonly signal?: AbortSignal;
  /** As `LinkOptions` has it. */
  readonly ending?: AbortSignal;
  readonly heartbeatMs?: number;
}

/** Asterisk discards a message with a longer line. */
const LONGEST_LINE = 1000;

/** Connects, and goes on connecting until `close`. */
export function connectAmi(options: AmiOptions): Ami {
  const { log, onAuthenticated, onRefused, onUp, onDown, signal, heartbeatMs = 15_000 } = options;

  function onEvent(message: Message): void {
    try {
      const heard = readAuthentication(message);
      if (heard !== undefined) (heard.isProven ? onAuthenticated : onRefused)?.(heard);
    } catch (error) {
      log.error({ err: error }, 'an AMI event could not be handled');
    }
  }

  const link = keepConnected<AmiConnection>({
    name: options.name ?? 'AMI',
    log,
    ending: options.ending,
    open: (openSignal) => openAmi({ ...options, heartbeatMs, onEvent }, openSignal),
    ...(onUp === undefined ? {} : { onUp }),
    ...(onDown === undefined ? {} : { onDown }),
    ...(signal === undefined ? {} : { signal }),
  });

  async function ask(
    fields: ActionFields,
    { limit = 10_000, signal: given }: AskLimit = {},
  ): ReturnType<AmiConnection['ask']> {
    checkFields(fields);
    const ends = [AbortSignal.timeout(limit), ...(given === undefined ? [] : [given])];
    return untilAny(ends, async (either) => (await link.connection(either)).ask(fields, either));
  }

  return {
    state: link.state,
    action: async (fields, limit) => (await ask(fields, limit)).response,
    list: async (fields, limit) => {
      const { events } = await ask(fields, limit);
      return events.filter((event) => event['eventlist'] === undefined);
    },
    close: link.close,
  };
}

/** A line break in a value would start another header, or another action. */
function checkFields(fields: ActionFields): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!/^[A-Za-z]+$/.test(name) || /[\r\n\0]/.test(value))
      throw new SelfprovError('invalid', `The AMI header ${JSON.stringify(name)} holds a control character`);
    if (Buffer.byteLength(value) + name.length > LONGEST_LINE)
      throw new SelfprovError('invalid', `The AMI header ${name} is longer than ${LONGEST_LINE} bytes`);
  }
}
