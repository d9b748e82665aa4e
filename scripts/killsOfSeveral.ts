// Prints figures; ends with 1 when a phone was lost or told twice: `npx tsx scripts/killsOfSeveral.ts [phones]`. So many phones,
// half of them at either of two Asterisks, are given to users at once by two processes of selfprov on one PostgreSQL; in the
// midst one process and one Asterisk are killed, and started again a few seconds later, as a supervisor would.
import { setTimeout as pause } from 'node:timers/promises';
import { openCore } from '../src/core.ts';
import { giveDevice } from '../src/administration/whoseDevice.ts';
import { bootSilentPhone, inTurn, type SilentPhone } from '../test/support/silentPhone.ts';
import { startSite } from '../test/support/site.ts';
import { closePostgres } from '../test/support/testDatabase.ts';
import { aUser } from '../test/support/aUser.ts';
import { waitFor } from '../test/support/wait.ts';

const PHONES = Number(process.argv[2] ?? 1000);
const AT_ONCE = 20;
const FIRST = 20_000;
const DOWN_MS = 4000;
const DONE_WITHIN_MS = 300_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const site = await startSite();
const core = await openCore(site.config);

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const rest = [...all];
  const worker = async (): Promise<void> => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const numbers = Array.from({ length: PHONES }, (_, at) => at);
await core.store.transaction(async (store) => {
  for (const at of numbers) await store.addUser(aUser(String(FIRST + at), `User ${at}`));
});
const phones: SilentPhone[] = [];
await inTurns(numbers, async (at) => {
  const mac = `001565${(FIRST + at).toString(16).padStart(6, '0')}`;
  phones.push(await bootSilentPhone(site, { mac, at: inTurn(at), patience: 3000 }));
});
await waitFor(
  async () => (await core.store.knownRegistrations()).filter(({ contact }) => contact !== null).length === PHONES,
  {
    what: 'all registrations',
    limit: 60_000,
    every: 500,
  },
);
say(`${PHONES} phones are registered, half of them at either Asterisk`);

const told = (): number => phones.reduce((all, phone) => all + phone.told(), 0);
const begun = performance.now();
const since = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
const giving = inTurns(phones, ({ mac }) =>
  giveDevice(core, { mac, tenantId: 'default', extension: String(Number.parseInt(mac.slice(6), 16)) }),
).then(() => say(`${since()}: all have been given to their users`));
await waitFor(() => told() >= PHONES / 4, { what: 'a quarter being told', limit: 120_000, every: 20 });
say(`${since()}: ${told()} told; a process and an Asterisk are killed`);
site.asterisks[0].kill('SIGKILL');
await site.processes[0].stop('SIGKILL');
await pause(DOWN_MS);
say(`${since()}: ${told()} told; both are started again`);
await Promise.all([site.asterisks[0].start(), site.processes[0].start()]);
say(`${since()}: ${told()} told; both run`);
await giving;

const states = async (): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { mac } of phones) {
    const [handOver] = await core.store.handOversOf(mac);
    const state = handOver?.state ?? 'none';
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
};
const deadline = performance.now() + DONE_WITHIN_MS;
let last = await states();
while (last['done'] !== PHONES && performance.now() < deadline) {
  await pause(1000);
  last = await states();
}
say(`${since()}: ${JSON.stringify(last)}`);
const twice = phones.filter((phone) => phone.told() > 1);
const [once, never] = [1, 0].map((times) => phones.filter((phone) => phone.told() === times).length);
say(`told once ${once}, twice or more ${twice.length}, never ${never}`);
for (const { mac, told: times, updates } of twice.slice(0, 5)) {
  const events = await core.store.events({ mac, limit: 50 });
  say(
    `  ${mac}: told ${times()}, fetched ${updates()}: ${events.map(({ step, at }) => `${step} ${at % 1_000_000}`).join(', ')}`,
  );
}
await Promise.all(phones.map((phone) => phone.close()));
await core.close();
await site.close();
await closePostgres();
process.exit(last['done'] === PHONES && twice.length === 0 ? 0 : 1);
