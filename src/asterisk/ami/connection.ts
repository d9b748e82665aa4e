import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import createManager from 'asterisk-manager';
import type { Message } from 'asterisk-manager';
import { SelfprovError } from '../../domain/errors.ts';
import { ending } from '../../link/ending.ts';
import type { Connection } from '../../link/link.ts';
import { published } from '../../link/published.ts';

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
  const { ended, signal: over, end, orEnd } = ending();
  let socket: Socket | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  function close(reason: string): void {
    end({ reason });
    clearInterval(heartbeat);
    manager.removeAllListeners('rawevent');
    for (const { name, reject } of asked.values()) reject(lostBefore(name));
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
      // It may end between being given out and being used; asterisk-manager would write that to the console.
      if (over.aborted) return reject(lostBefore(name));
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
    const connect = (): void => manager.connect(port, host, () => {});
    socket = published<{ readonly socket: Socket }>('net.client.socket', connect)?.socket;
    const login = new Promise<void>((resolve) =>
      manager.login((error) => {
        if (error === undefined) resolve();
        else close(`Asterisk does not accept the AMI user "${user}" with this password, or not from this address`);
      }),
    );
    await orEnd(login);
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

function lostBefore(name: string): SelfprovError {
  return new SelfprovError('unavailable', `The connection to Asterisk (AMI) was lost before it answered ${name}`);
}
