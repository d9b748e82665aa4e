import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import createManager from 'asterisk-manager';
import type { Message } from 'asterisk-manager';
import { SelfprovError } from '../../domain/errors.ts';
import type { Connection, ConnectionEnd } from '../link/link.ts';

export type { Message } from 'asterisk-manager';

/** Headers of one action; `ActionID` is added. */
export type ActionFields = Readonly<Record<string, string>>;

export interface AmiConnection extends Connection {
  /** The answer and the events that belong to it, whole. Rejects as `Ami.list` does. */
  ask(fields: ActionFields, signal: AbortSignal): Promise<{ readonly response: Message; readonly events: Message[] }>;
}

export interface AmiConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly heartbeatMs: number;
  readonly onEvent: (event: Message) => void;
}

interface Asked {
  readonly name: string;
  readonly events: Message[];
  response: Message | undefined;
  resolve(answer: { response: Message; events: Message[] }): void;
  reject(error: SelfprovError): void;
}

/** Connects once and logs in: one manager, no reconnection. Rejects when it is not logged in before `signal` fires. */
export async function openAmi(options: AmiConnectionOptions, signal: AbortSignal): Promise<AmiConnection> {
  const { host, port, user, password, heartbeatMs, onEvent } = options;
  const manager = createManager(undefined, undefined, user, password, false);
  const asked = new Map<string, Asked>();
  const { promise: ended, end } = ending();
  let socket: Socket | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  function close(reason: string): void {
    end({ reason });
    clearInterval(heartbeat);
    manager.removeAllListeners('rawevent');
    for (const { name, reject } of asked.values())
      reject(new SelfprovError('unavailable', `The connection to Asterisk (AMI) was lost before it answered ${name}`));
    asked.clear();
    socket?.destroy();
    manager.disconnect();
  }

  function onMessage(message: Message): void {
    const waiting = asked.get(String(message['actionid']));
    if (waiting === undefined) return onEvent(message);
    if (message['event'] === undefined) waiting.response = message;
    else waiting.events.push(message);
    const { name, response, events, resolve, reject } = waiting;
    if (response?.['response'] === 'Error') {
      const why = String(response['message'] ?? 'no reason given');
      return reject(new SelfprovError('invalid', `Asterisk refuses ${name}: ${why}`, { reason: 'ami_refused' }));
    }
    const complete = response?.['eventlist'] !== 'start' || String(message['eventlist']).toLowerCase() === 'complete';
    if (response !== undefined && complete) resolve({ response, events });
  }

  function ask(fields: ActionFields, limit: AbortSignal): ReturnType<AmiConnection['ask']> {
    const id = randomUUID();
    const name = fields['Action'] ?? '';
    return new Promise<Awaited<ReturnType<AmiConnection['ask']>>>((resolve, reject) => {
      const late = (): void =>
        reject(new SelfprovError('unavailable', `Asterisk (AMI) did not answer ${name} in time`));
      if (limit.aborted) return late();
      limit.addEventListener('abort', late, { once: true });
      asked.set(id, { name, events: [], response: undefined, resolve, reject });
      manager.action({ ...fields, actionid: id });
    }).finally(() => {
      asked.delete(id);
      manager.removeAllListeners(id);
    });
  }

  manager.on('rawevent', onMessage);
  manager.on('error', (error) => close(error.message));
  manager.on('close', () => close('Asterisk closed the connection'));
  const abort = (): void => close('Asterisk did not answer in time');
  signal.addEventListener('abort', abort, { once: true });
  try {
    socket = socketOf(() => manager.connect(port, host, () => {}));
    const login = new Promise<void>((resolve) =>
      manager.login((error) => {
        if (error === undefined) resolve();
        else close(`Asterisk does not accept the AMI user "${user}" with this password, or not from this address`);
      }),
    );
    await Promise.race([login, failure(ended)]);
    await ask({ Action: 'Events', EventMask: 'security' }, signal);
  } catch (error) {
    close('not connected');
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }

  heartbeat = setInterval(() => {
    ask({ Action: 'Ping' }, AbortSignal.timeout(heartbeatMs)).catch(() =>
      close(`Asterisk did not answer for ${heartbeatMs / 1000} s`),
    );
  }, heartbeatMs);
  return { ended, ask, close: () => close('closed') };
}

function ending(): { readonly promise: Promise<ConnectionEnd>; readonly end: (end: ConnectionEnd) => void } {
  let end: (end: ConnectionEnd) => void = () => {};
  const promise = new Promise<ConnectionEnd>((resolve) => (end = resolve));
  return { promise, end };
}

async function failure(ended: Promise<ConnectionEnd>): Promise<never> {
  const { reason } = await ended;
  throw new SelfprovError('unavailable', reason);
}

/** asterisk-manager keeps its socket to itself and can only half-close it, which a frozen Asterisk never answers. */
function socketOf(connect: () => void): Socket | undefined {
  let socket: Socket | undefined;
  const take = (message: unknown): void => {
    socket = (message as { readonly socket: Socket }).socket;
  };
  // Node tells of each new socket before `connect` returns.
  subscribe('net.client.socket', take);
  try {
    connect();
  } finally {
    unsubscribe('net.client.socket', take);
  }
  return socket;
}
