import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADOPTED } from './asterisk/configFiles/asteriskFiles.ts';
import { adoptedIn, writeAdopted } from './asteriskSettings.ts';
import type { Config } from './config.ts';
import { ASK_OF_ALL_MS, askAsterisk, type AsteriskAsked } from './core.ts';
import { isSlotOf, slotNames, type EndpointFacts } from './domain/adoption.ts';
import { dialsOf, ringsOne } from './domain/dialplan.ts';
import { SelfprovError } from './domain/errors.ts';
import { usersContextOf } from './domain/levels.ts';
import { orNotFound } from './domain/orNotFound.ts';
import type { Store } from './domain/ports.ts';

/** Names of the slots that adopted.conf has now. */
function writtenSlots({ asteriskFiles }: Config): ReadonlySet<string> {
  const file = asteriskFiles === undefined ? undefined : join(asteriskFiles, ADOPTED);
  if (file === undefined || !existsSync(file)) return new Set();
  return new Set(
    [...readFileSync(file, 'utf8').matchAll(/^\[([^\]]+)\]\ntype = auth$/gm)].map(([, name = '']) => name),
  );
}

/** Every endpoint that Asterisk has, by name. Rejects with `unavailable` when it cannot be asked. */
export async function endpointsAt(config: Config): Promise<ReadonlyMap<string, EndpointFacts>> {
  const ours = writtenSlots(config);
  const found = await askAsterisk(config, (asterisk) => allEndpoints(asterisk, ours), { within: ASK_OF_ALL_MS });
  if (found !== undefined) return found;
  throw new SelfprovError(
    'unavailable',
    'Asterisk does not answer over ARI: see that it runs, and that this command has the environment of "selfprov serve"',
  );
}

/** Writes adopted.conf anew and has each Asterisk read it; resolves with what is left to do, for a reader: about these extensions too. */
export async function bringAdopted(
  config: Config,
  store: Store,
  about: { readonly tenantId: string; readonly extensions: readonly string[] },
): Promise<readonly string[]> {
  const files = await writeAdopted(config, store);
  if (files.length === 0)
    return [
      'Nobody has said where Asterisk has its files from: run "selfprov asterisk-files <directory>" again, and reload PJSIP.',
    ];
  const left: string[] = [];
  for (const [at, place] of config.asterisks.entries()) {
    const { name } = place;
    const which = name === null ? 'Asterisk' : `Asterisk ${name}`;
    const missing = await askAsterisk(config, (asterisk) => reloaded(asterisk, store), {
      place,
      within: ASK_OF_ALL_MS,
    });
    if (missing === undefined) left.push(`${which} does not answer: reload PJSIP there (module reload res_pjsip.so).`);
    else if (missing.length > 0)
      left.push(
        `${which} does not read ${files[at] ?? ''} for ${missing.join(', ')}: where they stand behind the line that includes it, "selfprov asterisk-files --apply" moves that line; an endpoint of pjsip_wizard.conf, or of a database, cannot be adopted (selfprov user remove).`,
      );
  }
  return [
    ...left,
    ...((await askAsterisk(config, (asterisk) => ringingOne(asterisk, store, about), { within: ASK_OF_ALL_MS })) ?? []),
  ];
}

/** How the dialplan rings one phone only of users who have several now: each way once. */
async function ringingOne(
  { steps }: AsteriskAsked,
  store: Store,
  { tenantId, extensions }: { readonly tenantId: string; readonly extensions: readonly string[] },
): Promise<readonly string[]> {
  const context = usersContextOf(orNotFound(await store.tenant(tenantId), 'tenant'));
  const users = new Map((await store.users(tenantId)).map((user) => [user.extension, user]));
  const found = new Map<string, string>();
  for (const extension of extensions) {
    const { endpoint = extension } = users.get(extension) ?? {};
    for (const step of await dialsOf(steps, context, extension))
      if (ringsOne(step, extension, endpoint))
        found.set(`${step.context} ${step.data}`, `Dial(${step.data}) in [${step.context}]`);
  }
  return [...found.values()].map(
    (dial) =>
      `${dial} rings one phone of a user only: write \${PJSIP_DIAL_CONTACTS(…)} for what stands behind PJSIP/ there. A queue rings all where its member is Local/<extension>@${context}/n.`,
  );
}

async function allEndpoints(
  asterisk: AsteriskAsked,
  ours: ReadonlySet<string>,
): Promise<ReadonlyMap<string, EndpointFacts>> {
  const all = new Map<string, EndpointFacts>();
  const foreign = (await asterisk.auths()).filter((auth) => !ours.has(auth));
  for (const name of await asterisk.endpoints()) {
    const facts = await asterisk.endpoint(name);
    if (facts === undefined) continue;
    all.set(name, { ...facts, foreignSlots: foreign.filter((auth) => isSlotOf(name, auth)) });
  }
  return all;
}

/** Resolves with the adopted endpoints that do not name their slots all the same. */
async function reloaded(asterisk: AsteriskAsked, store: Store): Promise<readonly string[]> {
  await asterisk.reload('res_pjsip.so');
  const missing: string[] = [];
  for (const { name, slots } of await adoptedIn(store)) {
    const auths = (await asterisk.authsOf(name)) ?? [];
    if (!slotNames(name, slots).every((slot) => auths.includes(slot))) missing.push(name);
  }
  return missing;
}
