import { accountState, accountWords } from './accountHealth.ts';
import type { Config } from './config.ts';
import { ASK_OF_ALL_MS, askAsterisk, openCore, type AsteriskAsked } from './core.ts';
import type { Store } from './domain/ports.ts';
import type { User } from './domain/user.ts';

/** Without which selfprov cannot do its work beside an Asterisk. */
export const MODULES = [
  'res_sorcery_realtime',
  'res_ari',
  'res_ari_asterisk',
  'res_stasis_playback',
  'app_stasis',
  'res_pjsip_notify',
  'func_channel',
  'func_cdr',
  'func_strings',
  'func_groupcount',
  'app_stack',
];
export const DRIVERS = { file: 'res_config_sqlite3', url: 'res_config_odbc' };

/** What an Asterisk that runs does not have of what selfprov needs, for a reader; empty where it cannot be asked. */
export async function unseenBy(config: Config): Promise<readonly string[]> {
  const core = await openCore(config);
  try {
    const adopted = await adoptedUsers(core.store);
    const driver = 'url' in config.asteriskDatabase ? DRIVERS.url : DRIVERS.file;
    const question = async (asterisk: AsteriskAsked): Promise<readonly string[]> => [
      ...(await missingModules(asterisk, [...MODULES, driver])),
      ...accountWords(await accountState(core.store, asterisk.credential)),
      ...(await goneOf(asterisk, adopted)),
      ...(await renamedOf(asterisk, adopted)),
    ];
    return (await askAsterisk(config, question, { within: ASK_OF_ALL_MS })) ?? [];
  } finally {
    await core.close();
  }
}

export async function missingModules(
  { modules }: AsteriskAsked,
  needed: readonly string[],
): Promise<readonly string[]> {
  const running = new Set(await modules());
  const missing = needed.filter((name) => !running.has(`${name}.so`));
  return missing.length === 0 ? [] : [`Asterisk does not run ${missing.join(', ')}: see modules.conf, and restart it.`];
}

export async function goneOf({ authsOf }: AsteriskAsked, adopted: readonly Adopted[]): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const { extension, endpoint } of adopted)
    if ((await authsOf(endpoint)) === undefined)
      gone.push(`The endpoint of ${extension} is gone from your files: selfprov user remove ${extension}`);
  return gone;
}

/** A credential of theirs that is named and not there has Asterisk refuse everybody at that endpoint. */
export async function renamedOf({ auths }: AsteriskAsked, adopted: readonly Adopted[]): Promise<readonly string[]> {
  if (adopted.length === 0) return [];
  const all = new Set(await auths());
  return adopted.flatMap(({ extension, adoption }) => {
    const gone = adoption?.kind === 'slots' ? adoption.auths.filter((auth) => !all.has(auth)) : [];
    return gone.length === 0
      ? []
      : [
          `The credential ${gone.join(', ')} of ${extension} is gone from your files, and no phone of ${extension} is let in: selfprov user remove ${extension}, then adopt it again`,
        ];
  });
}

type Adopted = Pick<User, 'extension' | 'endpoint' | 'adoption'>;

export async function adoptedUsers(store: Store): Promise<readonly Adopted[]> {
  const all: Adopted[] = [];
  for (const { id } of await store.tenants())
    all.push(...(await store.users(id)).filter(({ adoption }) => adoption !== null));
  return all;
}
