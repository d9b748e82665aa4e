// Prints figures, asserts nothing: `npx tsx scripts/benchPins.ts [calls] [lines]`. Calls whose last digit comes in the same moment:
// how long each waits until it is accepted, how long a file's facts take meanwhile, and how fast an import hashes PINs.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { addUser } from '../src/administration/users.ts';
import { Secret } from '../src/domain/secret.ts';
import { secrets } from '../src/secrets/secrets.ts';
import { assignDevice } from '../src/provisioning/handOver/assignDevice.ts';
import { checkUser } from '../src/provisioning/secrets/checkSecret.ts';
import { openTestCore, type TestCore } from '../test/support/core.ts';
import { enrol } from '../test/support/steps.ts';

const CALLS = Number(process.argv[2] ?? 100);
const LINES = Number(process.argv[3] ?? 10_000);
const ROUNDS = 5;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const spread = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(1);
  return `median ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)}`;
};

for (let round = 1; round <= ROUNDS; round++) {
  const core = await openTestCore();
  await measureCalls(core, round);
  await core.close();
}
await measureImport();

async function measureCalls(core: TestCore, round: number): Promise<void> {
  const callers = [];
  for (let i = 0; i < CALLS; i++) {
    const mac = `001565${i.toString(16).padStart(6, '0')}`;
    const address = `10.0.${i >> 8}.${i & 255}`;
    const line = await enrol(core, mac, address);
    const { user, pin } = await addUser(core, { tenantId: 'default', extension: String(2000 + i), name: 'Ann' });
    callers.push({ mac, address, line, user, pin });
  }
  const checked: number[] = [];
  const accepted: number[] = [];
  const [from, before] = [performance.now(), processorTime()];
  let isOver = false;
  const watching = watchFiles(() => isOver);
  await Promise.all(
    callers.map(async ({ mac, address, line, user, pin }) => {
      const asker = { device: { mac, tenantId: 'default', family: 'yealink' }, line: line.authName };
      const isRight = await checkUser(core, asker, { user, number: user.extension, secret: pin });
      if (!isRight) throw new Error(`the PIN of ${user.extension} is not right`);
      checked.push(performance.now() - from);
      const caller = { contact: `sip:phone@${address}:5060`, address, identity: null };
      const call = { lineId: line.id, caller };
      await assignDevice(core, { mac, slot: line.slot, userId: user.id, actor: 'phone', call });
      accepted.push(performance.now() - from);
    }),
  );
  isOver = true;
  say(`${CALLS} calls at once, round ${round}, ms`);
  say(`  last digit -> secret checked   ${spread(checked)}`);
  say(`  last digit -> line assigned    ${spread(accepted)}`);
  say(`  the main thread’s own time     ${(processorTime() - before).toFixed(1)}`);
  say(`  facts of a file meanwhile      ${spread(await watching)}`);
}

/** Milliseconds that the main thread has had a processor: what remains of the figures on a machine that does nothing else. */
function processorTime(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/** How long each look at a file takes that begins in the meantime, one after the other. */
async function watchFiles(isOver: () => boolean): Promise<readonly number[]> {
  const took: number[] = [];
  do {
    const from = performance.now();
    await stat(import.meta.filename);
    took.push(performance.now() - from);
    await turn();
  } while (!isOver());
  return took;
}

/** As `newPins` does it: 32 at once. */
async function measureImport(): Promise<void> {
  const maker = secrets(randomBytes(32));
  const pins = Array.from({ length: LINES }, () => maker.pin()).values();
  const from = performance.now();
  const hashSome = async (): Promise<void> => {
    for (const pin of pins) await maker.hashPin(new Secret(pin.reveal()));
  };
  await Promise.all(Array.from({ length: 32 }, hashSome));
  const took = performance.now() - from;
  say(`${LINES} PINs of an import hashed in ${(took / 1000).toFixed(1)} s (${(took / LINES).toFixed(2)} ms each)`);
}
