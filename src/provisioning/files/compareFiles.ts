import { usersHolding, holdingsOf, isDefaultLine, type Device, type Line } from '../../domain/device.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Devices, Tenants, Users } from '../../domain/ports.ts';
import { isWithin } from '../../domain/policySettings.ts';
import { policyOf } from '../../domain/tenant.ts';
import type { Families } from '../../phones/family/family.ts';
import type { ServerFacts } from '../../phones/view/facts.ts';
import { renderFile } from '../../phones/view/render.ts';
import { anonymous, masked } from './comparable.ts';
import { lineDiff } from './lineDiff.ts';
import { MASKED } from './masks.ts';
import { settingsFor, type Settings } from './settingsFor.ts';
import { viewFor } from './viewFor.ts';

type Source = Tenants & Users & Pick<Devices, 'device' | 'lines'>;

interface Needs {
  readonly families: Families;
  readonly server: ServerFacts;
}

/** What becomes different in the files of so many devices, and nothing else in them. */
export interface FileChange {
  readonly devices: number;
  readonly example: Pick<Device, 'mac' | 'family' | 'model'>;
  /** As they are for the example; no secret is in them. */
  readonly files: readonly ChangedFile[];
}

interface ChangedFile {
  /** As in `family.yaml`. */
  readonly name: string;
  /** Lines that go start with `-`, lines that come with `+`. */
  readonly lines: readonly string[];
}

type Kind = Pick<Device, 'mac' | 'family' | 'model' | 'firmware'>;

/** One device in both states: its own settings, and those of the files that it shares with others of its family. */
interface Pair {
  readonly device: Kind;
  readonly was: Settings;
  readonly is: Settings;
  readonly shared: { readonly was: Settings; readonly is: Settings };
}

/**
 * How the files of these devices differ between two states of the database, the most frequent difference first. Two
 * devices have the same difference when it is the same but for their names, numbers, MACs and secrets: what is alike but for
 * these is made once, so that ten thousand phones take seconds.
 */
export async function compareFiles(
  needs: Needs,
  before: Source,
  after: Source,
  macs: readonly Mac[],
): Promise<readonly FileChange[]> {
  const known = new Map<string, string>();
  const groups = new Map<string, { count: number; readonly example: Pair }>();
  for (const mac of macs) {
    const pair = await pairOf(before, after, mac);
    if (pair === undefined) continue;
    const plain = { ...pair, ...anonymous(pair) };
    const key = JSON.stringify(plain, (name, value: unknown) => (name === 'from' ? undefined : value));
    const difference = known.get(key) ?? JSON.stringify(changedFiles(needs, plain));
    known.set(key, difference);
    if (difference === '[]') continue;
    const group = groups.get(difference) ?? { count: 0, example: pair };
    group.count += 1;
    groups.set(difference, group);
  }
  return [...groups.values()]
    .toSorted((one, other) => other.count - one.count)
    .map(({ count, example }) => {
      const { mac, family, model } = example.device;
      return { devices: count, example: { mac, family, model }, files: changedFiles(needs, example) };
    });
}

/** `undefined` for a device that gets no file. */
async function pairOf(before: Source, after: Source, mac: Mac): Promise<Pair | undefined> {
  const [was, is] = [await before.device(mac), await after.device(mac)];
  const all = await before.lines(mac);
  // Each who asks for the file of a phone without a user gets one of its own: they differ in secrets alone.
  const lines: readonly Line[] = (usersHolding(all) ?? holdingsOf(all)[0])?.lines ?? [];
  if (was === undefined || is === undefined || lines.length === 0) return undefined;
  const { family, model, firmware } = { ...was, ...lines[0]?.askedAs };
  const device = { mac, family, model, firmware };
  const own = { ...device, says: was.says, tenantId: was.tenantId };
  const ofFamily = { tenantId: was.tenantId, family };
  return {
    ...masked({
      device,
      was: await settingsFor(before, own, lines),
      is: await settingsFor(after, { ...own, says: is.says }, await numbered(after, was.tenantId, lines)),
    }),
    shared: { was: await settingsFor(before, ofFamily, []), is: await settingsFor(after, ofFamily, []) },
  };
}

/** With numbers of a range that is new: which ones, for an example. */
async function numbered(after: Source, tenantId: string, lines: readonly Line[]): Promise<readonly Line[]> {
  const range = policyOf(orNotFound(await after.tenant(tenantId), 'tenant')).defaultNumbers;
  if (range === null) return lines;
  return lines.map((line) =>
    !isDefaultLine(line) || (line.number !== null && isWithin(range, line.number))
      ? line
      : { ...line, number: range.from },
  );
}

/** Several names may stand for one file. */
function changedFiles(needs: Needs, pair: Pair): readonly ChangedFile[] {
  const { families, server } = needs;
  const { device, shared } = pair;
  const all = [...(families.byId.get(device.family)?.files.values() ?? [])];
  const files = all.filter((file, at) => all.findIndex(({ template }) => template === file.template) === at);
  return files.flatMap(({ name, role, encoding }) => {
    const { was, is } = role === 'device' ? pair : shared;
    const [before, after] = [was, is].map((settings) => {
      const view = viewFor(families, server, device, settings, role === 'device' ? MASKED : null);
      const file = { familyId: device.family, kind: 'template', name, role } as const;
      return renderFile(families, file, view).body.toString(encoding === 'utf-8' ? 'utf8' : 'latin1');
    });
    const lines = lineDiff(orNotFound(before, 'file'), orNotFound(after, 'file'));
    return lines.length === 0 ? [] : [{ name, lines }];
  });
}
