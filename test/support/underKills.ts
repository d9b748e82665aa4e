import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import type { Product } from './product.ts';
import { seeded } from './random.ts';
import { registrationsOf } from './registrations.ts';
import { timeLine, type Happened } from './timeLine.ts';
import { waitFor } from './wait.ts';

const VICTIMS = ['selfprov', 'asterisk', 'both'] as const;
/** Longer than any pause and any restart together: what is not done by then is stuck. */
const DONE_WITHIN = 120_000;
/** A call whose server died before the acceptance is made again. */
const MOST_CALLS = 4;

export interface Kill {
  readonly victim: (typeof VICTIMS)[number];
  /** What it was meant to hit. */
  readonly moment: string;
  readonly at: number;
  /** Milliseconds until both were well again. */
  readonly away: number;
}

/** What became of one hand-over in whose time something was killed. */
export interface Outcome {
  readonly mac: string;
  readonly kill: Kill;
  /** The last step before the kill. */
  readonly hitAfter: string;
  readonly wasAccepted: boolean;
  readonly calls: number;
  readonly isDone: boolean;
  /** From the acceptance, milliseconds; NaN when it did not end. */
  readonly took: number;
  /** Check-syncs that went out. */
  readonly told: number;
  /** It had been given up on in between. */
  readonly gaveUp: boolean;
  /** Asterisk knows its registration at the end. */
  readonly isRegistered: boolean;
  /** For the reader of a failure. */
  readonly story: string;
}

interface Customer {
  readonly phone: Phone;
  readonly extension: string;
  readonly keys: string;
  calls: number;
}

/** What the product needs so that nobody waits for minutes. */
export const SHORT_PAUSES = { SELFPROV_HAND_OVER_PAUSES: '3,5,5,10,10,10,10,10', SELFPROV_REGISTER_WITHIN: '10' };

/**
 * Hands phones over by calls, several at once, and kills selfprov, Asterisk or both with SIGKILL at a random moment from
 * the PIN to the end of it; both are started again at once. Goes on until so many hand-overs have been hit. The same seed
 * gives the same plan, not the same interleaving.
 */
export async function handOversUnderKills(
  product: Product,
  plan: { readonly hits: number; readonly atOnce: number; readonly seed: number },
  onRound: (kill: Kill, outcomes: readonly Outcome[]) => void = () => {},
): Promise<{ readonly kills: readonly Kill[]; readonly outcomes: readonly Outcome[] }> {
  const random = seeded(plan.seed);
  const kills: Kill[] = [];
  const outcomes: Outcome[] = [];
  for (let round = 0; outcomes.length < plan.hits; round++) {
    const customers = await Promise.all(
      Array.from({ length: plan.atOnce }, (_, i) => newCustomer(product, round * plan.atOnce + i)),
    );
    const victim = VICTIMS[round % VICTIMS.length] ?? 'both';
    const kill = await oneKill(product, customers, victim, random);
    const found = await Promise.all(customers.map((customer) => outcomeOf(product, customer, kill)));
    await Promise.all(customers.map(({ phone }) => phone.close()));
    const hit = found.filter((outcome) => outcome.hitAfter !== 'done');
    kills.push(kill);
    outcomes.push(...hit);
    onRound(kill, hit);
  }
  return { kills, outcomes };
}

async function newCustomer(product: Product, number: number): Promise<Customer> {
  const extension = String(3000 + number);
  const mac = `001565ee${number.toString(16).padStart(4, '0')}`;
  const pin = await product.addUser(extension, `User ${number}`);
  const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url });
  await phone.registered();
  return { phone, extension, keys: `${extension}#${pin}#1`, calls: 0 };
}

async function call(customer: Customer): Promise<void> {
  const { phone, keys } = customer;
  customer.calls += 1;
  await (await phone.dial('*55')).established();
  await phone.press(keys);
}

