import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { SelfprovError } from './domain/errors.ts';
import { HAND_OVER_TIMES } from './domain/handOver.ts';
import { KEPT_DAYS } from './domain/keptDays.ts';
import { mistakeInWords } from './domain/mistakeInWords.ts';
import type { AsteriskName } from './domain/addresses.ts';
import { DIALABLE } from './domain/dialable.ts';
import type { DatabasePlace } from './domain/databasePlace.ts';
import { didYouMean } from './domain/similar.ts';
import { Secret } from './domain/secret.ts';
import { packageRoot } from './packageRoot.ts';
import type { SupervisorPlace } from './supervisor.ts';

function whole(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}
const MOST_PORT = 65_535;
const port = whole(1, MOST_PORT);
const seconds = z.coerce.number().positive();
const count = whole(1, 10_000);
/** A hundred years are for ever. */
const days = whole(1, 36_500);
/** Asterisk takes two at a time, for a call. */
const portRange = z
  .string()
  .transform((text) => /^(\d+)-(\d+)$/.exec(text)?.slice(1).map(Number) ?? [])
  .refine(
    ([first = 0, last = 0]) => first >= 1 && first < last && last <= MOST_PORT,
    `two ports from 1 to ${MOST_PORT}, the lower one first, like 10000-10200`,
  )
  .transform(([rtpFirst = 0, rtpLast = 0]) => ({ rtpFirst, rtpLast }));
const words = z.string().transform((text) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
);
const plainWord = z.string().regex(/^[\w-]+$/, 'letters, digits, - and _ only');
/** An IPv6 address with a port has brackets. */
const HOST_AND_PORT =
  /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)|([0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*))(?::(\d{1,5}))?$/;
