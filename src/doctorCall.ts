import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Core } from './administration/core.ts';
import { addUser, checkNumbersAt, removeUser } from './administration/users.ts';
import { unseen, well, wrong, type Finding } from './doctor/finding.ts';
import type { Config } from './config.ts';
import { askAsterisk } from './core.ts';
import { isRefusal, SelfprovError } from './domain/errors.ts';
import type { Mac } from './domain/mac.ts';
import { DEFAULT_TENANT, policyOf } from './domain/tenant.ts';
import type { User } from './domain/user.ts';
import { removeDevice } from './provisioning/handOver/removeDevice.ts';
import { holderOf, holdFolder, type HeldFolder } from './store/sqlite/holdFolder.ts';
import { families, type FamilyName } from './virtualPhone/families/families.ts';
import { addressesTowards } from './virtualPhone/targets.ts';
import { bootPhone } from './virtualPhone/phone.ts';
import type { Phone } from './virtualPhone/phoneTypes.ts';

/**
 * By the name of the user who is made up, which has the MAC of the phone in it, what a check has left that was killed is known again.
 * The MAC is one that no maker has (IEEE 802, local), but an app may: it alone says nothing.
 */
const nameFor = (mac: Mac): string => `selfprov doctor, for a moment, with ${mac}`;
const NAME = /^selfprov doctor, for a moment, with (?<mac>02d0c7[0-9a-f]{6})$/;
/** Two at once would take each other's away. */
const LOCK = 'selfprov.doctor-call';
/** Milliseconds. */
const REGISTERED_WITHIN = 30_000;
const SAID_WITHIN = 60_000;
const BACK_WITHIN = 60_000;

/**
 * Boots a phone that is played, for a user who is made up, and has it set up by a call as a person would: on the system that runs,
 * with its own files, Asterisk and prompts. Whatever happens, phone and user are taken away again; nobody else's are touched.
 */
export async function callFindings(config: Config, core: Core, stop: AbortSignal): Promise<readonly Finding[]> {
  let held: HeldFolder;
  try {
    held = holdFolder(config.directory, LOCK);
  } catch (error) {
    if (!isRefusal(error, 'conflict')) throw error;
    const other = holderOf(config.directory, LOCK) ?? 'which has just ended';
    return [unseen(`another "doctor --call" is under way (process ${other}): do it again when that one has ended`)];
  }
  try {
    return await callAlone(config, core, stop);
  } finally {
    await held.close();
  }
}

async function callAlone(config: Config, core: Core, stop: AbortSignal): Promise<readonly Finding[]> {
  await cleanUp(core);
  const began = performance.now();
  const mac = await freeMac(core);
  let at = 'a user for the test could not be made';
  let phone: Phone | undefined;
  try {
    const { user, pin } = await addStranger(config, core, mac);
    at = 'the phone that is played here did not register on its default line';
    phone = await orStopped(stop, bootPhone(await optionsOf(config, mac)));
    await orStopped(stop, phone.registered({ limit: REGISTERED_WITHIN }));
    const tenant = await core.store.tenant(DEFAULT_TENANT);
    if (tenant === undefined) return [unseen('there is no first tenant')];
    at = `its call to ${tenant.extension} was not taken`;
    const call = await orStopped(stop, phone.dial(tenant.extension));
    await orStopped(stop, call.established());
    at = 'the prompts were not heard';
    await orStopped(stop, call.hearsSound());
    at = 'it was not set up by extension and PIN';
    const keys = policyOf(tenant).authentication === 'none' ? `${user.extension}#1` : `${user.extension}#${pin}#1`;
    await phone.press(keys);
    await orStopped(stop, call.ended(SAID_WITHIN));
    if ((await core.store.handOversOf(mac)).length === 0)
      throw new Error(`nothing was accepted; dial ${tenant.extension} from a phone that is nobody's to hear why`);
    at = 'it did not come back as its user’s';
    await orStopped(stop, phone.registered({ as: user.endpoint, limit: BACK_WITHIN }));
    at = 'it is back, and selfprov has not heard of it';
    await orStopped(stop, isDone(core, mac));
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    return [well(`a phone that was played booted, called ${tenant.extension}, and was its user's after ${seconds} s`)];
  } catch (error) {
    if (stop.aborted) return [unseen('ended before the call was over')];
    const said = (await lastOf(core, mac)) ?? (error instanceof Error ? firstLine(error.message) : String(error));
    return [wrong(`${at}: ${said}`, isRefusal(error, 'not_found') ? null : `the log of selfprov has the rest`)];
  } finally {
    await phone?.close('unregister');
    await cleanUp(core);
  }
}

