/** One step of the dialplan. */
export interface DialplanStep {
  readonly context: string;
  /** A number, or a pattern: then it begins with an underscore. */
  readonly extension: string;
  readonly application: string;
  readonly data: string;
}

/** Whether it stands in a context of selfprov's own. */
export function isSelfprovs({ context }: DialplanStep): boolean {
  return context.startsWith('selfprov-');
}

/** What a number means in the dialplan by itself, and not by a pattern that others fit too; selfprov's own contexts apart. */
export function meaningIn(steps: readonly DialplanStep[], number: string): DialplanStep | undefined {
  return steps.find((step) => step.extension === number && !isSelfprovs(step));
}

/** What goes on to somewhere else. */
const LEADS_ON = /^(?:dial|gosub|macro|goto)$/i;

/**
 * `meaningIn` for a number that is to be a user's: what already leads to the endpoint of that user means nothing else. A hint has
 * the device in place of an application.
 */
export function otherMeaningIn(
  steps: readonly DialplanStep[],
  number: string,
  endpoint: string,
): DialplanStep | undefined {
  const its = steps.filter((step) => step.extension === number && !isSelfprovs(step));
  const leads = ({ application, data }: DialplanStep): boolean =>
    LEADS_ON.test(application) && (data.includes('${EXTEN}') || data.split(/[^\w.@+-]/).includes(endpoint));
  if (its.some(leads)) return undefined;
  return its.find(({ application }) => application !== `PJSIP/${endpoint}`);
}

/** Whether whoever dials a number comes to anything but selfprov. */
export function isRouted(steps: readonly DialplanStep[]): boolean {
  return steps.some((step) => !isSelfprovs(step));
}

/** Whether it places a call, or goes on to where nobody can tell from here. */
export function mayCall({ application }: DialplanStep): boolean {
  return /^(?:dial|trydial|queue|stasis|agi|eagi|fastagi|page|originate|gosub(?:if)?|macro(?:if)?|gotoif|exec(?:if)?|while)$/i.test(
    application,
  );
}

/** Every step that dials, for a number: those of its own, and those that it is sent to where the place is written there. */
export async function dialsOf(stepsOf: StepsOf, context: string, number: string): Promise<readonly DialplanStep[]> {
  const dials: DialplanStep[] = [];
  const seen = new Set<string>();
  const places: Place[] = [{ context, number }];
  for (const at of places) {
    const key = `${at.context} ${at.number}`;
    if (seen.has(key) || seen.size === FURTHEST) continue;
    seen.add(key);
    for (const step of await stepsOf(at.context, at.number)) {
      if (/^dial$/i.test(step.application)) dials.push(step);
      const next = /^(?:goto|gosub)$/i.test(step.application) ? placeOf(step.data, at) : undefined;
      if (next !== undefined) places.push(next);
    }
  }
  return dials;
}

/** Whether it dials an endpoint by its name, which rings one of its phones, instead of the places of all. */
export function ringsOne({ data }: DialplanStep, number: string, endpoint: string): boolean {
  const dialled = data.replaceAll('${EXTEN}', number).split(/[&,]/);
  return dialled.some((each) => each === `PJSIP/${endpoint}`);
}

type StepsOf = (context: string, number: string) => Promise<readonly DialplanStep[]>;

interface Place {
  readonly context: string;
  readonly number: string;
}

const FURTHEST = 10;

/**
 * Where a number comes to in the end: followed through each `Goto` whose place is written there. `undefined` when it comes to
 * nothing; the step that places a call or goes on to what nobody can follow, or else the last one that was found.
 */
export async function endOf(stepsOf: StepsOf, context: string, number: string): Promise<DialplanStep | undefined> {
  let at = { context, number };
  let last: DialplanStep | undefined;
  for (let count = 0; count < FURTHEST; count++) {
    const steps = await stepsOf(at.context, at.number);
    const calls = steps.find(mayCall);
    if (calls !== undefined) return calls;
    if (steps.length === 0) return undefined;
    last = steps.at(-1);
    const next = steps.flatMap(({ application, data }) =>
      /^goto$/i.test(application) ? (placeOf(data, at) ?? []) : [],
    )[0];
    if (next === undefined) return last;
    at = next;
  }
  return last;
}

/** `context,extension,priority`; fewer words stay in the context. Arguments of a subroutine stand in brackets behind. */
function placeOf(data: string, at: Place): Place | undefined {
  const words = data.replace(/\(.*$/, '').replaceAll('${EXTEN}', at.number).split(',');
  const [context, number] = words.length >= 3 ? [words[0], words[1]] : words.length === 2 ? [at.context, words[0]] : [];
  if (context === undefined || number === undefined || /\$/.test(context + number)) return undefined;
  return { context, number };
}
