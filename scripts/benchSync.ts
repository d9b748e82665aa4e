// Prints figures, asserts nothing: `npx tsx scripts/benchSync.ts [devices]`. What a change for many phones takes: the dry run, how
// long it keeps others from writing, and a sync against a clock that is simulated, with phones that need a minute to come back.
import { dryRun } from '../src/administration/dryRun.ts';
import { startSync, USUAL_PACE, type Pace } from '../src/administration/syncs.ts';
import { showSync } from '../src/administration/syncProgress.ts';
import { changeTemplate, LINE_TEMPLATES } from '../src/administration/templates.ts';
import { changeTenant } from '../src/administration/tenants.ts';
import type { Core } from '../src/administration/core.ts';
import type { Store } from '../src/domain/ports.ts';
import { syncDriver } from '../src/provisioning/sync/driveSyncs.ts';
import { command } from '../test/support/command.ts';
import { openTestCore, type TestCore } from '../test/support/core.ts';
import { fetchOwnFile, manyDevices, restart, type OwnPhone } from '../test/support/manyDevices.ts';
import { server, shippedFamilies } from '../test/support/phoneFacts.ts';

const DEVICES = Number(process.argv[2] ?? 2000);
const KINDS = [
  { family: 'yealink', model: 'T46S' },
  { family: 'snom', model: 'D785' },
  { family: 'poly', model: 'VVX 411' },
  { family: 'grandstream-grp', model: 'GRP2614' },
] as const;
/** Seconds from a phone's NOTIFY to its registration. */
const COMES_BACK_AFTER = 60;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const ms = (from: number): string => `${Math.round(performance.now() - from)} ms`;

const core = await openTestCore();
const phones = await manyDevices(core, DEVICES, { kindAt: (at) => KINDS[at % KINDS.length] ?? KINDS[0] });
say(`${DEVICES} phones of ${KINDS.length} families, ten behind each address`);

await measureDryRuns();
await measureSync('A paced sync', { perMinute: 60, perAddress: 5, canary: 10, mostLost: 1 }, () => true);
await measureSync('A canary that stops', { perMinute: 60, canary: 10, mostLost: 1 }, (_, at) => at >= 3);
await core.close();

async function measureDryRuns(): Promise<void> {
  const begun = performance.now();
  const shown = await command(core, 'line-template', 'set', 'Default', '--sip-server', 'pbx2.example', '--dry-run');
  say(`\nselfprov line-template set Default --sip-server pbx2.example --dry-run: ${ms(begun)}\n\n${shown}\n`);
  const verbs: Readonly<Record<string, (inside: Core) => Promise<unknown>>> = {
    'the SIP server': (inside) =>
      changeTemplate(inside, LINE_TEMPLATES, {
        tenantId: 'default',
        name: 'Default',
        texts: { sipServer: 'pbx2.example' },
      }),
    'the label of each line': (inside) => changeTenant(inside, 'default', { texts: { label: 'both' } }),
    'the URL of the tenant': (inside) => changeTenant(inside, 'default', { urls: ['https://phones.example/acme/'] }),
  };
  say('dry run of              time      others cannot write for');
  for (const [what, verb] of Object.entries(verbs)) {
    let held = '';
    const transaction: Store['transaction'] = async (work) => {
      const from = performance.now();
      return core.store.transaction(work).finally(() => (held = ms(from)));
    };
    const from = performance.now();
    const facts = { families: shippedFamilies, server: () => server };
    await dryRun({ ...core, store: { ...core.store, transaction } }, facts, 'default', verb);
    say(`${what.padEnd(24)}${ms(from).padEnd(10)}${held}`);
  }
}

/** `isWell`: whether a phone comes back; `at`: the how manieth it is that was told, from 0. */
async function measureSync(
  title: string,
  pace: Partial<Pace>,
  isWell: (phone: OwnPhone, at: number) => boolean,
): Promise<void> {
  const start = `start ${title}`;
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
      if (!isWell(phone, before - first + at)) await fetchOwnFile(core, phone);
      else coming.set(second + COMES_BACK_AFTER, [...(coming.get(second + COMES_BACK_AFTER) ?? []), phone]);
    }
    for (const phone of coming.get(second) ?? []) await restart(core, phone, start);
    core.pass(1000);
  }
  const { state, counts, minutes, devices } = await showSync(core, 'default', id);
  say(`\n${title} ${JSON.stringify(pace)}: ${state}, ${JSON.stringify(counts)}`);
  say(
    `told ${core.registrar.sent.length - first} of ${devices.length}, most within any minute ${mostWithinAMinute(devices)}`,
  );
  const addresses = [...new Set(devices.map(({ address }) => address))];
  const behind = addresses.map((address) => devices.filter((device) => device.address === address));
  say(`most behind one address within any minute ${Math.max(...behind.map(mostWithinAMinute))}`);
  say('minute  told  fetched  back  lost');
  for (const { minute, told, fetched, back, lost } of minutes) {
    const few = minutes.length < 20 || minute < 4 || minute % 5 === 0;
    if (few)
      say(
        [
          String(minute).padEnd(8),
          String(told).padEnd(6),
          String(fetched).padEnd(9),
          String(back).padEnd(6),
          lost,
        ].join(''),
      );
  }
  const sorted = looks.toSorted((one, other) => one - other);
  say(`one look: median ${sorted[sorted.length >> 1]?.toFixed(1)} ms, longest ${sorted.at(-1)?.toFixed(1)} ms`);
  const [event] = (await core.store.events({ limit: 1000 })).filter(
    ({ step, detail }) => /^sync_(done|stopped)$/.test(step) && detail['sync'] === id,
  );
  say(`event: ${event?.step} ${JSON.stringify(event?.detail)}`);
}

function fail(error: unknown): never {
  throw error;
}

async function isUnderWay({ store }: TestCore, id: number): Promise<boolean> {
  return (await store.syncsUnderWay()).some((sync) => sync.id === id);
}

function mostWithinAMinute(items: readonly { readonly toldAt: number | null }[]): number {
  const times = items.flatMap(({ toldAt }) => toldAt ?? []).toSorted((one, other) => one - other);
  return Math.max(
    0,
    ...times.map((from, at) => times.filter((time, other) => other >= at && time < from + 60_000).length),
  );
}
