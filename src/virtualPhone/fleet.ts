import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusal } from '../domain/errors.ts';
import type { PhoneFamily } from './families/family.ts';
import { reasonOf, type PhoneEvent } from './phoneEvents.ts';
import { phoneFiles } from './phoneFiles.ts';
import type { MayAsk } from './phoneTypes.ts';
import type { LineReading } from './readers/reading.ts';
import { registeringPhone, type RegisteringPhone } from './registeringPhone.ts';

/** How long phones took, milliseconds: nearest ranks. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface FleetReport {
  readonly asked: number;
  readonly registered: number;
  readonly firstMac: string;
  readonly lastMac: string;
  /** Of the phones that came so far. */
  readonly files: Percentiles | null;
  readonly register: Percentiles | null;
  readonly boot: Percentiles | null;
  /** Most first. The hop is where a boot ended: DNS, connect, fetch file k, read, REGISTER. */
  readonly failures: readonly { readonly hop: string; readonly reason: string; readonly phones: number }[];
}

export interface FleetWanted {
  readonly family: PhoneFamily;
  readonly model: string;
  readonly firstMac: string;
  readonly count: number;
  /** Milliseconds over which they are switched on, one after the other. */
  readonly over: number;
  readonly provisioningUrl: string;
  /** Of the next phone. */
  readonly nextAddress: () => string;
  readonly mayAsk: MayAsk;
  /** When it comes, no further phone is switched on. */
  readonly signal: AbortSignal;
  readonly onBooted: (registered: number, failed: number) => void;
}

/**
 * Any phone needs longer to take over what it has read; it does not count. By TFTP an account is written down when the phone
 * has acknowledged the first block of its file, which may be the last one.
 */
const TAKES_OVER_MS = 200;

interface Failure {
  readonly hop: string;
  readonly reason: string;
}

interface Took {
  readonly files?: number;
  readonly register?: number;
  readonly boot?: number;
  readonly failure?: Failure;
}

/**
 * Switches phones on, each of which fetches as its family does and registers its first line; the calls of a fleet are
 * nobody's, so no user agent is started for it. At the end they unregister. A phone that fails is counted, and nothing is
 * thrown for it, but for a server that may not be asked at all.
 */
