import type { Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { SelfprovError } from '../domain/errors.ts';
import { KEY_TIME } from './call.ts';
import { reasonOf, shownUrl } from './phoneEvents.ts';
import type { Phone } from './phoneTypes.ts';
import { waitFor } from './wait.ts';

export const SESSION_HELP = `  dial NUMBER        call, from the first line
  keys DIGITS        press keys in the call: 0-9, * and #
  answer, hangup     take the call that rings, end the call
  state              what it is, its lines, its call
  fetch              take the settings anew, as a check-sync makes it
  reboot             power off and on
  factory-reset      forget everything, and start as it left the factory
  wait registered [as USER] [SECONDS]
  wait call [SECONDS]    until a call rings or is connected
  wait idle [SECONDS]    until there is no call, and nothing is being fetched
  help, quit`;

export interface Session {
  readonly phone: Phone;
  /** What is typed. */
  readonly lines: Interface;
  readonly output: NodeJS.WritableStream;
  /** Somebody sits there: a prompt, and a mistake is told and forgotten. Otherwise the first mistake ends it. */
  readonly isInteractive: boolean;
  /** How a thing is shown that was asked for. */
  show(what: string, data: object): void;
  readonly signal: AbortSignal;
}

const WAIT_SECONDS = 30;

/** One command a line, until `quit` or the end of what comes in. Rejects with the number of the line that failed. */
export async function runSession(session: Session): Promise<void> {
  const { lines, output, isInteractive, signal } = session;
  const close = (): void => lines.close();
  lines.once('SIGINT', close);
  signal.addEventListener('abort', close, { once: true });
  let number = 0;
  try {
    if (isInteractive) lines.prompt();
    for await (const line of lines) {
      number += 1;
      const text = line.replace(/(^|\s)#\s.*$/, '').trim();
      if (text === 'quit') return;
      try {
        if (text !== '') await obey(session, text);
      } catch (error) {
        const reason = reasonOf(error).replace(/ \(its story:\n.*\n\)/s, '');
        if (!isInteractive) throw new SelfprovError('invalid', `line ${number}, ${text}: ${reason}`, { cause: error });
        output.write(`${reason}\n`);
      }
      if (isInteractive) lines.prompt();
    }
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
  }
}

async function obey(session: Session, text: string): Promise<void> {
  const { phone, output } = session;
  const [command = '', ...words] = text.split(/\s+/);
  const given = (what: string): string => {
    const [word] = words;
    if (word === undefined || words.length > 1) throw new Error(`say which: ${command} ${what}`);
    return word;
  };
  switch (command) {
    case 'dial':
      return void (await phone.dial(given('NUMBER')));
    case 'keys': {
      const keys = given('DIGITS');
      await phone.press(keys);
      // Nothing that follows cuts them off.
      return pause(KEY_TIME);
    }
    case 'answer':
      if (phone.call === undefined) throw new Error('nobody is calling');
      return phone.call.answer();
    case 'hangup':
      return phone.hangUp();
    case 'state':
      return session.show(stateInWords(phone), stateOf(phone));
    case 'fetch':
      return phone.fetch();
    case 'reboot':
      return phone.reboot();
    case 'factory-reset':
      return phone.factoryReset();
    case 'wait':
      return waitAsTold(phone, words);
    case 'help':
      return void output.write(`${SESSION_HELP}\n`);
    default:
      throw new Error(`there is no ${command} here: help`);
  }
}

async function waitAsTold(phone: Phone, words: readonly string[]): Promise<void> {
  const [, what = '', as, seconds = WAIT_SECONDS] =
    /^(registered|call|idle)(?: as (\S+))?(?: (\d{1,4}))?$/.exec(words.join(' ')) ?? [];
  const limit = Number(seconds) * 1000;
  switch (what) {
    case 'registered':
      return void (await waitFor(() => phone.lineStates().some((line) => isRegistered(line, as)), {
        what: `being registered${as === undefined ? '' : ` as ${as}`}`,
        limit,
      }));
    case 'call':
      return void (await waitFor(() => phone.call?.isConnected === true || phone.call?.direction === 'incoming', {
        what: 'a call',
        limit,
      }));
    case 'idle':
      return void (await waitFor(() => phone.call === undefined && !phone.isBusy, {
        what: 'the end of all calls and fetches',
        limit,
      }));
    default:
      throw new Error('wait for what? wait registered [as USER] [SECONDS], wait call [SECONDS], wait idle [SECONDS]');
  }
}

function isRegistered({ user, state }: { user: string; state: string | undefined }, as: string | undefined): boolean {
  return state === 'ok' && (as === undefined || as === user);
}

function stateOf(phone: Phone): object {
  const { mac, address, call } = phone;
  return {
    mac,
    address,
    fetchesFrom: shownUrl(phone.deliveryUrl),
    lines: phone.lineStates().map(({ line, label, displayName, user, state }) => ({
      ...{ line, label, displayName, user },
      state: state === 'ok' ? 'registered' : (state ?? 'not registered'),
    })),
    call: call === undefined ? null : callInWords(phone),
  };
}

function callInWords({ call }: Phone): string {
  if (call?.isConnected === true) return 'connected';
  return call?.direction === 'incoming' ? 'rings' : 'calling';
}

function stateInWords(phone: Phone): string {
  const lines = phone.lineStates().map(({ line, label, displayName, user, state }) => {
    const name = label || displayName || user;
    return `  line ${line}   ${name}  (${user})  ${state === 'ok' ? 'registered' : (state ?? 'not registered')}`;
  });
  return [
    `${phone.mac} at ${phone.address}, fetches from ${shownUrl(phone.deliveryUrl)}`,
    ...(lines.length === 0 ? ['  no line'] : lines),
    `  ${phone.call === undefined ? 'no call' : `call: ${callInWords(phone)}`}`,
  ].join('\n');
}
