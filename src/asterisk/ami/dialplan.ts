import { isRefusal } from '../../domain/errors.ts';
import type { DialplanStep } from '../../domain/dialplan.ts';
import type { Ami } from './ami.ts';

/** Milliseconds: a PBX may have tens of thousands of steps. */
const ALL_WITHIN_MS = 30_000;

/**
 * What a number comes to in a context of the dialplan that runs, whatever of it is included, in the order in which Asterisk lists
 * it; empty when nothing is there. Needs the AMI class `reporting`: without it rejects with `invalid`, reason `ami_refused`.
 */
export async function dialplanSteps(
  ami: Pick<Ami, 'list'>,
  context: string,
  number: string,
): Promise<readonly DialplanStep[]> {
  const found = await listed(ami, context, number);
  return found.flatMap((entry) => {
    const [extension, application] = [entry['extension'], entry['application']];
    if (typeof extension !== 'string' || typeof application !== 'string') return [];
    return [{ context: String(entry['context']), extension, application, data: String(entry['appdata'] ?? '') }];
  });
}

/** Whether the dialplan that runs has this context; true where we may not look. */
export async function hasContext(ami: Pick<Ami, 'list'>, context: string): Promise<boolean> {
  try {
    await ami.list({ Action: 'ShowDialPlan', Context: context, Extension: 's' });
    return true;
  } catch (error) {
    if (!isRefusal(error, 'invalid')) throw error;
    return !/did not find context/i.test(error.message);
  }
}

/** Which context of the dialplan that runs includes which. Rejects as `dialplanSteps` does. */
export async function dialplanIncludes(
  ami: Pick<Ami, 'list'>,
): Promise<readonly { readonly context: string; readonly included: string }[]> {
  const found = await ami.list({ Action: 'ShowDialPlan' }, { limit: ALL_WITHIN_MS });
  return found.flatMap(({ context, includecontext: included }) =>
    typeof included === 'string' ? [{ context: String(context), included }] : [],
  );
}

async function listed(ami: Pick<Ami, 'list'>, context: string, number: string): ReturnType<Ami['list']> {
  try {
    return await ami.list({ Action: 'ShowDialPlan', Context: context, Extension: number });
  } catch (error) {
    // What it says of a context, and of an extension, that is not there.
    if (isRefusal(error, 'invalid') && /did not find/i.test(error.message)) return [];
    throw error;
  }
}
