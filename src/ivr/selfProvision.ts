import { isRefusal } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { mayBeSetUp, type AssignmentRefusal } from '../domain/policy.ts';
import type { User } from '../domain/user.ts';
import { assignDevice } from '../provisioning/handOver/assignDevice.ts';
import { logIn } from '../provisioning/handOver/hotDesk.ts';
import type { Ports } from '../provisioning/ports.ts';
import { confirm, sayAndHangUp, sayThenHandOver } from './ask.ts';
import { begin, type Begun } from './begin.ts';
import type { Call } from './call.ts';
import { converse } from './conversation.ts';
import { holderOf, provesToHold } from './holder.ts';
import { askToLogOff, isShared } from './hotDesk.ts';
import { identify, identifyDialled, type Identified } from './identify.ts';
import { speakTo } from './language.ts';
import type { Prompt } from './prompts.ts';

/** What a person hears who dials the self-provisioning extension. */
export async function selfProvision(ports: Ports, call: Call): Promise<void> {
  const begun = await begin(ports, call);
  if (begun === undefined) return;
  const why = mayBeSetUp(await ports.store.site(), begun.policy, begun.device);
  if (why !== undefined) return refuse(ports, call, begun, why);

  const shared = await isShared(ports, begun);
  if (shared && begun.from.userId !== null) return askToLogOff(ports, call, begun);

  const holder = await holderOf(ports, begun);
  if (holder !== undefined && begun.policy.takeOver === 'refuse') return refuse(ports, call, begun, 'already_assigned');
  if (holder !== undefined && !(await isGivenUp(ports, call, begun, holder))) return;
  if (call.dialled !== null) {
    const identified = await identifyDialled(ports, begun, call.dialled);
    if (identified === 'wrong') return sayAndHangUp(call, 'not-accepted');
    return give(ports, call, begun, identified, shared);
  }
  await converse(call, shared ? 'hot-desk-welcome' : 'welcome', async (greeting) => {
    const identified = await identify(ports, call, begun, [greeting]);
    if (typeof identified === 'string') return identified;
    speakTo(ports, call, begun, identified.user);
    const answer = await confirm(call, ['extension-is', { digits: identified.user.extension }, 'confirm']);
    if (answer !== 'yes') return answer;
    await give(ports, call, begun, identified, shared);
    return 'over';
  });
}

/** The one who has the phone lets it go: with the secret, or an administrator does. */
async function isGivenUp(ports: Ports, call: Call, begun: Begun, holder: User): Promise<boolean> {
  let isRight = false;
  await call.say('already-assigned', { digits: holder.extension });
  await converse(call, 'take-over', async (greeting) => {
    const proof = await provesToHold(ports, call, begun, holder, greeting, 'take-over');
    if (proof !== 'right') return proof;
    isRight = true;
    return 'over';
  });
  return isRight;
}

async function give(
  ports: Ports,
  call: Call,
  begun: Begun,
  { user, code, actor }: Identified,
  shared: boolean,
): Promise<void> {
  const { device, from } = begun;
  const assignment = {
    ...{ mac: device.mac, slot: from.slot, userId: user.id, actor, takesOver: from.userId !== null },
    call: { lineId: from.id, caller: call },
    ...(code === null ? {} : { codeId: code.id }),
  };
  try {
    await (shared ? logIn(ports, assignment) : assignDevice(ports, assignment));
  } catch (error) {
    if (isRefusal(error, 'unavailable')) return sayAndHangUp(call, 'not-available');
    if (!isRefusal(error, 'conflict')) throw error;
    return sayRefusal(ports, call, begun, error.reason as AssignmentRefusal);
  }
  speakTo(ports, call, begun, user);
  await sayThenHandOver(ports, call, from, shared ? 'logged-in' : 'phone-will-restart');
}

const REFUSALS: Readonly<Record<AssignmentRefusal, Prompt>> = {
  switched_off: 'switched-off',
  blocked: 'phone-blocked',
  already_assigned: 'already-assigned',
  line_gone: 'not-available',
  contested: 'not-available',
  other_tenant: 'other-tenant',
  phone_limit: 'phone-limit',
  kind_not_allowed: 'kind-not-allowed',
  not_allowed: 'not-allowed',
  shadowed: 'not-ready',
  code_used: 'code-not-accepted',
};

/** A refusal that needs no secret to be told; it is an event too. */
async function refuse(ports: Ports, call: Call, begun: Begun, reason: AssignmentRefusal): Promise<void> {
  const { device, from } = begun;
  const about = { tenantId: device.tenantId, mac: device.mac, userId: from.userId, actor: 'phone' };
  await ports.store.addEvent({ step: 'refused', ...about, detail: { reason } });
  await sayRefusal(ports, call, begun, reason);
}

async function sayRefusal(
  { store }: Ports,
  call: Call,
  { device, tenant }: Begun,
  reason: AssignmentRefusal,
): Promise<void> {
  if (reason !== 'already_assigned') return sayAndHangUp(call, REFUSALS[reason]);
  const holder = (await store.lines(device.mac)).find(({ userId }) => userId !== null);
  const { extension } = orNotFound(holder?.userId == null ? undefined : await store.user(holder.userId), 'user');
  const giveBack = { digits: tenant.releaseExtension };
  await sayAndHangUp(call, REFUSALS[reason], { digits: extension }, 'to-give-back', giveBack);
}