export async function bootFleet(wanted: FleetWanted): Promise<FleetReport> {
  const { count, over, signal, onBooted } = wanted;
  const agents: RegisteringPhone[] = [];
  const boots: Promise<Took>[] = [];
  const began = performance.now();
  const macOf = (at: number): string => (Number.parseInt(wanted.firstMac, 16) + at).toString(16).padStart(12, '0');
  let [registered, failed] = [0, 0];

  for (let at = 0; at < count && !signal.aborted; at++) {
    const due = began + (over * at) / count - performance.now();
    if (due > 0) await pause(due, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const boot = bootOne(wanted, macOf(at), (agent) => agents.push(agent)).then((took) => {
      if (took.failure === undefined) registered += 1;
      else failed += 1;
      onBooted(registered, failed);
      return took;
    });
    boot.catch(() => {});
    boots.push(boot);
  }
  try {
    const all = await Promise.all(boots);
    return {
      ...{ asked: all.length, registered, firstMac: wanted.firstMac, lastMac: macOf(Math.max(0, all.length - 1)) },
      ...{ files: percentiles(all, 'files'), register: percentiles(all, 'register'), boot: percentiles(all, 'boot') },
      failures: counted(all.flatMap(({ failure }) => failure ?? [])),
    };
  } finally {
    await Promise.allSettled(agents.map((agent) => agent.register(0)));
    for (const agent of agents) agent.close();
  }
}

async function bootOne(wanted: FleetWanted, mac: string, onAgent: (agent: RegisteringPhone) => void): Promise<Took> {
  const { family, model, provisioningUrl, mayAsk } = wanted;
  const [identity, address] = [{ mac, model }, wanted.nextAddress()];
  const asked: PhoneEvent[] = [];
  const userAgent = family.userAgent(identity);
  const note = (happened: PhoneEvent): void => void asked.push(happened);
  const files = phoneFiles({ family, identity, provisioningUrl, userAgent, address, note, mayAsk });
  const began = performance.now();
  const since = (from: number): number => performance.now() - from;
  const name = (text: string): string => text.replaceAll(new RegExp(mac, 'gi'), '<mac>');

  const why = await files.fetchOrFail().then(
    () => undefined,
    (error: unknown) => throwRefusal(error) ?? whereFetchEnded(asked, reasonOf(error)),
  );
  const took = { files: since(began) };
  const [line] = files.reading.lines;
  if (why !== undefined) return { failure: { ...why, reason: name(why.reason) } };
  if (line === undefined) {
    const failure = whereFetchEnded(asked, 'there is no line in what it has fetched');
    return { failure: { ...failure, reason: name(failure.reason) } };
  }

  await pause(TAKES_OVER_MS);
  const registering = performance.now();
  try {
    const status = await registerLine(line, { address, userAgent, authority: files.authority, mayAsk }, onAgent);
    if (status !== 200) return { ...took, failure: { hop: 'REGISTER', reason: String(status) } };
    return { ...took, register: since(registering), boot: since(began) - TAKES_OVER_MS };
  } catch (error) {
    throwRefusal(error);
    return { ...took, failure: { hop: 'REGISTER', reason: reasonOf(error) } };
  }
}

function throwRefusal(error: unknown): undefined {
  if (isRefusal(error, 'invalid')) throw error;
}

/** A file that did not come is told of rather than what was missing then. */
function whereFetchEnded(asked: readonly PhoneEvent[], otherwise: string): Failure {
  const last = asked.at(-1);
  const file = `fetch file ${asked.length}`;
  if (last?.event === 'unanswered') return { hop: last.hop === 'fetch' ? file : last.hop, reason: last.reason };
  if (last?.event !== 'fetched' || last.status === 200) return { hop: 'read', reason: otherwise };
  return {
    hop: file,
    reason: `${last.status} for ${decodeURIComponent(new URL(last.url).pathname.split('/').at(-1) ?? '')}`,
  };
}

async function registerLine(
  line: LineReading,
  phone: {
    readonly address: string;
    readonly userAgent: string;
    readonly authority: string | undefined;
    readonly mayAsk: MayAsk;
  },
  onAgent: (agent: RegisteringPhone) => void,
): Promise<number> {
  const [, server = line.host, port = line.port] = /^(.*):(\d+)$/.exec(line.outboundProxy ?? '') ?? [];
  await phone.mayAsk(server);
  const { address: host } = await lookup(server, 4);
  const agent = await registeringPhone({
    ...{ host, sipPort: Number(port), address: phone.address, userAgent: phone.userAgent },
    ...{ aor: line.user, authName: line.authUser, password: line.password },
    transport: line.transport === 'dns' ? 'udp' : line.transport,
    ...(phone.authority === undefined ? {} : { authority: phone.authority }),
  });
  onAgent(agent);
  return agent.register(line.expires);
}

function percentiles(all: readonly Took[], part: 'files' | 'register' | 'boot'): Percentiles | null {
  const sorted = all.flatMap((took) => took[part] ?? []).toSorted((one, other) => one - other);
  const rank = (share: number): number => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return sorted.length === 0 ? null : { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) };
}

function counted(failures: readonly Failure[]): FleetReport['failures'] {
  const phones = new Map<string, number>();
  for (const failure of failures) {
    const key = JSON.stringify(failure);
    phones.set(key, (phones.get(key) ?? 0) + 1);
  }
  return [...phones]
    .map(([key, count]) => ({ ...(JSON.parse(key) as Failure), phones: count }))
    .toSorted((one, other) => other.phones - one.phones);
}
