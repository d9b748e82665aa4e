import type { Event, Step } from '../domain/journal.ts';
import type { Answer } from '../provisioning/files/answerRequest.ts';
import type { NotServed } from '../provisioning/files/serveFile.ts';
import { definitionOf, knownLabels, metricsOf, REFUSALS, SCRIPTS, type MetricName } from './definitions.ts';
import { counter, histogram, type Counter, type Histogram, type Sample } from './recorders.ts';

/** An event of the journal. */
type Told = Pick<Event, 'step' | 'userId' | 'detail'>;

/** How a call has ended: by its script, by the caller who was first, or by a mistake. */
export type CallEnd = 'finished' | 'hung_up' | 'failed';

/** What the other rooms tell. Every function is cheap, throws nothing, and is for one thing that has happened. */
export interface Meters {
  http(over: {
    readonly found: Answer | undefined;
    readonly status: number;
    readonly isWhole: boolean;
    readonly ms: number;
  }): void;
  connectionRefused(status: number | null): void;
  tftp(over: {
    readonly answer: Answer | undefined;
    readonly outcome: string;
    readonly repeats: number;
    readonly ms: number;
  }): void;
  /** A TFTP request that was let be, because of too many others. */
  tftpCrowded(): void;
  /** Why a request got nothing. */
  notServed(why: NotServed): void;
  rendered(ms: number): void;
  pnp(outcome: string): void;
  /** A call is answered; gives what hears of its end. */
  call(script: string): (end: CallEnd) => void;
  event(event: Told): void;
  transaction(waitedMs: number, tookMs: number): void;
  /** A part of the metrics could not be read. */
  unread(part: string): void;
  /** All that was told, by the name of the metric. */
  counted(): ReadonlyMap<MetricName, readonly Sample[]>;
}

/** Counts for one process, from 0. */
export function openMeters(): Meters {
  const counters = new Map<MetricName, Counter>();
  const histograms = new Map<MetricName, Histogram>();
  for (const name of metricsOf('process')) {
    const definition = definitionOf(name);
    const labels = Object.keys(definition.labels);
    const known = knownLabels(definition);
    if (definition.type === 'histogram') histograms.set(name, histogram(definition.bounds ?? [], labels, known));
    if (definition.type === 'counter') counters.set(name, counter(labels, known));
  }
  const counting = (name: MetricName): Counter['add'] => counters.get(name)?.add ?? missing(name);
  const timing = (name: MetricName): Histogram['observe'] => histograms.get(name)?.observe ?? missing(name);

  const requests = counting('selfprov_requests_total');
  const durations = timing('selfprov_request_duration_seconds');
  const [transfers, repeated] = [counting('selfprov_tftp_transfers_total'), counting('selfprov_tftp_repeats_total')];
  const [renders, notServed] = [
    timing('selfprov_render_duration_seconds'),
    counting('selfprov_requests_refused_total'),
  ];
  const [begun, ended] = [counting('selfprov_calls_total'), counting('selfprov_calls_ended_total')];
  const [waits, works] = [timing('selfprov_transaction_wait_seconds'), timing('selfprov_transaction_duration_seconds')];
  const connections = counting('selfprov_connections_refused_total');
  const [pnp, unread] = [counting('selfprov_pnp_requests_total'), counting('selfprov_scrape_errors_total')];
  const event = eventMeter(counting, timing);
  let underWay = 0;
  /** What is sent again is the same buffer: whoever made it keeps it. */
  const sentBefore = new WeakSet<Buffer>();

  function request(transport: 'http' | 'tftp', found: Answer | undefined, outcome: string, ms: number): void {
    const family = found === undefined || found.family === null ? 'none' : found.family;
    requests([transport, family, outcome]);
    durations(ms / 1000, [transport]);
  }

  function whenServed(found: Answer | undefined): string {
    if (found?.kind !== 'rendered') return KINDS[found?.kind ?? 'static'];
    if (sentBefore.has(found.body)) return 'cached';
    sentBefore.add(found.body);
    return 'made';
  }

  return {
    http({ found, status, isWhole, ms }) {
      request('http', found, !isWhole ? 'cut' : status === 200 ? whenServed(found) : outcomeOf(status, found), ms);
    },
    connectionRefused: (status) => connections([status === null ? 'none' : String(status)]),
    tftp({ answer, outcome, repeats, ms }) {
      const served = outcome === 'sent' ? whenServed(answer) : (TFTP_OUTCOMES[outcome] ?? 'cut');
      request('tftp', answer, served, ms);
      transfers([outcome]);
      repeated([], repeats);
    },
    tftpCrowded: () => transfers(['crowded']),
    notServed: (why) => notServed([why]),
    rendered: (ms) => renders(ms / 1000),
    pnp: (outcome) => pnp([outcome]),
    call(asked) {
      const script = oneOf(SCRIPTS, asked, 'unknown');
      begun([script]);
      underWay += 1;
      return (end) => {
        ended([script, end]);
        underWay -= 1;
      };
    },
    event,
    transaction(waitedMs, tookMs) {
      waits(waitedMs / 1000);
      works(tookMs / 1000);
    },
    unread: (part) => unread([part]),
    counted() {
      const all = [...counters, ...histograms].map(([name, recorder]) => [name, recorder.samples()] as const);
      return new Map<MetricName, readonly Sample[]>([
        ...all,
        ['selfprov_calls_under_way', [{ labels: {}, value: underWay }]],
      ]);
    },
  };
}

