import type { Secret } from '../../domain/secret.ts';
import type { Core } from '../core.ts';
import { goodPin } from '../pins.ts';
import type { Plan } from './kind.ts';
import type { UserPlan } from './users.ts';

export interface NewPin {
  readonly pin: Secret;
  readonly pinHash: string;
  readonly generated: boolean;
}

/** Called as hashing goes on: thousands take seconds. */
export type Progress = (done: number, all: number) => void;

/** So many are under way that the thread that hashes is never without work. */
const AT_ONCE = 32;

/** The PINs that a plan gives, by extension, with their hashes. */
export async function newPins(
  { secrets }: Pick<Core, 'secrets'>,
  plan: Plan<UserPlan>,
  progress: Progress,
): Promise<ReadonlyMap<string, NewPin>> {
  const wanted = plan.lines.filter(({ change }) => change.pin !== null);
  const pins = new Map<string, NewPin>();
  const waiting = wanted.values();
  const hashSome = async (): Promise<void> => {
    for (const { key, change } of waiting) {
      const generated = change.pin === 'generated' || change.pin === null;
      const pin = generated ? goodPin(undefined, key, secrets) : change.pin;
      pins.set(key, { pin, pinHash: await secrets.hashPin(pin), generated });
      progress(pins.size, wanted.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hashSome));
  return pins;
}