/** All call, and the moment is that of the first of them, or in the middle of their typing. */
async function oneKill(
  product: Product,
  customers: readonly Customer[],
  victim: Kill['victim'],
  random: () => number,
): Promise<Kill> {
  await Promise.all(customers.map(call));
  const typedAt = Date.now();
  const hangsUpAtOnce = customers.filter(() => random() < 0.5);
  const moment = (['pin', 'accepted', 'accepted', 'notified', 'fetched', 'any'] as const)[Math.floor(random() * 6)];
  // Each key takes a quarter of a second on the wire: the PIN is complete after the twelfth.
  const later = { pin: 12 * 240 + 800 * random(), any: 9000 * random() }[moment as string] ?? 400 * random();
  const hangingUp = Promise.all(hangsUpAtOnce.map((customer) => hangUpWhenAccepted(product, customer)));
  let from = typedAt;
  if (moment !== 'pin') {
    const step = moment === 'any' ? 'accepted' : (moment ?? 'accepted');
    from = await waitFor(() => firstOf(product, customers, step), {
      what: `"${step}" of anybody`,
      limit: 30_000,
      every: 5,
    });
  }
  await waitFor(() => Date.now() >= from + later, { what: 'the moment', limit: 20_000, every: 1 });
  const kill = await killAndStart(product, victim, `${moment}+${Math.round(later)}ms`);
  await hangingUp;
  // Nothing is heard any more: a person hangs up, and calls again unless the phone has restarted meanwhile.
  await Promise.all(customers.map((customer) => callUntilAccepted(product, customer)));
  return kill;
}

async function killAndStart(product: Product, victim: Kill['victim'], moment: string): Promise<Kill> {
  const at = Date.now();
  const [selfprov, asterisk] = [victim !== 'asterisk', victim !== 'selfprov'];
  await Promise.all([selfprov && product.stop('SIGKILL'), asterisk && product.killAsterisk()]);
  await Promise.all([selfprov && product.start(), asterisk && product.startAsterisk()]);
  const well = async (): Promise<boolean> => (await fetch(`${product.adminUrl}/healthz`)).ok;
  await waitFor(well, { what: 'both being well', limit: 30_000 });
  return { victim, moment, at, away: Date.now() - at };
}

async function hangUpWhenAccepted(product: Product, { phone }: Customer): Promise<void> {
  const accepted = (): boolean => happened(product, phone, 'accepted') !== undefined;
  await waitFor(accepted, { what: 'the acceptance', limit: 8000 })
    .then(() => phone.hangUp())
    .catch(() => {});
}

async function callUntilAccepted(product: Product, customer: Customer): Promise<void> {
  const { phone } = customer;
  for (;;) {
    await phone.hangUp().catch(() => {});
    if (happened(product, phone, 'accepted') !== undefined || customer.calls === MOST_CALLS) return;
    await call(customer);
    await waitFor(() => happened(product, phone, 'accepted'), { what: 'the acceptance', limit: 20_000 }).catch(
      () => {},
    );
  }
}

async function outcomeOf(product: Product, customer: Customer, kill: Kill): Promise<Outcome> {
  const { phone, extension, calls } = customer;
  const isDone = await waitFor(() => happened(product, phone, 'done') !== undefined, {
    what: 'the end of the hand-over',
    limit: DONE_WITHIN,
    every: 50,
  }).catch(() => false);
  const events = timeLine(product.database, phone.mac);
  const accepted = events.find(({ step }) => step === 'accepted');
  const done = events.find(({ step }) => step === 'done');
  return {
    mac: phone.mac,
    kill,
    hitAfter: events.findLast(({ at }) => at <= kill.at)?.step ?? 'nothing',
    wasAccepted: accepted !== undefined && accepted.at <= kill.at,
    calls,
    isDone,
    took: (done?.at ?? Number.NaN) - (accepted?.at ?? Number.NaN),
    told: events.filter(({ step }) => step === 'notified').length,
    gaveUp: events.some(({ step }) => step === 'failed'),
    isRegistered: (await registrationsOf(product, extension)).length > 0,
    story: [...events.map(inWords), ...phone.story].toSorted().join('\n  '),
  };
}

function firstOf(product: Product, customers: readonly Customer[], step: string): number | undefined {
  return customers.map(({ phone }) => happened(product, phone, step)?.at).find((at) => at !== undefined);
}

function happened(product: Product, phone: Phone, step: string): Happened | undefined {
  return timeLine(product.database, phone.mac).find((event) => event.step === step);
}

function inWords({ at, step, detail }: Happened): string {
  return `${new Date(at).toISOString().slice(11, 23)} ** ${step} ${JSON.stringify(detail)}`;
}