const KINDS: Readonly<Record<Exclude<Answer['kind'], 'rendered'>, string>> = {
  static: 'static',
  accepted: 'uploaded',
  redirect: 'redirected',
};
const TFTP_OUTCOMES: Readonly<Record<string, string>> = { not_found: 'not_found', failed: 'failed' };

function outcomeOf(status: number, found: Answer | undefined): string {
  if (status === 304) return 'unchanged';
  if (status < 400) return found?.kind === 'redirect' ? 'redirected' : 'static';
  if (status === 404) return 'not_found';
  if (status === 503) return 'unavailable';
  return status < 500 ? 'bad' : 'failed';
}

/** What the journal tells, counted by what is of interest in it. */
function eventMeter(
  counting: (name: MetricName) => Counter['add'],
  timing: (name: MetricName) => Histogram['observe'],
): Meters['event'] {
  const events = counting('selfprov_events_total');
  const refusals = counting('selfprov_refusals_total');
  const wrong = counting('selfprov_wrong_secrets_total');
  const locks = counting('selfprov_locks_total');
  const registrations = counting('selfprov_registrations_total');
  const steps = timing('selfprov_hand_over_step_seconds');
  const whole = timing('selfprov_hand_over_duration_seconds');
  const ended = counting('selfprov_hand_overs_ended_total');
  const checkSyncs = counting('selfprov_check_syncs_total');

  const after = (event: Told, step: string): void => {
    if (typeof event.detail['after'] === 'number') steps(event.detail['after'], [step]);
  };
  const told = (event: Told): void => {
    checkSyncs([event.step]);
    after(event, event.step);
  };
  const also: { readonly [S in Step]?: (event: Told) => void } = {
    refused({ detail: { reason, way } }) {
      refusals([oneOf(REFUSALS, reason, 'other')]);
      if (reason === 'wrong_secret') wrong([String(way ?? 'pin')]);
    },
    locked: ({ detail }) => locks([String(detail['locked'])]),
    registered: ({ userId }) => registrations([userId === null ? 'default' : 'user']),
    notified: told,
    not_notified: told,
    fetched: (event) => after(event, 'fetched'),
    failed: ({ detail: { kind, failure } }) => ended([String(kind), String(failure)]),
    done(event) {
      const { kind, seconds } = event.detail;
      ended([String(kind), 'done']);
      whole(Number(seconds), [String(kind)]);
      after(event, 'registered');
    },
  };
  return (event) => {
    events([event.step]);
    also[event.step]?.(event);
  };
}

function oneOf<T extends string>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.find((each) => each === value) ?? otherwise;
}

function missing(name: MetricName): never {
  throw new Error(`${name} is not of this kind`);
}
