import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { addUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import { assignDevice } from '../../src/provisioning/handOver/assignDevice.ts';
import { checkUser } from '../../src/provisioning/secrets/checkSecret.ts';
import { secrets } from '../../src/secrets/secrets.ts';
import { openTestCore, type TestCore } from '../../test/support/core.ts';
import { enrol } from '../../test/support/steps.ts';
import type { Part } from './bench.ts';
import { middle, quantile, rounded, type Figure } from './figure.ts';

/** Of an import; and so many are hashed at once, as `newPins` does it. */
const [LINES, AT_ONCE] = [10_000, 32];

/** Calls whose last digit comes in the same moment, what files feel of it, and the PINs of an import. */
export const calls: Part = async ({ isQuick }) => {
  const [count, rounds] = isQuick ? [20, 1] : [100, 5];
  const all: Took[] = [];
  for (let round = 0; round < rounds; round++) {
    const core = await openTestCore();
    all.push(await callsAtOnce(core, count));
    await core.close();
  }
  const figure = (what: string, of: (took: Took) => number): Figure => {
    return { what: `${what}; ${count} calls at once`, ...middle(all.map(of)), unit: 'ms' };
  };
  return [
    figure('last digit until the secret is checked, p50', ({ checked }) => quantile(checked, 0.5)),
    figure('last digit until the secret is checked, last', ({ checked }) => quantile(checked, 1)),
    figure('last digit until the line is assigned, p50', ({ accepted }) => quantile(accepted, 0.5)),
    figure('last digit until the line is assigned, last', ({ accepted }) => quantile(accepted, 1)),
    figure('a look at a file meanwhile, p99', ({ looks }) => quantile(looks, 0.99)),
    await pinsOfAnImport(isQuick ? 500 : LINES),
  ];
};

interface Took {
  readonly checked: readonly number[];
  readonly accepted: readonly number[];
  readonly looks: readonly number[];
}

async function callsAtOnce(core: TestCore, count: number): Promise<Took> {
  const callers = [];
  for (let i = 0; i < count; i++) {
    const mac = `001565${i.toString(16).padStart(6, '0')}`;
    const address = `10.0.${i >> 8}.${i & 255}`;
    const line = await enrol(core, mac, address);
    const { user, pin } = await addUser(core, { tenantId: 'default', extension: String(2000 + i), name: 'Ann' });
    callers.push({ mac, address, line, user, pin });
  }
  const [checked, accepted] = [[] as number[], [] as number[]];
  const from = performance.now();
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
  return { checked, accepted, looks: await watching };
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

async function pinsOfAnImport(lines: number): Promise<Figure> {
  const maker = secrets(randomBytes(32));
  const pins = Array.from({ length: lines }, () => maker.pin()).values();
  const from = performance.now();
  const hashSome = async (): Promise<void> => {
    for (const pin of pins) await maker.hashPin(new Secret(pin.reveal()));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hashSome));
  return {
    ...{ what: `PINs of an import of ${lines} users`, unit: 's' },
    value: rounded((performance.now() - from) / 1000),
  };
}