/** As express takes it; the words stand for ranges of addresses. */
const proxy = z.union(
  [z.enum(['loopback', 'linklocal', 'uniquelocal']), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'an address, a network like 10.0.0.0/8, or loopback',
);
/** What is refused is not shown: there is a password in it. */
const databaseUrl = z
  .string()
  .regex(/^postgres(?:ql)?:\/\/[^\s'/]+\/[^\s'/?]+(?:\?[^\s']*)?$/, 'postgresql://user:password@host:port/name')
  .transform((text) => new Secret(text));
const dialable = z.string().regex(DIALABLE, 'digits, * and # only');

/** Every setting of the process, with what it is when the environment says nothing. */
const ENVIRONMENT = z.object({
  SELFPROV_CONFIG: z.string().optional(),
  SELFPROV_DIR: z.string().default(join(packageRoot, 'var')),
  SELFPROV_DATABASE: z.string().optional(),
  SELFPROV_DATABASE_URL: databaseUrl.optional(),
  SELFPROV_ASTERISK_DATABASE_URL: databaseUrl.optional(),
  SELFPROV_SITE_KEY: z.string().optional(),
  SELFPROV_ASTERISK_FILES: z.string().optional(),
  SELFPROV_TEMPLATES: z.string().optional(),
  SELFPROV_FILES: z.string().optional(),
  SELFPROV_SOUNDS: z.string().optional(),
  SELFPROV_LOGS: z.string().optional(),

  SELFPROV_HOST: z.string().optional(),
  SELFPROV_LISTEN: z.string().optional(),
  SELFPROV_PORT: port.default(8480),
  SELFPROV_URL: z.url({ protocol: /^https?$/ }).optional(),
  SELFPROV_TFTP_PORT: port.optional(),
  SELFPROV_PNP: z.ipv4().optional(),
  SELFPROV_TRUST_PROXY: words.pipe(z.array(proxy)).default([]),
  SELFPROV_ADMIN_LISTEN: z.string().default('127.0.0.1'),
  SELFPROV_ADMIN_PORT: port.default(8481),
  SELFPROV_ADMIN_URL: z.url({ protocol: /^https?$/ }).optional(),

  SELFPROV_SIP_HOST: z.string().optional(),
  SELFPROV_SIP_PORT: port.default(5060),
  SELFPROV_SIP_TRANSPORT: z.enum(['udp', 'tcp', 'tls']).default('udp'),
  SELFPROV_SIP_TLS_PORT: port.optional(),
  SELFPROV_SIP_TLS_CERT: z.string().optional(),
  SELFPROV_SIP_TLS_KEY: z.string().optional(),
  SELFPROV_SIP_TLS_CA: z.string().optional(),
  SELFPROV_RTP_PORTS: portRange.default({ rtpFirst: 10_000, rtpLast: 10_200 }),

  SELFPROV_CALLS: count.default(40),
  SELFPROV_CALLS_PER_ADDRESS: count.default(10),

  SELFPROV_APP: plainWord.default('selfprov'),
  SELFPROV_APPS: words.pipe(z.array(plainWord).min(1)).optional(),
  SELFPROV_ASTERISKS: words.pipe(z.array(plainWord)).default([]),
  SELFPROV_ARI_URL: words.pipe(z.array(z.url({ protocol: /^https?$/ })).min(1)).default(['http://127.0.0.1:8088']),
  SELFPROV_SIP_PEERS: words.pipe(z.array(z.string().regex(/^[\w.:[\]-]+:\d+$/, 'host:port'))).optional(),
  SELFPROV_AMI_CLIENTS: words.pipe(z.array(z.union([z.ipv4(), z.ipv6()])).min(1)).default(['127.0.0.1']),
  SELFPROV_ARI_USER: z.string().default('selfprov'),
  SELFPROV_ARI_PASSWORD: z.string().optional(),
  SELFPROV_AMI_HOST: words
    .pipe(z.array(z.string().regex(HOST_AND_PORT, 'host or host:port')).min(1))
    .default(['127.0.0.1']),
  SELFPROV_AMI_PORT: port.default(5038),
  SELFPROV_AMI_USER: z.string().default('selfprov'),
  SELFPROV_AMI_PASSWORD: z.string().optional(),

  SELFPROV_EXTENSION: dialable.default('*55'),
  SELFPROV_RELEASE_EXTENSION: dialable.default('*56'),
  SELFPROV_NUMBER_EXTENSION: dialable.default('*57'),
  SELFPROV_EMERGENCY_NUMBERS: words.pipe(z.array(dialable)).default(['112', '911']),
  SELFPROV_EMERGENCY_CONTEXT: z.string().default('emergency'),
  SELFPROV_USERS_CONTEXT: z.string().default('users'),
  SELFPROV_LANGUAGE: z.string().default('en'),
  SELFPROV_TIME_ZONE: z.string().optional(),

  SELFPROV_HAND_OVER_PAUSES: words
    .transform((all) => all.map(Number))
    .pipe(z.array(z.number().positive()).min(1))
    .optional(),
  SELFPROV_REGISTER_WITHIN: seconds.optional(),
  SELFPROV_KEEP_EVENTS: days.default(KEPT_DAYS.events),
  SELFPROV_KEEP_DEVICES: days.default(KEPT_DAYS.devices),
  SELFPROV_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/** What names a PostgreSQL database. Throws `invalid`, and does not show what it is given. */
export function readDatabaseUrl(text: string): Secret {
  const read = databaseUrl.safeParse(text);
  if (read.success) return read.data;
  throw new SelfprovError('invalid', 'a PostgreSQL database is named like postgresql://user:password@host:port/name');
}

/** Names of all settings. */
export const SETTINGS = Object.keys(ENVIRONMENT.shape) as readonly (keyof Environment)[];

type Environment = z.infer<typeof ENVIRONMENT>;

/** Settings of the process. What an administrator changes while it runs is in the database instead. */
export type Config = ReturnType<typeof readConfig>;

/**
 * The only reader of the environment. Throws one `invalid` that names every mistake at once. Paths are made absolute;
 * nothing is created or opened.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>) {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const unknown = Object.keys(set).filter((name) => name.startsWith('SELFPROV_') && !(name in ENVIRONMENT.shape));
  const parsed = ENVIRONMENT.safeParse(set, { error: mistakeInWords });
  const mistakes = [
    ...unknown.map((name) => `${name}: there is no such setting${didYouMean(name, SETTINGS)}`),
    ...missingHalf(set, 'SELFPROV_SIP_TLS_CERT', 'SELFPROV_SIP_TLS_KEY'),
    ...oneTooMany(set, 'SELFPROV_DATABASE', 'SELFPROV_DATABASE_URL'),
    ...withoutOther(set, 'SELFPROV_ASTERISK_DATABASE_URL', 'SELFPROV_DATABASE_URL'),
    ...noHosts(set),
    ...unequal(parsed.data),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => mistakeOf(String(path[0]), message, set)),
  ];
  if (mistakes.length > 0 || !parsed.success) {
    throw new SelfprovError(
      'invalid',
      `the environment${set['SELFPROV_CONFIG'] === undefined ? '' : `, or ${set['SELFPROV_CONFIG']},`} has ${mistakes.length} mistake(s):\n  ${mistakes.join('\n  ')}`,
    );
  }
  const env = parsed.data;
  const directory = resolve(env.SELFPROV_DIR);
  const times = HAND_OVER_TIMES;
  const database = databasePlace(env, directory);
  const host = env.SELFPROV_HOST ?? ownAddress();
  return {
    directory,
    /** Where a system's Asterisk is looked for, as PATH. */
    searchPath: environment['PATH'] ?? '',
    database,
    /** What Asterisk reads the same database with: another user of it, who may read only what Asterisk needs. */
    asteriskDatabase:
      env.SELFPROV_ASTERISK_DATABASE_URL === undefined ? database : { url: env.SELFPROV_ASTERISK_DATABASE_URL },
    siteKey: resolve(directory, env.SELFPROV_SITE_KEY ?? 'site.key'),
    /** Where an existing Asterisk includes files of ours from; `undefined` where there is none. */
    asteriskFiles: env.SELFPROV_ASTERISK_FILES === undefined ? undefined : resolve(env.SELFPROV_ASTERISK_FILES),
    /** Administrator's own families and templates; shadow the shipped ones. */
    ownTemplates: env.SELFPROV_TEMPLATES === undefined ? undefined : resolve(env.SELFPROV_TEMPLATES),
    /** Administrator's firmware, language packs …: `<family>/…` below it. It need not be there. */
    files: env.SELFPROV_FILES === undefined ? join(directory, 'files') : resolve(env.SELFPROV_FILES),
    /** The same, where a setting says so. */
    ownFiles: env.SELFPROV_FILES === undefined ? undefined : resolve(env.SELFPROV_FILES),
    /** As Asterisk sees it: absolute, or relative to its own sounds directory; `undefined` for the shipped folder. */
    sounds: env.SELFPROV_SOUNDS,
    /** The folder of log files; `undefined`: a service writes to its output, a private Asterisk beside its other files. */
    logs: env.SELFPROV_LOGS === undefined ? undefined : resolve(env.SELFPROV_LOGS),
    phones: {
      listen: env.SELFPROV_LISTEN ?? env.SELFPROV_HOST ?? '0.0.0.0',
      /** Which setting has said so. */
      listenSetting:
        env.SELFPROV_LISTEN === undefined && env.SELFPROV_HOST !== undefined ? 'SELFPROV_HOST' : 'SELFPROV_LISTEN',
      port: env.SELFPROV_PORT,
      /** What phones put before a file name; ends with `/`. */
      url: withSlash(env.SELFPROV_URL ?? `http://${bracketed(host)}:${env.SELFPROV_PORT}/`),
      trustProxy: env.SELFPROV_TRUST_PROXY,
      /** `undefined`: no TFTP. */
      tftpPort: env.SELFPROV_TFTP_PORT,
      /** Our own address on the network where plug and play is answered; `undefined`: nowhere. */
      pnpAddress: env.SELFPROV_PNP,
    },
    admin: {
      listen: env.SELFPROV_ADMIN_LISTEN,
      port: env.SELFPROV_ADMIN_PORT,
      /** Where browsers find the page; ends with `/`. */
      url: withSlash(env.SELFPROV_ADMIN_URL ?? pageUrl(env.SELFPROV_ADMIN_LISTEN, host, env.SELFPROV_ADMIN_PORT)),
    },
    sip: {
      host: env.SELFPROV_SIP_HOST ?? host,
      port: env.SELFPROV_SIP_PORT,
      transport: env.SELFPROV_SIP_TRANSPORT,
      tlsPort: env.SELFPROV_SIP_TLS_PORT ?? tlsPortBeside(env.SELFPROV_SIP_PORT),
      /** What the private Asterisk shows; `undefined`: a certificate of its own. */
      certificate: certificateFiles(env),
      /** Certificate of an authority that phones are to trust; `undefined`: our own, where there is one. */
      authority: env.SELFPROV_SIP_TLS_CA === undefined ? undefined : resolve(env.SELFPROV_SIP_TLS_CA),
      rtpPorts: env.SELFPROV_RTP_PORTS,
    },
    /** One without a name, or several with one each. */
    asterisks: asteriskPlaces(env),
    /** The same at each Asterisk, as is `ami`; `app` is this process's own. */
    ari: { user: env.SELFPROV_ARI_USER, password: env.SELFPROV_ARI_PASSWORD, app: env.SELFPROV_APP },
    /** Those of all processes, in the order in which calls go to them. */
    apps: appsOf(env),
    ami: { user: env.SELFPROV_AMI_USER, password: env.SELFPROV_AMI_PASSWORD },
    /** Where selfprov's processes come from, as each Asterisk sees them. */
    amiClients: env.SELFPROV_AMI_CLIENTS,
    /** How many calls to our own extensions there may be at a time; a phone may have one. */
    calls: { inAll: env.SELFPROV_CALLS, perAddress: env.SELFPROV_CALLS_PER_ADDRESS },
    emergencyContext: env.SELFPROV_EMERGENCY_CONTEXT,
    /** Every setting that is made, as text: passwords too. */
    said: Object.fromEntries(Object.entries(set).filter(([name]) => name in ENVIRONMENT.shape)) as Readonly<
      Record<string, string>
    >,
    /** What the first start writes into the database; `selfprov tenant set` changes it from then on. */
    firstTenant: {
      extension: env.SELFPROV_EXTENSION,
      releaseExtension: env.SELFPROV_RELEASE_EXTENSION,
      numberExtension: env.SELFPROV_NUMBER_EXTENSION,
      emergencyNumbers: env.SELFPROV_EMERGENCY_NUMBERS,
      language: env.SELFPROV_LANGUAGE,
      /** Looked for when it is asked for: that takes as long as much of a command. */
      get timeZone(): string {
        return env.SELFPROV_TIME_ZONE ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      },
      context: env.SELFPROV_USERS_CONTEXT,
    },
    times: {
      ...times,
      pauses: env.SELFPROV_HAND_OVER_PAUSES?.map((pause) => pause * 1000) ?? times.pauses,
      registerWithin:
        env.SELFPROV_REGISTER_WITHIN === undefined ? times.registerWithin : env.SELFPROV_REGISTER_WITHIN * 1000,
    },
    /** After how many days is forgotten what nobody will ask for. */
    keptDays: { events: env.SELFPROV_KEEP_EVENTS, devices: env.SELFPROV_KEEP_DEVICES },
    logLevel: env.SELFPROV_LOG_LEVEL,
    supervisor: supervisorOf(environment),
  };
}

/** As systemd tells a service (sd_notify(3), sd_watchdog_enabled(3)). */
function supervisorOf({
  NOTIFY_SOCKET: socket,
  WATCHDOG_USEC: microseconds,
  PATH,
}: Given): SupervisorPlace | undefined {
  if (socket === undefined || socket === '') return undefined;
  const watchdogMs = Number(microseconds) / 1000;
  return { socket, searchPath: PATH ?? '/usr/bin:/bin', watchdogMs: watchdogMs > 0 ? watchdogMs : undefined };
}

function databasePlace({ SELFPROV_DATABASE, SELFPROV_DATABASE_URL }: Environment, directory: string): DatabasePlace {
  if (SELFPROV_DATABASE_URL !== undefined) return { url: SELFPROV_DATABASE_URL };
  return { file: resolve(directory, SELFPROV_DATABASE ?? 'selfprov.sqlite') };
}

function appsOf({ SELFPROV_APPS: [first, ...others] = [], SELFPROV_APP }: Environment): readonly [string, ...string[]] {
  return [first ?? SELFPROV_APP, ...others];
}

/** Where one Asterisk is managed. */
export interface AsteriskPlace {
  readonly name: AsteriskName;
  /** Of its HTTP server, without a slash at the end. */
  readonly ariUrl: string;
  readonly amiHost: string;
  readonly amiPort: number;
  /** `host:port` where the others send calls to. */
  readonly sipAddress: string;
}

function asteriskPlaces({
  SELFPROV_ASTERISKS: names,
  SELFPROV_ARI_URL: urls,
  SELFPROV_AMI_HOST: hosts,
  SELFPROV_AMI_PORT: usualAmiPort,
  SELFPROV_SIP_PEERS: peers,
  SELFPROV_SIP_PORT: sipPort,
}: Environment): readonly [AsteriskPlace, ...AsteriskPlace[]] {
  const placeOf = (name: AsteriskName, at: number): AsteriskPlace => {
    const [, six, plain, bare, port = usualAmiPort] = HOST_AND_PORT.exec(hosts[at] ?? '') ?? [];
    const ariUrl = (urls[at] ?? '').replace(/\/$/, '');
    const amiHost = six ?? plain ?? bare ?? '';
    return {
      name,
      ariUrl,
      amiHost,
      amiPort: Number(port),
      sipAddress: peers?.[at] ?? `${bracketed(amiHost)}:${sipPort}`,
    };
  };
  const [first = null, ...others] = names;
  return [placeOf(first, 0), ...others.map((name, at) => placeOf(name, at + 1))];
}

/** What is said of each Asterisk is said of all, in the same order. */
function unequal(env: Environment | undefined): string[] {
  if (env === undefined) return [];
  const { SELFPROV_ASTERISKS: names, SELFPROV_APPS: apps, SELFPROV_APP: app } = env;
  const wanted = Math.max(1, names.length);
  const lists = {
    SELFPROV_ARI_URL: env.SELFPROV_ARI_URL,
    SELFPROV_AMI_HOST: env.SELFPROV_AMI_HOST,
    ...(env.SELFPROV_SIP_PEERS === undefined ? {} : { SELFPROV_SIP_PEERS: env.SELFPROV_SIP_PEERS }),
  };
  return [
    ...Object.entries(lists).flatMap(([name, { length }]) =>
      length === wanted ? [] : [`${name}: ${wanted} needed, one for each of SELFPROV_ASTERISKS; ${length} given`],
    ),
    ...(new Set(names).size === names.length ? [] : ['SELFPROV_ASTERISKS: one name stands there twice']),
    ...(apps === undefined || apps.includes(app) ? [] : [`SELFPROV_APPS: ${app} (SELFPROV_APP) is not among them`]),
  ];
}

/** The usual distance: 5060 and 5061. */
function tlsPortBeside(sipPort: number): number {
  return sipPort < 65_535 ? sipPort + 1 : sipPort - 1;
}

function missingHalf(set: Readonly<Record<string, string | undefined>>, ...pair: readonly [string, string]): string[] {
  const missing = pair.filter((name) => set[name] === undefined);
  return missing.length === 1
    ? missing.map((name) => `${name}: needed beside ${pair.find((one) => one !== name)}`)
    : [];
}

/** What phones are told, or listened on: 999.1.1.1 looks like an address, and is none. */
function noHosts(set: Given): string[] {
  return ['SELFPROV_HOST', 'SELFPROV_LISTEN', 'SELFPROV_SIP_HOST', 'SELFPROV_ADMIN_LISTEN'].flatMap((name) => {
    const host = set[name];
    return host === undefined || URL.canParse(`http://${bracketed(host)}/`)
      ? []
      : [mistakeOf(name, 'a host name or an address', set)];
  });
}

type Given = Readonly<Record<string, string | undefined>>;

/** With what stands there instead, where that can have no password in it. */
function mistakeOf(name: string, wanted: string, set: Given): string {
  const value = /URL|PASSWORD/.test(name) ? undefined : set[name];
  return `${name}: ${wanted}${value === undefined ? '' : `, not "${value}"`}`;
}

function oneTooMany(set: Given, one: string, other: string): string[] {
  return set[one] === undefined || set[other] === undefined ? [] : [`${one}: not beside ${other}, the database is one`];
}

function withoutOther(set: Given, name: string, other: string): string[] {
  return set[name] === undefined || set[other] !== undefined ? [] : [`${name}: of no use without ${other}`];
}

function certificateFiles({ SELFPROV_SIP_TLS_CERT: certificate, SELFPROV_SIP_TLS_KEY: key }: Environment) {
  if (certificate === undefined || key === undefined) return undefined;
  return { certificate: resolve(certificate), key: resolve(key) };
}

/** The address that phones on the network can reach us at, as far as this machine can tell. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** All addresses are no address to go to. */
function pageUrl(listen: string, host: string, at: number): string {
  const there = listen === '0.0.0.0' || listen === '::' ? host : listen;
  return `http://${bracketed(there)}:${at}/`;
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
