import { readCsv } from '../../csv/readCsv.ts';
import { writeCsv } from '../../csv/writeCsv.ts';
import { formatMac, type Mac } from '../../domain/mac.ts';
import type { Store } from '../../domain/ports.ts';
import type { Core } from '../core.ts';
import { addDevice, changeDevice, type DeviceFacts } from '../devices.ts';
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

/**
 * Imports all lines of a file or none; gives the URLs of the new devices, by MAC, which are secrets. `keep` has them first:
 * nothing is imported when it rejects. Rejects with `invalid` for a file with mistakes, and with `conflict` when the plan is
 * out of date.
 */
export async function importDevices(
  core: Core,
  facts: DeviceFacts,
  tenantId: string,
  file: Uint8Array,
  plan: Plan<DevicePlan>,
  keep: (urls: ReadonlyMap<Mac, string>) => Promise<void> = () => Promise.resolve(),
): Promise<ReadonlyMap<Mac, string>> {
  refuseMistakes(plan);
  const families = facts.families();
  const known = { ...facts, families: () => families };
  const urls = new Map<Mac, string>();
  const readKind = (store: Store): ReturnType<typeof devicesKind> => devicesKind(store, families, tenantId);
  await core.store.transaction(async (store) => {
    await applyPlan(readKind, { ...core, store, tenantId }, readCsv(file), plan, async (inside, change) => {
      const url = await writeLine({ ...core, store: inside }, known, tenantId, change);
      if (url !== undefined) urls.set(change.draft.mac, url);
    });
    await keep(urls);
  });
  return urls;
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
  facts: DeviceFacts,
  tenantId: string,
  { what, draft, newUsers }: DevicePlan,
): Promise<string | undefined> {
  const { mac, family = '', model, serial, note, profile, texts } = draft;
  const plain = {
    ...(serial === undefined ? {} : { serial }),
    ...(note === undefined ? {} : { note }),
    ...(profile === undefined ? {} : { profile }),
    texts,
  };
  if (what === 'new') {
    const entry = { mac, tenantId, family, ...(model === undefined ? {} : { model }), ...plain, users: newUsers };
    return (await addDevice(core, facts, entry)).url;
  }
  await changeDevice(core, mac, plain);
  for (const [port, extension] of Object.entries(newUsers)) {
    await giveDevice(core, { mac, tenantId, extension, slot: Number(port) });
  }
  return undefined;
}
