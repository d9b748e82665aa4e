import type { LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { deliveryUrl, hostAndPort, parsePValues, SRTP, TRANSPORTS } from './pValues.ts';
import { unlessEmpty } from './settings.ts';

/** What a port or a profile knows of its server. */
const SERVERS = [
  {
    active: 'P271',
    server: 'P47',
    proxy: 'P48',
    expiry: 'P32',
    transport: 'P130',
    srtp: 'P183',
    after: 'P4045',
  },
  {
    active: 'P401',
    server: 'P747',
    proxy: 'P748',
    expiry: 'P732',
    transport: 'P830',
    srtp: 'P443',
    after: 'P4046',
  },
] as const;
const PORTS = [
  { user: 'P35', auth: 'P36', password: 'P34', display: 'P3', calls: 'P71' },
  { user: 'P735', auth: 'P736', password: 'P734', display: 'P703', calls: 'P771' },
] as const;
const PORTS_WITH_PROFILE = 8;

/** Grandstream adapters whose ports have a server each. */
export const grandstreamHtReader: Reader = {
  parse: (file) => parsePValues(file, 'gs_provision'),
  read: (settings) =>
    phone(
      settings,
      PORTS.flatMap((port, at) => account(settings, at + 1, at, port)),
    ),
};

/** Grandstream adapters whose ports name one of two profiles. */
export const grandstreamHt81xReader: Reader = {
  parse: (file) => parsePValues(file, 'gs_provision'),
  read: (settings) =>
    phone(
      settings,
      Array.from({ length: PORTS_WITH_PROFILE }, (_, at) => at).flatMap((at) => {
        if (settings.get(`P${4595 + at}`) !== '1') return [];
        const port = {
          user: `P${4060 + at}`,
          auth: `P${4090 + at}`,
          password: `P${4120 + at}`,
          display: `P${4180 + at}`,
          calls: `P${4210 + at}`,
        };
        return account(settings, at + 1, Number(settings.get(`P${4150 + at}`)), port);
      }),
    ),
};

function phone(settings: Settings, lines: readonly LineReading[]): PhoneReading {
  return { lines, keys: [], ...deliveryUrl(settings, 2) };
}

function account(
  settings: Settings,
  line: number,
  serverAt: number,
  port: {
    readonly user: string;
    readonly auth: string;
    readonly password: string;
    readonly display: string;
    readonly calls: string;
  },
): readonly LineReading[] {
  const get = (name: string): string => settings.get(name) ?? '';
  const server = SERVERS[serverAt];
  if (server === undefined) throw new Error(`port ${line} has no such profile: ${serverAt}`);
  if (get(server.active) !== '1') return [];
  return [
    {
      line,
      label: '',
      displayName: get(port.display),
      user: get(port.user),
      authUser: get(port.auth),
      password: get(port.password),
      ...hostAndPort(get(server.server)),
      transport: TRANSPORTS[Number(get(server.transport) || 0)] ?? 'udp',
      expires: Number(get(server.expiry) || 60) * 60,
      srtp: SRTP[Number(get(server.srtp) || 0)] ?? 'off',
      ...unlessEmpty({ outboundProxy: get(server.proxy) }),
      ...(get(port.calls) === '' ? {} : { whenLifted: { calls: get(port.calls), after: Number(get(server.after)) } }),
    },
  ];
}
