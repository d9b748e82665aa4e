import { startBaresip, type Baresip } from './baresip.ts';
import { account, aor, dialUri } from './baresipAccount.ts';
import type { BaresipEvent } from './baresipControl.ts';
import { newCall, type CallUnderWay } from './call.ts';
import { families } from './families/families.ts';
import type { PhoneFamily } from './families/family.ts';
import { freePorts } from './freePorts.ts';
import { ownAddress } from './loopback.ts';
import { mailbox } from './mailbox.ts';
import { inWords, reasonOf, type PhoneEvent } from './phoneEvents.ts';
import { phoneFiles } from './phoneFiles.ts';
import type { Habits, Notified, Phone, PhoneOptions } from './phoneTypes.ts';
import type { LineReading } from './readers/reading.ts';
import type { SipMessage } from './sipTrace.ts';
import { waitFor } from './wait.ts';

const factoryHabits: Habits = { obeyCheckSync: true, fetch: true, register: true, oldRegistration: 'as a real phone' };

let phones = 0;

/** A default line is called by its phone: what follows is new each time. */
function isCalled(user: string, wanted: string | undefined): boolean {
  if (wanted === undefined || user === wanted) return true;
  return wanted.startsWith('phone-') && user.startsWith(`${wanted}-`);
}

/**
 * Boots a phone: fetches its files as the family does and starts to register what it read. It may have found no line.
 * SIP and sound are baresip's, a user agent of Debian; it answers a NOTIFY with 481 where a phone says 200, which Asterisk
 * takes no note of.
 */
