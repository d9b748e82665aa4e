import { startBaresip, type Baresip } from './baresip.ts';
import { account, aor, dialUri } from './baresipAccount.ts';
import type { BaresipEvent } from './baresipControl.ts';
import { newCall, type CallUnderWay } from './call.ts';
import { families } from './families/families.ts';
import type { PhoneFamily } from './families/family.ts';
import { freePorts } from './freePorts.ts';
import { ownAddress } from './loopback.ts';
import { mailbox } from './mailbox.ts';
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
  const { provisioningUrl, nat } = options;
  const seenFrom = nat?.address ?? address;
  const files = phoneFiles({ family, identity, provisioningUrl, userAgent, address: seenFrom, note });
  let baresip: Baresip | undefined;
  let call: CallUnderWay | undefined;
  let work: Promise<void> = Promise.resolve();
  let closed = false;

  function note(what: string): void {
    story.push(`${new Date().toISOString().slice(11, 23)} ${what}`);
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
    baresip = await startBaresip({ address, sipPort, tone, authority, onEvent, onMessage });
    for (const line of files.reading.lines)
      await baresip.command('uanew', account(nat?.through(line) ?? line, address));
  }

  /** One thing after the other. */
  function doNext(task: () => Promise<void>): Promise<void> {
    const done = work.then(() => (closed ? undefined : task()));
    work = done.catch((error: unknown) => note(`trouble: ${String(error)}`));
    return done;
  }

  /** A phone puts provisioning off while a call is up. */
  async function obey(what: 'reboot' | 'fetch'): Promise<void> {
    await waitFor(() => closed || !inCall(), {
      what: 'the end of the call that holds up the check-sync',
      limit: 600_000,
    });
    note(what);
    await restart({ fetch: true, leave: what === 'reboot' });
  }

  function onMessage(message: SipMessage): void {
    messages.push(message);
    if (message.method !== 'NOTIFY') return;
    const notify: Notified = { ...message, event: message.header('Event') ?? '', duringCall: inCall() };
    note(`NOTIFY ${notify.event}${notify.duringCall ? ' during a call' : ''}`);
    notifies.put(notify);
    const what = habits.obeyCheckSync ? family.onNotify(notify.event, files.settings) : 'nothing';
    if (what !== 'nothing') doNext(() => obey(what)).catch(() => {});
  }

  function onEvent(event: BaresipEvent): void {
    note([event.type, event.accountaor, event.peeruri, event.param].filter((word) => word !== undefined).join(' '));
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
      call = newCall(baresip, 'outgoing', say(`a call to ${number}`));
      await baresip.command('dial', dialUri(line, number));
      return call;
    },
    press: (keys) => currentCall().press(keys),
    hangUp: () => currentCall().hangUp(),
    reboot: () => doNext(() => restart({ fetch: true, leave: true })),
    registerAgain: () => doNext(() => restart({ fetch: false, leave: true })),
    close: async () => {
      closed = true;
      await work;
      await baresip?.end('unplug');
    },
  };

  await doNext(() => restart({ fetch: true, leave: true }));
  return phone;
}
