import { X509Certificate } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Asterisks } from './asterisks.ts';
import type { Config } from './config.ts';
import { authorityFile, ownCertificates } from './core.ts';
import { soon } from './health.ts';
import type { Readings, Sources } from './metrics/scrape.ts';
import type { Sample } from './metrics/recorders.ts';
import { hashing } from './secrets/secrets.ts';
import type { OpenStore } from './store/open.ts';
import type { Many, SizeFigures } from './store/figures.ts';
import { version } from './version.ts';

export interface ReadingNeeds {
  readonly config: Config;
  readonly core: Pick<OpenStore, 'ping' | 'figures'> & { now(): number };
  readonly asterisks: Pick<Asterisks, 'all'>;
  readonly templates: () => { readonly error: string | null };
  /** Missing where phones are not answered by TFTP. */
  readonly tftp: { underWay(): number } | undefined;
}

/** Milliseconds: what takes the longer the more phones there are is read so seldom. */
const SIZE_KEPT_MS = 15_000;

/** What is read when somebody asks for metrics, part by part: what cannot be read is left out. */
export function readingsOf({ config, core, asterisks, templates, tftp }: ReadingNeeds): Sources {
  const state = { isUp: true, since: Date.now() };
  let size: { readonly figures: SizeFigures; readonly readAt: number } | undefined;

  async function sizeNow(): Promise<SizeFigures> {
    const now = performance.now();
    if (size === undefined || now - size.readAt > SIZE_KEPT_MS)
      size = { figures: await core.figures.size(), readAt: now };
    return size.figures;
  }

  return {
    links: () => ({
      selfprov_build_info: [{ labels: { version }, value: 1 }],
      selfprov_hashing_queue: hashing(),
      selfprov_tftp_transfers_under_way: tftp?.underWay() ?? 0,
      selfprov_templates_broken: templates().error === null ? 0 : 1,
      ...linkReadings(asterisks),
    }),
    async database() {
      const isUp = await soon(core.ping()).then(
        () => true,
        () => false,
      );
      if (isUp !== state.isUp) Object.assign(state, { isUp, since: Date.now() });
      return {
        selfprov_database_up: isUp ? 1 : 0,
        selfprov_database_since_timestamp_seconds: state.since / 1000,
      };
    },
    counts: () => soon(counted(core, sizeNow)),
    async disk() {
      const { bavail, blocks, bsize } = await statfs(config.directory);
      return { selfprov_disk_free_bytes: bavail * bsize, selfprov_disk_size_bytes: blocks * bsize };
    },
    certificates: async () => ({ selfprov_certificate_expiry_timestamp_seconds: await certificateEnds(config) }),
  };
}

function linkReadings({ all }: Pick<Asterisks, 'all'>): Readings {
  const links = all.flatMap(({ name, ari, ami }) =>
    Object.entries({ ari, ami }).map(([link, its]) => ({ labels: { link, asterisk: name ?? '' }, ...its.state() })),
  );
  return {
    selfprov_link_up: links.map(({ labels, state }) => ({ labels, value: state === 'up' ? 1 : 0 })),
    selfprov_link_since_timestamp_seconds: links.map(({ labels, since }) => ({ labels, value: since / 1000 })),
  };
}

async function counted({ figures, now }: ReadingNeeds['core'], size: () => Promise<SizeFigures>): Promise<Readings> {
  const [due, { devices, users, lines, linesRegistered, syncItems }] = [await figures.due(now()), await size()];
  return {
    selfprov_hand_overs: samplesOf('state', due.handOvers),
    selfprov_hand_overs_due: due.handOversDue,
    selfprov_oldest_failed_hand_over_age_seconds:
      due.oldestFailed === null ? 0 : Math.max(0, (now() - due.oldestFailed) / 1000),
    selfprov_farewells_due: due.farewellsDue,
    selfprov_accounts_to_forget: due.staleAccounts,
    selfprov_syncs: samplesOf('state', due.syncs),
    selfprov_sync_items: samplesOf('state', syncItems),
    selfprov_devices: devices,
    selfprov_users: users,
    selfprov_lines: samplesOf('line', lines),
    selfprov_lines_registered: linesRegistered,
  };
}

function samplesOf(label: string, many: Many): readonly Sample[] {
  return Object.entries(many).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** Of those that there are: an Asterisk that is not ours has its own, and we know nothing of it. */
async function certificateEnds(config: Config): Promise<readonly Sample[]> {
  const server = config.sip.certificate?.certificate ?? join(ownCertificates(config), 'server.crt');
  const files = { server, authority: authorityFile(config), page: config.admin.certificate?.certificate };
  const ends = Object.entries(files).map(async ([certificate, file]): Promise<readonly Sample[]> => {
    const text = file === undefined ? undefined : await readIfThere(file);
    if (text === undefined) return [];
    return [{ labels: { certificate }, value: Date.parse(new X509Certificate(text).validTo) / 1000 }];
  });
  return (await Promise.all(ends)).flat();
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
