import { STEPS } from '../domain/journal.ts';

/** What one metric is. */
export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence for who reads it, without a full stop. */
  readonly help: string;
  /** What each label can be; a text says it in words where nobody knows it beforehand. Never what grows with phones or users. */
  readonly labels: Readonly<Record<string, readonly string[] | string>>;
  /**
   * Whose number it is: of this process, or of the database, which every process on it tells alike. The latter is not to be
   * added up over several processes.
   */
  readonly of: 'process' | 'database';
  /** Of a histogram, its buckets. */
  readonly bounds?: readonly number[];
}

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const WORK_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5];
const DATABASE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const HAND_OVER_SECONDS = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600];

const TRANSPORTS = ['http', 'tftp'] as const;

/** Why a caller, or who sets up phones, was refused. Whatever else a refusal says is `other`. */
export const REFUSALS = [
  ...[
    'wrong_secret',
    'locked',
    'switched_off',
    'blocked',
    'already_assigned',
    'line_gone',
    'contested',
    'other_tenant',
  ],
  ...['phone_limit', 'kind_not_allowed', 'not_allowed', 'shadowed', 'code_used', 'other'],
] as const;

/** Scripts that the dialplan asks for. */
export const SCRIPTS = ['self-provision', 'release', 'phone-number', 'unknown'] as const;