async function freeMac({ store }: Core): Promise<Mac> {
  for (;;) {
    const mac = `02d0c7${randomInt(2 ** 24)
      .toString(16)
      .padStart(6, '0')}`;
    if ((await store.device(mac)) === undefined) return mac;
  }
}

/** With a number that nobody has, in whatever way callers say who they are. */
async function addStranger(
  config: Config,
  core: Core,
  mac: Mac,
): Promise<{ readonly user: User; readonly pin: string }> {
  for (let tries = 0; tries < 5; tries++) {
    const extension = String(randomInt(90_000_000, 100_000_000));
    const checked = await askAsterisk(config, (asterisk) =>
      checkNumbersAt(asterisk, core, DEFAULT_TENANT, [extension]),
    );
    if (checked?.get(extension)?.refusal !== undefined) continue;
    const same = { loginId: extension, provisioningId: extension };
    const { user, pin } = await addUser(core, { tenantId: DEFAULT_TENANT, extension, name: nameFor(mac), ...same });
    return { user, pin: pin.reveal() };
  }
  throw new SelfprovError('conflict', 'no number was free');
}

async function isDone({ store }: Core, mac: Mac): Promise<void> {
  for (const giveUpAt = Date.now() + BACK_WITHIN; Date.now() < giveUpAt; await pause(100))
    if ((await store.handOversOf(mac)).some(({ state }) => state === 'done')) return;
  throw new Error(`not within ${BACK_WITHIN / 1000} s`);
}

const [FAMILY] = Object.keys(families) as [FamilyName];

async function optionsOf({ phones, sip }: Config, mac: Mac): Promise<Parameters<typeof bootPhone>[0]> {
  const address = (await addressesTowards(sip.host))();
  // Over TCP and TLS a user agent on loopback comes from nowhere else.
  const isOnLoopback = address.startsWith('127.') && sip.transport !== 'udp';
  // With the sound, as phones send them: that way is asked too.
  const keysBy = 'rfc4733' as const;
  return { family: FAMILY, mac, provisioningUrl: phones.url, address: isOnLoopback ? '127.0.0.1' : address, keysBy };
}

/** Rejects as soon as it is to stop, whatever is being waited for. */
async function orStopped<T>(stop: AbortSignal, work: Promise<T>): Promise<T> {
  stop.throwIfAborted();
  let listener = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    listener = () => reject(new Error('stopped'));
    stop.addEventListener('abort', listener, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    stop.removeEventListener('abort', listener);
  }
}

/** What the time-line says last, where that is a refusal. */
async function lastOf({ store }: Core, mac: Mac): Promise<string | undefined> {
  const [last] = await store.events({ mac, step: 'refused', limit: 1 });
  return last === undefined ? undefined : `it was refused: ${String(last.detail['reason'])}`;
}

/** Also what an earlier one has left. The user goes last: without that one nobody would know whose the phone was. */
export async function cleanUp(core: Core): Promise<void> {
  for (const user of await core.store.users(DEFAULT_TENANT)) {
    const mac = NAME.exec(user.name)?.groups?.['mac'];
    if (mac === undefined) continue;
    if ((await core.store.device(mac)) !== undefined) await removeDevice(core, { mac, actor: core.actor });
    await removeUser(core, user);
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
