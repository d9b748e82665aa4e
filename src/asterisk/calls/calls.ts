import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isRefusal, SelfprovError } from '../../domain/errors.ts';
import { CallEnded } from '../../ivr/call.ts';
import type { Call } from '../../ivr/call.ts';
import type { Prompt } from '../../ivr/prompts.ts';
import type { Ari, AriEvent } from '../ari/ari.ts';
import { channelCall } from './channelCall.ts';
import type { CallFacts, CallLimits, ChannelCall } from './channelCall.ts';
import { atAsterisk, hostOf, usualPort, type AsteriskName } from '../../domain/addresses.ts';

export interface AnswerCallsOptions {
  readonly ari: Ari;
  /** The one that it is. */
  readonly asterisk: AsteriskName;
  /** Absolute path of the folder that holds `<language>/<prompt>.wav`, as Asterisk sees it. */
  readonly soundsPath: string;
  readonly language: string;
  /** Whether all ten digits of a language are in a folder of sounds; where they are not, Asterisk's own are said. */
  readonly hasDigits: (soundsPath: string, language: string) => boolean;
  /** What the dialplan asks for with `Stasis(app,<script>,${CHANNEL(endpoint)}[,<dialled>])`. */
  readonly scripts: Readonly<Record<string, (call: Call) => Promise<void>>>;
  /** Said when a script fails. */
  readonly apology: Prompt;
  /** As `ChannelCallOptions` has it; for one process alone always true. */
  readonly isAlive?: () => boolean;
  /** Told when the calls of before we were connected have been hung up. */
  readonly onOrphansGone: () => Promise<void>;
  readonly log: Logger;
  /** Hears of each call which script it asks for; gives what hears of its end: by the script, the caller, or a mistake. */
  readonly onCall?: (script: string) => (end: 'finished' | 'hung_up' | 'failed') => void;
  readonly limits?: Partial<CallLimits>;
}

const LIMITS: CallLimits = {
  firstDigitMs: 7_000,
  interDigitMs: 4_000,
  callMs: 180_000,
  playbackMs: 60_000,
  hangUpMs: 5_000,
};

/** For an Asterisk that does not hang up, and for scripts that do not end although their call has. */
const CLOSE_LIMIT_MS = 2_000;
/** A call that Asterisk hands over just as we connect is listed a moment before we are told of it. */
const ORPHAN_GRACE_MS = 1_000;

/** Calls that are being served. */
export interface AnsweredCalls {
  /** Lets go of all calls without hanging up: another process may have them. */
  letGo(): void;
  /** Hangs up; it takes two seconds at most. */
  close(): Promise<void>;
}

