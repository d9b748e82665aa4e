import { startBaresip, type Baresip } from '../../src/virtualPhone/baresip.ts';
import { account, dialUri } from '../../src/virtualPhone/baresipAccount.ts';
import { newCall, type Call, type CallUnderWay } from '../../src/virtualPhone/call.ts';
import { families, type FamilyName } from '../../src/virtualPhone/families/families.ts';
import { freePorts } from './freePorts.ts';
import type { Fetched } from '../../src/virtualPhone/fetchAs.ts';
import { ownAddress } from '../../src/virtualPhone/loopback.ts';
import { mailbox } from '../../src/virtualPhone/mailbox.ts';
import { inWords } from '../../src/virtualPhone/phoneEvents.ts';
import { phoneFiles } from '../../src/virtualPhone/phoneFiles.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import type { LineReading } from '../../src/virtualPhone/readers/reading.ts';
import { waitFor } from './wait.ts';

/** What is plugged into one port. It is called as the phone in its file is. */
export interface AdapterPort extends Pick<Phone, 'registered' | 'dial' | 'rings' | 'press' | 'tone'> {
  /** How often it has started to register with other credentials than before. */
  readonly starts: number;
}

export interface Adapter {
  readonly mac: string;
  readonly address: string;
  readonly ports: readonly [AdapterPort, AdapterPort];
  /** Every request for a file, oldest first. */
  readonly requests: readonly Fetched[];
  readonly story: readonly string[];
  /** Ends its processes; its registrations stand. */
  close(): Promise<void>;
}

const PORTS = 2;
let adapters = 0;

/**
 * Boots an adapter for two telephones: one file for the box, a user agent for each port with a SIP port of its own. A check-sync
 * to either is for the box: it fetches once, when both telephones are on the hook. A port whose account has not changed
 * keeps its registration.
 */
export async function bootAdapter(options: {
  readonly family: FamilyName;
  readonly mac: string;
  readonly provisioningUrl: string;
}): Promise<Adapter> {
  const { mac, provisioningUrl } = options;
  const family = families[options.family];
  const identity = { mac, model: family.model };
  const address = ownAddress();
  const story: string[] = [];
  const note = (what: string): void => void story.push(`${new Date().toISOString().slice(11, 23)} ${what}`);
  const userAgent = family.userAgent(identity);
  const files = phoneFiles({
    family,
    identity,
    provisioningUrl,
    userAgent,
    address,
    note: (happened) => note(inWords(happened)),
  });
  const tones = 3000 + 80 * (adapters++ % 6);
  let isTold = false;
  let closed = false;
  let loading: Promise<unknown> = Promise.resolve();

  const about = (what: string) => (): string =>
    `adapter ${mac}, ${what} (its story:\n  ${story.slice(-25).join('\n  ')}\n)`;

  async function onNotify(event: string): Promise<void> {
    note(`NOTIFY ${event}`);
    if (isTold || family.onNotify(event, files.settings) === 'nothing') return;
    isTold = true;
    await waitFor(() => closed || ports.every((port) => !port.inCall()), { what: 'idle ports', limit: 600_000 });
    isTold = false;
    if (closed) return;
    // Told twice, it restarts twice: not at the same time.
    loading = loading.then(load, load);
    await loading;
  }

  async function load(): Promise<void> {
    await files.fetch();
    for (const [at, port] of ports.entries()) await port.use(files.reading.lines.find(({ line }) => line === at + 1));
  }

  const sipPorts = await freePorts(2 * PORTS, address);
  const ports = Array.from({ length: PORTS }, (_, at) =>
    openPort({
      ...{ address, sipPort: sipPorts[2 * at] ?? 0, tone: tones + 40 * at },
      note: (what) => note(`port ${at + 1}: ${what}`),
      about: (what) => about(`port ${at + 1}: ${what}`),
      onNotify: (event) => void onNotify(event).catch((error: unknown) => note(`trouble: ${String(error)}`)),
    }),
  );
  await load();
  const [one, two] = ports;
  if (one === undefined || two === undefined) throw new Error('an adapter has two ports');
  return {
    ...{ mac, address, story, requests: files.requests },
    ports: [one, two],
    async close() {
      closed = true;
      for (const port of ports) await port.end();
    },
  };
}

interface OpenPort extends AdapterPort {
  inCall(): boolean;
  use(line: LineReading | undefined): Promise<void>;
  end(): Promise<void>;
}

function openPort(options: {
  readonly address: string;
  readonly sipPort: number;
  readonly tone: number;
  readonly note: (what: string) => void;
  readonly about: (what: string) => () => string;
  readonly onNotify: (event: string) => void;
}): OpenPort {
  const { address, sipPort, tone, note, about } = options;
  const incoming = mailbox<CallUnderWay>();
  let baresip: Baresip | undefined;
  let line: LineReading | undefined;
  let isRegistered = false;
  let call: CallUnderWay | undefined;
  let starts = 0;

  async function use(next: LineReading | undefined): Promise<void> {
    if (JSON.stringify(next) === JSON.stringify(line)) return;
    await baresip?.end('unregister');
    [baresip, line, isRegistered] = [undefined, next, false];
    if (next === undefined) return;
    starts += 1;
    baresip = await startBaresip({
      ...{ address, sipPort, tone },
      onMessage: (message) => {
        if (message.method === 'NOTIFY') options.onNotify(message.header('Event') ?? '');
      },
      onEvent: (event) => {
        note([event.type, event.peeruri, event.param].filter((word) => word !== undefined).join(' '));
        if (event.type === 'REGISTER_OK') isRegistered = true;
        if (event.type === 'REGISTER_FAIL') isRegistered = false;
        if (!event.type.startsWith('CALL_') || baresip === undefined) return;
        if (event.type === 'CALL_INCOMING') {
          call = newCall(baresip, 'incoming', about('an incoming call'));
          incoming.put(call);
        }
        if (call?.id === undefined || call.id === event.id) call?.onEvent(event);
      },
    });
    await baresip.command('uanew', account(next, address));
  }

  const isCalled = (user: string, wanted: string | undefined): boolean =>
    wanted === undefined || user === wanted || (wanted.startsWith('phone-') && user.startsWith(`${wanted}-`));

  return {
    tone,
    get starts() {
      return starts;
    },
    use,
    inCall: () => call?.isOver === false,
    end: async () => baresip?.end('unplug'),
    registered: ({ as, limit = 10_000 } = {}) =>
      waitFor(() => (isRegistered && line !== undefined && isCalled(line.user, as) ? line : undefined), {
        what: about(`being registered${as === undefined ? '' : ` as ${as}`}`),
        limit,
      }),
    dial: async (number): Promise<Call> => {
      if (line === undefined || baresip === undefined) throw new Error(about('no line to dial from')());
      call = newCall(baresip, 'outgoing', about(`a call to ${number}`));
      await baresip.command('dial', dialUri(line, number));
      return call;
    },
    rings: (limit = 5000) => incoming.take({ what: about('an incoming call'), limit }),
    press: async (keys) => {
      if (call === undefined) throw new Error(about('there is no call')());
      await call.press(keys);
    },
  };
}