export async function bootPhone(options: PhoneOptions): Promise<Phone> {
  const family: PhoneFamily = families[options.family];
  const mac = options.mac.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
  const identity = { mac, model: options.model ?? family.model };
  const address = options.address ?? ownAddress();
  const [sipPort = 0] = await freePorts(2, address);
  const tone = 400 + 40 * (phones++ % 60);
  const habits: Habits = { ...factoryHabits, ...options.habits };

  const messages: SipMessage[] = [];
  const story: string[] = [];
  const notifies = mailbox<Notified>();
  const incoming = mailbox<CallUnderWay>();
  const registrations = new Map<string, string>();
  const userAgent = options.userAgent ?? family.userAgent(identity);
  const { provisioningUrl, nat, mayAsk, recordings } = options;
  const seenFrom = nat?.address ?? address;
  const files = phoneFiles({ family, identity, provisioningUrl, userAgent, address: seenFrom, note, mayAsk });
  let baresip: Baresip | undefined;
  let call: CallUnderWay | undefined;
  let work: Promise<void> = Promise.resolve();
  let tasks = 0;
  let closed = false;

  function note(happened: PhoneEvent): void {
    story.push(`${new Date().toISOString().slice(11, 23)} ${inWords(happened)}`);
    options.onEvent?.(happened);
  }

  const say = (what: string) => (): string =>
    `phone ${mac}: ${what} (its story:\n  ${story.slice(-25).join('\n  ')}\n)`;
  const inCall = (): boolean => call !== undefined && !call.isOver;

  async function restart(how: { readonly fetch: boolean; readonly leave: boolean }): Promise<void> {
    if (how.fetch && habits.fetch) await files.fetch();
    const leave = habits.oldRegistration === 'as a real phone' ? how.leave : habits.oldRegistration === 'leave';
    await baresip?.end(leave ? 'unplug' : 'unregister');
    baresip = undefined;
    registrations.clear();
    call?.onEvent({ type: 'CALL_CLOSED', param: 'the phone restarted' });
    if (!habits.register || closed) return;
    const { authority = options.authority } = files;
    baresip = await startBaresip({ address, sipPort, tone, authority, recordings, onEvent, onMessage });
    for (const line of files.reading.lines) {
      for (const server of [line.host, line.outboundProxy?.replace(/:\d+$/, '')])
        if (server !== undefined) await mayAsk?.(server);
      await baresip.command('uanew', account(nat?.through(line) ?? line, address, options.keysBy));
    }
  }

  /** One thing after the other. */
  function doNext(task: () => Promise<void>): Promise<void> {
    tasks += 1;
    const done = work.then(() => (closed ? undefined : task())).finally(() => (tasks -= 1));
    work = done.catch((error: unknown) => note({ event: 'trouble', reason: reasonOf(error) }));
    return done;
  }

  /** A phone puts provisioning off while a call is up. */
  async function obey(what: 'reboot' | 'fetch'): Promise<void> {
    await waitFor(() => closed || !inCall(), {
      what: 'the end of the call that holds up the check-sync',
      limit: 600_000,
    });
    note({ event: 'restarts', why: what });
    await restart({ fetch: true, leave: what === 'reboot' });
  }

  function onMessage(message: SipMessage): void {
    messages.push(message);
    if (message.method !== 'NOTIFY') return;
    const notify: Notified = { ...message, event: message.header('Event') ?? '', duringCall: inCall() };
    notifies.put(notify);
    const what = habits.obeyCheckSync ? family.onNotify(notify.event, files.settings) : 'nothing';
    note({ event: 'notified', name: notify.event, obeys: what, duringCall: notify.duringCall });
    if (what !== 'nothing') doNext(() => obey(what)).catch(() => {});
  }

  function onEvent(event: BaresipEvent): void {
    note(happened(event, files.reading.lines));
    if (event.type === 'REGISTER_OK') registrations.set(event.accountaor ?? '', 'ok');
    if (event.type === 'REGISTER_FAIL') registrations.set(event.accountaor ?? '', event.param ?? '');
    if (!event.type.startsWith('CALL_') || baresip === undefined) return;
    if (event.type === 'CALL_INCOMING') {
      call = newCall(baresip, 'incoming', say('an incoming call'));
      incoming.put(call);
    }
    if (call?.id === undefined || call.id === event.id) call?.onEvent(event);
  }

  function currentCall(): CallUnderWay {
    if (call === undefined) throw new Error(`phone ${mac} has no call`);
    return call;
  }

  function registeredLine(as: string | undefined): LineReading | undefined {
    return files.reading.lines.find((line) => isCalled(line.user, as) && registrations.get(aor(line)) === 'ok');
  }

  const phone: Phone = {
    mac,
    address,
    tone,
    habits,
    messages,
    story,
    requests: files.requests,
    get deliveryUrl() {
      return files.deliveryUrl;
    },
    get reading() {
      return files.reading;
    },
    registered: ({ as, limit = 10_000 } = {}) =>
      waitFor(() => registeredLine(as), { what: say(`being registered${as === undefined ? '' : ` as ${as}`}`), limit }),
    refused: (limit = 5000) =>
      waitFor(() => [...registrations.values()].find((answer) => answer !== 'ok'), {
        what: say('being refused'),
        limit,
      }),
    notified: (limit = 10_000) => notifies.take({ what: say('a NOTIFY'), limit }),
    rings: (limit = 5000) => incoming.take({ what: say('an incoming call'), limit }),
    dial: async (number) => {
      const [line] = files.reading.lines;
      if (line === undefined || baresip === undefined) throw new Error(say('no line to dial from')());
      note({ event: 'calls', peer: number });
      call = newCall(baresip, 'outgoing', say(`a call to ${number}`));
      await baresip.command('dial', dialUri(line, number));
      return call;
    },
    press: (keys) => currentCall().press(keys),
    hangUp: () => currentCall().hangUp(),
    lineStates: () => files.reading.lines.map((line) => ({ ...line, state: registrations.get(aor(line)) })),
    get call() {
      return inCall() ? call : undefined;
    },
    get isBusy() {
      return tasks > 0;
    },
    reboot: () => doNext(() => restart({ fetch: true, leave: true })),
    factoryReset: () =>
      doNext(async () => {
        note({ event: 'restarts', why: 'factory reset' });
        files.forget();
        await restart({ fetch: true, leave: true });
      }),
    fetch: () => doNext(() => restart({ fetch: true, leave: false })),
    registerAgain: () => doNext(() => restart({ fetch: false, leave: true })),
    close: async (how = 'unplug') => {
      closed = true;
      await work;
      await baresip?.end(how);
    },
  };

  try {
    await doNext(() => restart({ fetch: true, leave: true }));
  } catch (error) {
    await phone.close();
    throw error;
  }
  return phone;
}

/** The user agent's words for a BYE that comes, and for one that it sends. */
const ENDS: Readonly<Record<string, string>> = {
  'Connection reset by peer': 'the other side hung up',
  'Connection reset by user': 'hung up',
};

/** What the user agent says, as it is for a phone. */
function happened(event: BaresipEvent, lines: readonly LineReading[]): PhoneEvent {
  const as = lines.find((line) => aor(line) === event.accountaor)?.user ?? '';
  const peer = decodeURIComponent(/^sips?:([^@;]*)/.exec(event.peeruri ?? '')?.[1] ?? '');
  switch (event.type) {
    case 'REGISTER_OK':
      return { event: 'registered', as };
    case 'REGISTER_FAIL':
      return { event: 'refused', as, answer: event.param ?? '' };
    case 'CALL_INCOMING':
      return { event: 'rings', peer };
    case 'CALL_ESTABLISHED':
      return { event: 'talks', peer };
    case 'CALL_CLOSED':
      return { event: 'hung up', peer, reason: ENDS[event.param ?? ''] ?? event.param ?? '' };
    default: {
      const words = [event.type, event.accountaor, event.peeruri, event.param];
      return { event: 'sip', what: words.filter((word) => word !== undefined).join(' ') };
    }
  }
}