/** Runs a script for each call that the dialplan hands to our app, and leaves no channel behind. */
export function answerCalls(options: AnswerCallsOptions): AnsweredCalls {
  const { ari, scripts, apology, onOrphansGone, log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const sessions = new Map<string, ChannelCall>();
  const running = new Set<Promise<void>>();
  const closed = new AbortController();

  async function run(channel: string, session: ChannelCall, args: readonly unknown[]): Promise<void> {
    const tooLong = setTimeout(() => track(session.hangUp()), limits.callMs);
    const over = options.onCall?.(String(args[0]));
    let end: 'finished' | 'hung_up' | 'failed' = 'failed';
    try {
      const [name, endpoint, dialled] = args.map(String);
      const script = Object.entries(scripts).find(([key]) => key === name)?.[1];
      if (script === undefined)
        throw new SelfprovError('not_found', `The dialplan asks for an unknown script: ${name}`);
      const facts = await factsOf(options, channel, endpoint);
      if (await converse(script, session.call({ ...facts, dialled: dialledIn(dialled ?? '') }))) end = 'finished';
    } catch (error) {
      if (error instanceof CallEnded || session.isOver()) {
        end = 'hung_up';
        log.debug({ channel }, 'the caller has hung up');
      } else log.error({ channel, err: error }, 'a call could not be served');
    } finally {
      clearTimeout(tooLong);
      await session.hangUp();
      if (sessions.get(channel) === session) sessions.delete(channel);
      over?.(end);
    }
  }

  /** Says whether the script came to its end. */
  async function converse(script: (call: Call) => Promise<void>, call: Call): Promise<boolean> {
    try {
      await script(call);
      return true;
    } catch (error) {
      if (error instanceof CallEnded) throw error;
      log.error({ channel: call.id, endpoint: call.endpoint, err: error }, 'the script of a call failed');
      await call.answer();
      await call.say(apology);
      return false;
    }
  }

  function track(work: Promise<void>): void {
    const settled = work.catch((error: unknown) => log.error({ err: error }, 'a call could not be ended'));
    running.add(settled);
    void settled.finally(() => running.delete(settled));
  }

  async function settled(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  function begin(channel: string, args: readonly unknown[]): void {
    if (closed.signal.aborted) return track(ari.hangUp(channel));
    const session = channelCall({ isAlive: () => true, ...options, channel, limits });
    sessions.set(channel, session);
    track(run(channel, session, args));
  }

  function onEvent(event: AriEvent): void {
    const channel = channelOf(event);
    if (channel === undefined) return;
    if (event.type === 'StasisStart') return begin(channel, event['args'] as readonly unknown[]);
    sessions.get(channel)?.onEvent(event);
  }

  /** What happened while we were away was not told: calls of before cannot go on. Is done again when we are up again. */
  async function hangUpOrphans(): Promise<void> {
    try {
      const found = await ari.channels();
      await pause(ORPHAN_GRACE_MS, undefined, { signal: closed.signal });
      for (const orphan of found.filter((channel) => sessions.get(channel)?.isOver() !== false)) {
        log.info({ channel: orphan }, 'a call that nobody serves is hung up');
        await ari.hangUp(orphan).catch((error: unknown) => {
          if (!isRefusal(error, 'not_found')) throw error;
        });
      }
      await onOrphansGone();
    } catch (error) {
      if (!closed.signal.aborted) log.error({ err: error }, 'calls that nobody serves could not be hung up');
    }
  }

  function letGo(): void {
    for (const session of sessions.values()) session.end();
  }

  ari.listen({
    event: onEvent,
    down: letGo,
    up: () => void hangUpOrphans(),
  });
  if (ari.state().state === 'up') void hangUpOrphans();

  return {
    letGo,
    async close() {
      closed.abort();
      for (const session of sessions.values()) track(session.hangUp());
      const enough = new AbortController();
      await Promise.race([settled(), pause(CLOSE_LIMIT_MS, undefined, enough).catch(() => {})]);
      enough.abort();
    },
  };
}

function channelOf(event: AriEvent): string | undefined {
  const { channel, playback } = event as { channel?: { id: string }; playback?: { target_uri: string } } & AriEvent;
  return channel?.id ?? playback?.target_uri.replace(/^channel:/, '');
}

/** The endpoint is Asterisk's word; what the dialplan says of it must agree. Only PJSIP channels have one. */
async function factsOf(
  { ari, asterisk }: AnswerCallsOptions,
  channel: string,
  claimed: string | undefined,
): Promise<Omit<CallFacts, 'dialled'>> {
  const variable = (name: string): Promise<string | null> => ari.variable(channel, name);
  const [endpoint, authorization, second, contact, remote, via, userAgent] = await Promise.all([
    variable('CHANNEL(endpoint)'),
    variable('PJSIP_HEADER(read,Authorization)'),
    variable('PJSIP_HEADER(read,Authorization,2)'),
    variable('CHANNEL(pjsip,target_uri)'),
    variable('CHANNEL(pjsip,remote_addr)'),
    variable('PJSIP_HEADER(read,Via)'),
    variable('PJSIP_HEADER(read,User-Agent)'),
  ]);
  if (endpoint === null || endpoint !== claimed) {
    const message = `The call comes from ${endpoint ?? 'no endpoint'}, but the dialplan says ${claimed}`;
    throw new SelfprovError('unauthorized', message);
  }
  // Of two, it cannot be told which one Asterisk has checked.
  const authName = authorization === null || second !== null ? null : userNameOf(authorization);
  const address = remote === null ? null : hostOf(`sip:${remote}`);
  const sentBy = sentByOf(via ?? '');
  const identity =
    address === null || sentBy === undefined ? null : { callId: '', address, userAgent: userAgent ?? '', ...sentBy };
  return { endpoint, authName, contact: contact && atAsterisk(asterisk, contact), address, identity };
}

/** A number may bring parameters (RFC 3966, 5.1): what stands behind the first semicolon is not dialled. */
function dialledIn(text: string): string | null {
  const [digits = ''] = text.split(';');
  return /^[\d*]+$/.test(digits) ? digits : null;
}

/** Where the sender of a request believes to be: the sent-by of its topmost Via (RFC 3261, 20.42). */
export function sentByOf(via: string): { readonly viaAddress: string; readonly viaPort: number } | undefined {
  const [, transport, six, four, port] =
    /^SIP\s*\/\s*2\.0\s*\/\s*(\w+)\s+(?:\[([^\]]+)\]|([^\s:;,]+))(?:\s*:\s*(\d+))?/i.exec(via) ?? [];
  const viaAddress = six ?? four;
  if (viaAddress === undefined) return undefined;
  return { viaAddress, viaPort: port === undefined ? usualPort(transport?.toUpperCase() === 'TLS') : Number(port) };
}

/** The digest user name in an Authorization header (RFC 7616, 3.4), its quoting undone; `null` unless there is just one. */
export function userNameOf(authorization: string): string | null {
  const [scheme = '', rest = ''] = authorization.split(/\s+(.*)/s);
  if (scheme.toLowerCase() !== 'digest') return null;
  const parameters = rest.matchAll(/([^\s=,"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|[^\s,"]*)/g);
  const [first, ...others] = [...parameters].filter(([, name]) => name?.toLowerCase() === 'username');
  return others.length === 0 && first?.[2] !== undefined ? first[2].replace(/\\(.)/g, '$1') : null;
}
