import { readCsv } from '../../csv/readCsv.ts';
import { writeCsv } from '../../csv/writeCsv.ts';
import { formatMac, type Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Families } from '../../phones/family/family.ts';
import type { Core } from '../core.ts';
import { changeDevice, enterDevice, urlFor, type DeviceFacts } from '../devices.ts';
import { showTenant } from '../tenants.ts';
import { giveDevice } from '../whoseDevice.ts';
import { applyPlan } from './applyPlan.ts';
import { devicesKind, type DevicePlan } from './devices.ts';
import type { Plan } from './kind.ts';
import { planTable, refuseMistakes } from './planTable.ts';

/** What an import of this file would do, and every mistake in it; changes nothing. */
export async function previewDevices(
  { store }: Pick<Core, 'store'>,
  { families }: DeviceFacts,
  tenantId: string,
  file: Uint8Array,
): Promise<Plan<DevicePlan>> {
  return planTable(await devicesKind(store, families(), tenantId), readCsv(file));
}

/** Keeps the URLs of new devices, by MAC, and makes them valid with `commit`; nothing may be left of them when that rejects. */
export type KeepUrls = (urls: ReadonlyMap<Mac, string>, commit: () => Promise<void>) => Promise<void>;

/**
 * Imports all lines of a file or none; `keep` is where the URLs of the new devices go, which are secrets. Rejects with
 * `invalid` for a file with mistakes, and with `conflict` when the plan is out of date.
 */
export async function importDevices(
  core: Core,
  facts: DeviceFacts,
  tenantId: string,
  file: Uint8Array,
  plan: Plan<DevicePlan>,
  keep: KeepUrls | null,
): Promise<void> {
  refuseMistakes(plan);
  const families = facts.families();
  const added = plan.lines.flatMap(({ change: { what, draft } }) => (what === 'new' ? [draft] : []));
  const tokens = new Map(added.map(({ mac }) => [mac, core.secrets.token()]));
  const readKind = (store: Store): ReturnType<typeof devicesKind> => devicesKind(store, families, tenantId);
  const commit = (): Promise<void> =>
    applyPlan(readKind, { ...core, tenantId }, readCsv(file), plan, (inside, change) =>
      writeLine({ ...core, store: inside }, families, tenantId, change, tokens.get(change.draft.mac)),
    );
  if (keep === null) return commit();
  const tenant = await showTenant(core, tenantId);
  const urls = new Map<Mac, string>();
  for (const { mac, family = '' } of added) {
    urls.set(mac, urlFor({ ...facts, families: () => families }, tenant, family, orNotFound(tokens.get(mac), 'token')));
  }
  await keep(urls, commit);
}

/** For whoever sets up phones that cannot prove themselves otherwise. */
export function urlTable(urls: ReadonlyMap<Mac, string>): string {
  return writeCsv(
    ['mac', 'url'],
    [...urls].map(([mac, url]) => [formatMac(mac), url]),
  );
}

async function writeLine(
  core: Core,
  families: Families,
  tenantId: string,
  { what, draft, newUsers }: DevicePlan,
  token: Secret | undefined,
): Promise<void> {
  const { mac, family = '', model, serial, note, profile, texts } = draft;
  const plain = {
    ...(serial === undefined ? {} : { serial }),
    ...(note === undefined ? {} : { note }),
    ...(profile === undefined ? {} : { profile }),
    texts,
  };
  if (what === 'new') {
    const own = { ...(model === undefined ? {} : { model }), ...(token === undefined ? {} : { token }) };
    await enterDevice(core, families, { mac, tenantId, family, ...own, ...plain, users: newUsers });
    return;
  }
  await changeDevice(core, mac, plain);
  for (const [port, extension] of Object.entries(newUsers)) {
    await giveDevice(core, { mac, tenantId, extension, slot: Number(port) });
  }
}
