import type { Ami } from './ami.ts';

/** What selfprov asks of Asterisk's manager, as Asterisk names it. */
export const NEEDED_ACTIONS = ['DBGetTree', 'PJSIPNotify', 'PJSIPShowAuths', 'ShowDialPlan'];
/** One of each class that it does not need: with these a manager makes calls, changes files, or types at the console. */
export const OTHER_ACTIONS = ['Originate', 'Command', 'UpdateConfig', 'Redirect', 'AGI', 'QueueAdd', 'UserEvent'];

/** Which of these the user that we are may ask for. Asterisk lists what it would not refuse, and no user sees its own classes. */
export async function allowedOf(ami: Pick<Ami, 'action'>, actions: readonly string[]): Promise<readonly string[]> {
  const allowed = new Set(Object.keys(await ami.action({ Action: 'ListCommands' })).map((name) => name.toLowerCase()));
  return actions.filter((name) => allowed.has(name.toLowerCase()));
}