/** Everything that `/metrics` tells besides the standard metrics of a Node process. docs/metrics.md is made of it. */
export const DEFINITIONS = {
  selfprov_build_info: gauge('Always 1; says what runs', { version: 'the version' }),
  selfprov_scrape_errors_total: counter('Times that a part of these metrics could not be read, and was left out', {
    part: ['links', 'database', 'counts', 'disk', 'certificates', 'process'],
  }),

  selfprov_requests_total: counter('Requests of phones for files, by what came of them', {
    transport: TRANSPORTS,
    family: 'a family of `templates/`, or `none`',
    outcome: [
      ...['made', 'cached', 'unchanged', 'static', 'redirected', 'uploaded'],
      ...['not_found', 'bad', 'unavailable', 'failed', 'cut'],
    ],
  }),
  selfprov_requests_refused_total: counter('Requests that got the one answer for all that is not served, by why', {
    reason: ['no_such_file', 'no_device', 'no_proof', 'crowded', 'closed'],
  }),
  selfprov_request_duration_seconds: histogram(
    'From a request until its answer has left, or its transfer has ended',
    REQUEST_SECONDS,
    { transport: TRANSPORTS },
  ),
  selfprov_connections_refused_total: counter('What came to the port for phones and was no request, by the answer', {
    status: ['400', '405', '408', '413', '417', '431', 'none'],
  }),
  selfprov_render_duration_seconds: histogram('Making one file, without what is read for it', WORK_SECONDS),
  selfprov_tftp_transfers_total: counter('TFTP transfers, by how they ended', {
    outcome: ['sent', 'not_found', 'refused', 'silent', 'too_long', 'failed', 'closed', 'crowded'],
  }),
  selfprov_tftp_repeats_total: counter('Packets that were sent by TFTP once more, because nothing came in time'),
  selfprov_tftp_transfers_under_way: gauge('TFTP transfers that have not ended'),
  selfprov_pnp_requests_total: counter('Phones that asked by SIP plug and play, by what came of it', {
    outcome: ['accepted', 'refused', 'silent', 'ignored', 'failed'],
  }),

  selfprov_calls_total: counter('Calls that the dialplan has handed over', { script: SCRIPTS }),
  selfprov_calls_ended_total: counter('Calls that have ended, by who ended them', {
    script: SCRIPTS,
    outcome: ['finished', 'hung_up', 'failed'],
  }),
  selfprov_calls_under_way: gauge('Calls that have not ended'),
  selfprov_events_total: counter('What `selfprov event list` shows, by its step: enrolments are step `enrolled`', {
    step: STEPS,
  }),
  selfprov_refusals_total: counter('Callers and assignments that were refused', { reason: REFUSALS }),
  selfprov_wrong_secrets_total: counter('Secrets that were keyed wrong, by what they should have been', {
    way: ['pin', 'code', 'administrator'],
  }),
  selfprov_locks_total: counter('Locks after too many wrong secrets, by what was locked', {
    scope: ['extension', 'line', 'administrator', 'serial'],
  }),
  selfprov_registrations_total: counter('Lines that have come to be registered, by whose they are', {
    line: ['user', 'default'],
  }),

  selfprov_hand_over_step_seconds: histogram(
    'From the step before: acceptance to the first check-sync, to the file, to the registration',
    HAND_OVER_SECONDS,
    { step: ['notified', 'fetched', 'registered'] },
  ),
  selfprov_hand_over_duration_seconds: histogram(
    'From acceptance until the phone was back, of hand-overs that were completed',
    HAND_OVER_SECONDS,
    { kind: ['assign', 'release'] },
  ),
  selfprov_hand_overs_ended_total: counter('Hand-overs that ended; one that failed may be done later all the same', {
    kind: ['assign', 'release'],
    outcome: ['done', 'not_notified', 'not_fetched', 'not_registered'],
  }),
  selfprov_check_syncs_total: counter('Phones that Asterisk was to tell, of hand-overs and syncs', {
    outcome: ['notified', 'not_notified'],
  }),

  selfprov_transaction_duration_seconds: histogram(
    'A transaction, from its turn until it was committed',
    DATABASE_SECONDS,
  ),
  selfprov_transaction_wait_seconds: histogram(
    'From the moment that a transaction was asked for until its turn: it waits for the others of this process, and for the lock',
    DATABASE_SECONDS,
  ),
  selfprov_hashing_queue: gauge('PINs that are being hashed, or wait for that'),
  selfprov_link_up: gauge('Whether a link to an Asterisk is up', {
    link: ['ari', 'ami'],
    asterisk: 'its name in `SELFPROV_ASTERISKS`, empty where there is one',
  }),
  selfprov_link_since_timestamp_seconds: gauge('Since when it has been up, or not', {
    link: ['ari', 'ami'],
    asterisk: 'as above',
  }),
  selfprov_database_up: gauge('Whether the database answers'),
  selfprov_database_since_timestamp_seconds: gauge('Since when it has been up, or not, as far as it was asked'),
  selfprov_templates_broken: gauge('Whether the templates could not be read again, so that those of before are served'),
  selfprov_certificate_expiry_timestamp_seconds: gauge('When a certificate of the SIP server, or of the page, ends', {
    certificate: ['server', 'authority', 'page'],
  }),
  selfprov_disk_free_bytes: gauge('What is left on the disk of `SELFPROV_DIR`'),
  selfprov_disk_size_bytes: gauge('How large that disk is'),

  selfprov_hand_overs: gauge(
    'Hand-overs that are not done, by how far they are',
    { state: ['accepted', 'notified', 'fetched', 'failed'] },
    'database',
  ),
  selfprov_hand_overs_due: gauge('Hand-overs whose time has come to be looked at', {}, 'database'),
  selfprov_oldest_failed_hand_over_age_seconds: gauge(
    'How long ago the oldest hand-over was accepted that has failed and is not done; 0 when there is none',
    {},
    'database',
  ),
  selfprov_farewells_due: gauge('Lines that have ended and about which something is left to do now', {}, 'database'),
  selfprov_accounts_to_forget: gauge('Parts of accounts that an Asterisk may still keep', {}, 'database'),
  selfprov_syncs: gauge(
    'Syncs, by state',
    { state: ['running', 'paused', 'stopped', 'cancelled', 'done'] },
    'database',
  ),
  selfprov_sync_items: gauge(
    'Phones of the syncs that have not ended, by how far they are',
    { state: ['waiting', 'told', 'fetched', 'back', 'lost', 'by_itself'] },
    'database',
  ),
  selfprov_lines: gauge(
    'Lines, by whose they are; a phone without a user has default lines',
    { line: ['user', 'default'] },
    'database',
  ),
  selfprov_lines_registered: gauge('Lines that are registered, as far as is known', {}, 'database'),
  selfprov_devices: gauge('Devices', {}, 'database'),
  selfprov_users: gauge('Users', {}, 'database'),
} as const satisfies Readonly<Record<string, Definition>>;

export type MetricName = keyof typeof DEFINITIONS;

/** The same, for who asks by name. */
export function definitionOf(name: MetricName): Definition {
  return DEFINITIONS[name];
}

/** Those that the database is read for; they are missing while it is away. */
export function metricsOf(of: Definition['of']): readonly MetricName[] {
  return (Object.keys(DEFINITIONS) as MetricName[]).filter((name) => definitionOf(name).of === of);
}

/** All combinations of what labels can be; none where one of them is not known beforehand. */
export function knownLabels({ labels }: Definition): readonly (readonly string[])[] {
  let all: readonly (readonly string[])[] = [[]];
  for (const values of Object.values(labels)) {
    if (typeof values === 'string') return [];
    all = all.flatMap((before) => values.map((value) => [...before, value]));
  }
  return all;
}

type Labels = Definition['labels'];

function counter(help: string, labels: Labels = {}): Definition {
  return { type: 'counter', help, labels, of: 'process' };
}

function gauge(help: string, labels: Labels = {}, of: Definition['of'] = 'process'): Definition {
  return { type: 'gauge', help, labels, of };
}

function histogram(help: string, bounds: readonly number[], labels: Labels = {}): Definition {
  return { type: 'histogram', help, labels, of: 'process', bounds };
}
