import type { Core } from '../../src/administration/core.ts';
import { dryRun } from '../../src/administration/dryRun.ts';
import { showSync } from '../../src/administration/syncProgress.ts';
import { startSync, USUAL_PACE, type Pace } from '../../src/administration/syncs.ts';
import { changeTemplate, LINE_TEMPLATES } from '../../src/administration/templates.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import type { Store } from '../../src/domain/ports.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import { openTestCore, type TestCore } from '../../test/support/core.ts';
import { fetchOwnFile, manyDevices, restart, type OwnPhone } from '../../test/support/manyDevices.ts';
import { server, shippedFamilies } from '../../test/support/phoneFacts.ts';
import type { Part } from './bench.ts';
import { quantile, rounded, type Aim, type Figure } from './figure.ts';

const KINDS = [
  { family: 'yealink', model: 'T46S' },
  { family: 'snom', model: 'D785' },
  { family: 'poly', model: 'VVX 411' },
  { family: 'grandstream-grp', model: 'GRP2614' },
] as const;
/** Seconds from a phone's NOTIFY to its registration. */
const COMES_BACK_AFTER = 60;
const PACE = { perMinute: 60, perAddress: 5, canary: 10, mostLost: 1 };

const VERBS: Readonly<Record<string, (inside: Core) => Promise<unknown>>> = {
  'the SIP server': (inside) =>
    changeTemplate(inside, LINE_TEMPLATES, {
      tenantId: 'default',
      name: 'Default',
      texts: { sipServer: 'pbx2.example' },
    }),
  'the label of each line': (inside) => changeTenant(inside, 'default', { texts: { label: 'both' } }),
  'the URL of the tenant': (inside) => changeTenant(inside, 'default', { urls: ['https://phones.example/acme/'] }),
};

/** What a change for many phones takes: the dry run, and a sync against a clock that is simulated. */
export const syncs: Part = async ({ isQuick }) => {
  const core = await openTestCore();
  const count = isQuick ? 100 : 1000;
  const phones = await manyDevices(core, count, { kindAt: (at) => KINDS[at % KINDS.length] ?? KINDS[0] });
  const figures = [
    ...(await dryRuns(core, count)),
    ...(await paced(core, phones, 'all come back', PACE, () => true)),
    ...(await paced(core, phones, 'a canary that loses its phones', PACE, (at) => at >= 3)),
  ];
  await core.close();
  return figures;
};

async function dryRuns(core: TestCore, count: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [what, verb] of Object.entries(VERBS)) {
    let held = 0;
    const transaction: Store['transaction'] = async (work) => {
      const from = performance.now();
      return core.store.transaction(work).finally(() => (held = performance.now() - from));
    };
    const from = performance.now();
    const facts = { families: shippedFamilies, server: () => server };
    await dryRun({ ...core, store: { ...core.store, transaction } }, facts, 'default', verb);
    const took = rounded(performance.now() - from);
    const named = `dry run of ${what}, ${count} phones`;
    figures.push({ what: named, value: took, unit: 'ms' });
    figures.push({ what: `${named}: others cannot write for`, value: rounded(held), unit: 'ms' });
  }
  return figures;
}

/** `isWell`: whether the phone comes back that was told as the how manieth, from 0. */
async function paced(
  core: TestCore,
  phones: readonly OwnPhone[],
  title: string,
  pace: Partial<Pace>,
  isWell: (at: number) => boolean,
): Promise<readonly Figure[]> {
  const { id } = await startSync(core, 'default', { all: true }, { ...USUAL_PACE, ...pace });
  const byExtension = new Map(phones.map((phone) => [phone.user.extension, phone]));
  const coming = new Map<number, OwnPhone[]>();
  const looks: number[] = [];
  const drive = syncDriver(core, fail);
  const first = core.registrar.sent.length;
  for (let second = 0; (await isUnderWay(core, id)) && second < 24 * 3600; second++) {
    const before = core.registrar.sent.length;
    const from = performance.now();
    await drive();
    looks.push(performance.now() - from);
    for (const [at, { uri }] of core.registrar.sent.slice(before).entries()) {
      const phone = byExtension.get(/^sip:(\d+)@/.exec(uri)?.[1] ?? '');
      if (phone === undefined) continue;
      if (!isWell(before - first + at)) await fetchOwnFile(core, phone);
      else coming.set(second + COMES_BACK_AFTER, [...(coming.get(second + COMES_BACK_AFTER) ?? []), phone]);
    }
    for (const phone of coming.get(second) ?? []) await restart(core, phone, `start ${title}`);
    core.pass(1000);
  }
  const { devices } = await showSync(core, 'default', id);
  const addresses = [...new Set(devices.map(({ address }) => address))];
  const behindOne = addresses.map((address) => mostWithinAMinute(devices.filter((each) => each.address === address)));
  const figure = (what: string, value: number, unit: string, aim?: Aim): Figure => {
    return { what: `${what}; ${phones.length} phones, ${title}`, value, unit, ...(aim === undefined ? {} : { aim }) };
  };
  return [
    figure('told', core.registrar.sent.length - first, 'phones'),
    figure('told within any minute', mostWithinAMinute(devices), 'phones', { of: 'value', atMost: PACE.perMinute }),
    figure('of them behind one address', Math.max(...behindOne), 'phones', { of: 'value', atMost: PACE.perAddress }),
    figure('one look, p50', rounded(quantile(looks, 0.5)), 'ms'),
    figure('the longest look', rounded(quantile(looks, 1)), 'ms'),
  ];
}

function fail(error: unknown): never {
  throw error;
}

async function isUnderWay({ store }: TestCore, id: number): Promise<boolean> {
  return (await store.syncsUnderWay()).some((sync) => sync.id === id);
}

function mostWithinAMinute(items: readonly { readonly toldAt: number | null }[]): number {
  const times = items.flatMap(({ toldAt }) => toldAt ?? []).toSorted((a, b) => a - b);
  return Math.max(
    0,
    ...times.map((from, at) => times.filter((time, other) => other >= at && time < from + 60_000).length),
  );
}
