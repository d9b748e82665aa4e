// Prints figures; ends with 1 when a phone was lost or told twice: `npx tsx scripts/killsOfSeveral.ts [phones]`. So many phones,
// half of them at either of two Asterisks, are given to users at once by two processes of selfprov on one PostgreSQL; in the
// midst one process and one Asterisk are killed, and started again a few seconds later, as a supervisor would.
import { setTimeout as pause } from 'node:timers/promises';
import { openCore } from '../src/core.ts';
import { giveDevice } from '../src/administration/whoseDevice.ts';
import { registeringPhone, type RegisteringPhone } from '../test/support/registeringPhone.ts';
import { startSite } from '../test/support/site.ts';
import { closePostgres } from '../test/support/testDatabase.ts';
import { aUser } from '../test/support/aUser.ts';
import { waitFor } from '../test/support/wait.ts';

const PHONES = Number(process.argv[2] ?? 1000);
const AT_ONCE = 20;
const FIRST = 20_000;
const DOWN_MS = 4000;
const DONE_WITHIN_MS = 300_000;

interface Sip {
  readonly aor: string;
  readonly authName: string;
  readonly password: string;
}

interface Phone {
  readonly mac: string;
  readonly at: 0 | 1;
  path: string;
  radio: RegisteringPhone;
  told: number;
  fetches: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const site = await startSite();
const core = await openCore(site.config);

/** Of whichever process answers: a balancer would do the same. */
async function fetchFile(path: string, first: 0 | 1): Promise<string> {
  for (let turn: number = first; ; turn++) {
    try {
      const url = new URL(path, site.processes[turn % 2 === 0 ? 0 : 1].url);
      const answer = await fetch(url, {
        headers: { 'user-agent': 'Yealink SIP-T46S 66.86.0.15' },
        signal: AbortSignal.timeout(5000),
      });
      if (answer.ok) return await answer.text();
    } catch {
      // It is down.
    }
    await pause(200);
  }
}

function read(file: string): Sip & { readonly path: string } {
  const value = (name: string): string => new RegExp(`^${name} *= *(.+)$`, 'm').exec(file)?.[1]?.trim() ?? '';
  const url = new URL(value('static.auto_provision.server.url') || value('auto_provision.server.url'));
  const [aor, authName] = [value('account.1.user_name'), value('account.1.auth_name')];
  return { aor, authName, password: value('account.1.password'), path: url.pathname };
}

async function registerAt(sip: Sip, at: 0 | 1): Promise<RegisteringPhone> {
  for (let turn: number = at; ; turn++) {
    const { sipPort } = site.asterisks[turn % 2 === 0 ? 0 : 1];
    const radio = await registeringPhone({ ...sip, sipPort });
    const status = await radio.register(600).catch(() => 0);
    if (status === 200) return radio;
    radio.close();
    await pause(500);
  }
}

async function boot(mac: string, at: 0 | 1): Promise<Phone> {
  const { path, ...sip } = read(await fetchFile(`/${mac}.cfg`, at));
  return { mac, at, path, radio: await registerAt(sip, at), told: 0, fetches: 0 };
}

let told = 0;
/** It fetches as soon as it is told, and comes back with what it gets. */
async function live(phone: Phone): Promise<void> {
  const { radio } = phone;
  while (phone.radio === radio) {
    const request = await radio.request().catch(() => '');
    if (!request.startsWith('NOTIFY ')) continue;
    phone.told += 1;
    told += 1;
    const { path, ...sip } = read(await fetchFile(`${phone.path}${phone.mac}.cfg`, phone.at));
    phone.fetches += 1;
    phone.path = path;
    phone.radio = await registerAt(sip, phone.at);
  }
  // The old registration is let be, as by a phone that restarts.
  for (;;) {
    const request = await radio.request().catch(() => undefined);
    if (request?.startsWith('NOTIFY ') === true) phone.told += 1;
    if (isOver) return;
  }
}

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const rest = [...all];
  const worker = async (): Promise<void> => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

let isOver = false;
const numbers = Array.from({ length: PHONES }, (_, at) => at);
await core.store.transaction(async (store) => {
  for (const at of numbers) await store.addUser(aUser(String(FIRST + at), `User ${at}`));
});
const phones: Phone[] = [];
await inTurns(numbers, async (at) => {
  phones.push(await boot(`001565${(FIRST + at).toString(16).padStart(6, '0')}`, at % 2 === 0 ? 0 : 1));
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

const lives = phones.map(live);
const begun = performance.now();
const since = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
const giving = inTurns(phones, ({ mac }) =>
  giveDevice(core, { mac, tenantId: 'default', extension: String(FIRST + Number.parseInt(mac.slice(6), 16) - FIRST) }),
).then(() => say(`${since()}: all have been given to their users`));
await waitFor(() => told >= PHONES / 4, { what: 'a quarter being told', limit: 120_000, every: 20 });
say(`${since()}: ${told} told; a process and an Asterisk are killed`);
site.asterisks[0].kill('SIGKILL');
await site.processes[0].stop('SIGKILL');
await pause(DOWN_MS);
say(`${since()}: ${told} told; both are started again`);
await Promise.all([site.asterisks[0].start(), site.processes[0].start()]);
say(`${since()}: ${told} told; both run`);
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
const twice = phones.filter((phone) => phone.told > 1);
say(
  `told once ${phones.filter((phone) => phone.told === 1).length}, twice or more ${twice.length}, never ${phones.filter((phone) => phone.told === 0).length}`,
);
for (const { mac, told: times, fetches } of twice.slice(0, 5)) {
  const events = await core.store.events({ mac, limit: 50 });
  say(
    `  ${mac}: told ${times}, fetched ${fetches}: ${events.map(({ step, at }) => `${step} ${at % 1_000_000}`).join(', ')}`,
  );
}
isOver = true;
for (const phone of phones) phone.radio.close();
await Promise.allSettled(lives.map((one) => Promise.race([one, pause(100)])));
await core.close();
await site.close();
await closePostgres();
process.exit(last['done'] === PHONES && twice.length === 0 ? 0 : 1);
