import { usersHolding, holdingsOf } from '../../domain/device.ts';
import { formatMac, type Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Devices, Tenants, Users } from '../../domain/ports.ts';
import type { Instant } from '../../domain/time.ts';
import type { Families } from '../../phones/family/family.ts';
import type { ServerFacts } from '../../phones/view/facts.ts';
import { deviceFile } from './deviceFile.ts';
import { givenDigest, unpackText } from './given.ts';
import { lineDiff } from './lineDiff.ts';
import { tagOf } from './tagOf.ts';

interface Needs {
  readonly store: Tenants & Users & Pick<Devices, 'device' | 'lines' | 'givenFiles'>;
  readonly families: Families;
  readonly server: ServerFacts;
}

/** One of a device's own files, as it would get it now, beside what it has fetched last. */
export interface FileSinceFetched {
  /** As in `family.yaml`. */
  readonly name: string;
  /** When it was first given the file that it has; `null` when nobody knows of one. */
  readonly givenAt: Instant | null;
  /** Whether it would get the same again, to the last secret. */
  readonly isCurrent: boolean;
  /** Lines that go (`-`) and that come (`+`), secrets masked: none when only secrets are different. */
  readonly lines: readonly string[];
}

export interface FileChanges {
  /** When the device has last fetched a file; `null` when it never has. */
  readonly fetchedAt: Instant | null;
  readonly items: readonly FileSinceFetched[];
}

/** How the files of a device differ from those that it has fetched. Rejects with `not_found`. */
export async function fileChanges(needs: Needs, mac: Mac): Promise<FileChanges> {
  const { store, families } = needs;
  const device = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
  const all = await store.lines(mac);
  const lines = (usersHolding(all) ?? holdingsOf(all)[0])?.lines ?? [];
  const [line] = lines;
  const family = line?.askedAs?.family ?? device.family;
  const files = [...(families.byId.get(family)?.files.values() ?? [])].filter(({ role }) => role === 'device');
  const given = new Map((await store.givenFiles(mac)).map((each) => [each.name, each]));
  const items = files.map(async ({ name, encoding }): Promise<FileSinceFetched> => {
    const before = given.get(name);
    if (before === undefined || before.family !== family || line === undefined)
      return { name, givenAt: null, isCurrent: false, lines: [] };
    const [masked, whole] = [
      await deviceFile(needs, mac, { name, withSecrets: false }),
      await deviceFile(needs, mac, { name, withSecrets: true }),
    ];
    const body = Buffer.from(whole.content, encoding === 'utf-8' ? 'utf8' : 'latin1');
    const isCurrent = givenDigest(tagOf(body), line.token) === before.digest;
    const changes = isCurrent ? [] : lineDiff(unpackText(before.packed), masked.content);
    return { name, givenAt: before.at, isCurrent, lines: changes };
  });
  const served = lines.flatMap(({ servedAt }) => servedAt ?? []);
  return { fetchedAt: served.length === 0 ? null : Math.max(...served), items: await Promise.all(items) };
}
