import { readCsv, type Mistake } from '../../csv/readCsv.ts';
import { writeCsv } from '../../csv/writeCsv.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import { readOnce } from '../../domain/readOnce.ts';
import type { Secret } from '../../domain/secret.ts';
import type { User } from '../../domain/user.ts';
import type { Letter } from '../../letters/letter.ts';
import type { Core } from '../core.ts';
import { letterFor, noteLetter, printProblem, type LetterForm } from '../letters.ts';
import { replacePin } from '../pins.ts';
import type { NumberCheck } from '../users.ts';
import { writeChange, writeUser, type ChangedUser } from '../userChanges.ts';
import { applyPlan } from './applyPlan.ts';
import type { Plan, ReadKind } from './kind.ts';
import { newPins, type NewPin, type Progress } from './newPins.ts';
import { planTable, refuseMistakes } from './planTable.ts';
import { usersKind, type NewUser, type UserDraft, type UserLine, type UserPlan } from './users.ts';

/** Letters of an import: all in one file, or each in one of its own; then one whose name a PDF cannot show is HTML. */
export interface LettersWanted {
  readonly form: LetterForm;
  readonly inOne: boolean;
}

/** A PIN that an import has given, and the letter with it, where one is wanted. */
export interface GivenPin extends Pick<NewPin, 'pin' | 'generated'> {
  readonly extension: string;
  readonly name: string;
  readonly letter: { readonly text: Letter; readonly form: LetterForm } | null;
}

/** Keeps the PINs, and makes them valid with `commit`; nothing may be left of them when that rejects. */
export type KeepPins = (pins: readonly GivenPin[], commit: () => Promise<void>) => Promise<void>;

/** Users of our own, or users that are adopted. */
export type ReadUsers = ReadKind<UserDraft, UserPlan, UserLine>;

/** What an import of this file would do, and every mistake in it; changes nothing. */
export async function previewUsers(
  { store }: Pick<Core, 'store'>,
  tenantId: string,
  file: Uint8Array,
  letters: LettersWanted | null,
  readKind: ReadUsers = usersKind,
): Promise<Plan<UserPlan>> {
  const plan = planTable(await readKind(store, tenantId), readCsv(file));
  if (letters === null || !letters.inOne || letters.form.format !== 'pdf') return plan;
  const organisation = orNotFound(await store.tenant(tenantId), 'tenant').name;
  const mistakes: Mistake[] = [...plan.mistakes];
  for (const { line, change } of plan.lines) {
    if (change.pin === null) continue;
    const message = await printProblem({ name: change.user.after.name, organisation });
    if (message !== undefined) mistakes.push({ line, column: 'name', message });
  }
  return { ...plan, mistakes: mistakes.toSorted((one, other) => one.line - other.line) };
}

/** The plan with what Asterisk has to say of new users' numbers. */
export function checkedBy(
  checks: ReadonlyMap<string, NumberCheck>,
  { lines, mistakes }: Plan<UserPlan>,
): Plan<UserPlan> {
  const refused = lines.flatMap(({ line, key }) => {
    const { refusal } = checks.get(key) ?? {};
    return refusal === undefined ? [] : [{ line, column: 'extension', message: refusal }];
  });
  return {
    lines: lines.map(({ change, ...line }) => {
      const { warning } = checks.get(line.key) ?? {};
      return { ...line, change: warning === undefined ? change : { ...change, fields: { ...change.fields, warning } } };
    }),
    mistakes: [...mistakes, ...refused].toSorted((one, other) => one.line - other.line),
  };
}

/** How many PINs a plan makes up: they can be read this once only. */
export function generatedPins({ lines }: Plan<UserPlan>): number {
  return lines.filter(({ change }) => change.pin === 'generated').length;
}

/** The PINs that were made up, as a table. */
export function madeUpPins(given: readonly GivenPin[]): string {
  const madeUp = given.filter(({ generated }) => generated);
  return writeCsv(
    ['extension', 'name', 'pin'],
    madeUp.map(({ extension, name, pin }) => [extension, name, pin.reveal()]),
  );
}

/**
 * Imports all lines of a file or none. The PINs are hashed before the database is asked to wait. `keep` is where they go;
 * without it, rejects with `invalid` when one had to be made up. Rejects with `conflict` when the plan is out of date.
 */
export async function importUsers(
  core: Core,
  tenantId: string,
  file: Uint8Array,
  plan: Plan<UserPlan>,
  options: {
    readonly letters: LettersWanted | null;
    readonly keep: KeepPins | null;
    readonly progress: Progress;
    readonly readKind?: ReadUsers;
    /** Of `newPins`, where they have been made already. */
    readonly pins?: ReadonlyMap<string, NewPin>;
  },
): Promise<void> {
  const { letters, keep, progress, readKind = usersKind } = options;
  refuseMistakes(plan);
  if (keep === null && generatedPins(plan) > 0) {
    const why = `new PINs would be lost (${generatedPins(plan)}), as each can be read this once only`;
    throw new SelfprovError('invalid', `${why}: say where they go with --pins or --letters`);
  }
  const pins = options.pins ?? (await newPins(core, plan, progress));
  const given = await givenPins(core.store, plan, pins, letters);
  const byExtension = new Map(given.map((one) => [one.extension, one]));
  const commit = (): Promise<void> =>
    applyPlan(readKind, { ...core, tenantId }, readCsv(file), plan, (inside, change) => {
      const { extension } = change.user.after;
      return writeLine(core, inside, change, pins.get(extension), byExtension.get(extension));
    });
  await (keep === null ? commit() : keep(given, commit));
}

async function writeLine(
  { now, actor }: Core,
  inside: Store,
  change: UserPlan,
  pin: NewPin | undefined,
  given: GivenPin | undefined,
): Promise<void> {
  const user = change.what === 'new' ? await add(change.user.after) : await alter(change.user);
  const letter = given?.letter ?? null;
  if (letter !== null) await noteLetter(inside, user, letter.text, letter.form, actor);

  function add(user: NewUser): Promise<User> {
    return writeUser(inside, { ...user, pinHash: orNotFound(pin, 'PIN').pinHash, createdAt: now() }, actor);
  }

  async function alter(changed: ChangedUser): Promise<User> {
    await writeChange(inside, changed, actor);
    if (pin !== undefined) await replacePin(inside, changed.after, pin.pinHash, actor);
    return changed.after;
  }
}

async function givenPins(
  store: Store,
  plan: Plan<UserPlan>,
  pins: ReadonlyMap<string, NewPin>,
  letters: LettersWanted | null,
): Promise<readonly GivenPin[]> {
  const { tenant, profile, deviceTemplate } = store;
  const source = { tenant: readOnce(tenant), profile: readOnce(profile), deviceTemplate: readOnce(deviceTemplate) };
  const all: GivenPin[] = [];
  for (const { key, change } of plan.lines) {
    const made = pins.get(key);
    if (made === undefined) continue;
    const user = change.user.after;
    const { pin, generated } = made;
    const letter = letters === null ? null : await letterOf(user, pin, letters);
    all.push({ extension: key, name: user.name, pin, generated, letter });
  }
  return all;

  async function letterOf(user: NewUser, pin: Secret, { form, inOne }: LettersWanted): Promise<GivenPin['letter']> {
    const { letter: text } = await letterFor(source, user, { kind: 'pin', text: pin });
    const asPdf = form.format === 'pdf' && (inOne || (await printProblem(text)) === undefined);
    return { text, form: asPdf ? form : { format: 'html' } };
  }
}
