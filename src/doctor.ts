import type { Check, Finding, Report } from './doctor/finding.ts';
import { examine, notWithout } from './doctor/finding.ts';
import { isThere } from './doctor/files.ts';
import { dhcpFindings } from './doctor/dhcpFiles.ts';
import { describeFailure } from './cli/failure.ts';
import type { Config } from './config.ts';
import { openCore } from './core.ts';
import { asteriskChecks, type Known } from './doctorAtAsterisk.ts';
import {
  certificateFindings,
  clockFindings,
  databaseFindings,
  filesFindings,
  promptFindings,
  settingsFindings,
  siteKeyFindings,
  templateFindings,
  tenantFindings,
  unreadableFindings,
} from './doctorHere.ts';
import {
  askHealth,
  phonesFindings,
  serviceFindings,
  signInFindings,
  sipFindings,
  soundFindings,
  tftpFindings,
} from './doctorService.ts';
import { lookAtDatabase, type DatabaseLook } from './store/look.ts';

export interface DoctorOptions {
  /** Files of a DHCP server to look into, besides the usual ones. */
  readonly dhcp: readonly string[];
  /** A phone is played and set up by a call, unless this fires; `undefined`: none is. */
  readonly call: AbortSignal | undefined;
}

/**
 * Looks at everything that selfprov rests on, in the order in which one thing rests on the other, and changes nothing that
 * lasts. `read` gives the settings, or throws as `readConfig` does.
 */
export async function doctor(read: () => Config, options: DoctorOptions): Promise<Report> {
  let config: Config;
  try {
    config = read();
  } catch (error) {
    return examine([{ name: 'settings', look: () => Promise.reject(error) }], describeFailure);
  }
  const { health, isSilent } = await askHealth(config);
  const known: Known = {
    config,
    core: undefined,
    health,
    isSilent,
    isBegun: health !== undefined || (await isBegun(config)),
  };
  try {
    return await examine(checksOf(known, options), describeFailure);
  } finally {
    await known.core?.close();
  }
}

/** Whether there is anything of a first start; what cannot be looked at is there. */
async function isBegun({ database, siteKey }: Config): Promise<boolean> {
  if (isThere(siteKey)) return true;
  if ('file' in database) return ['', '-wal'].some((end) => isThere(`${database.file}${end}`));
  return lookAtDatabase(database).then(
    (look) => look !== undefined,
    () => true,
  );
}

function checksOf(known: Known, { dhcp, call }: DoctorOptions): readonly Check[] {
  const { config } = known;
  const check = (name: string, look: () => Promise<readonly Finding[]> | readonly Finding[]): Check => ({
    name,
    look: async () => look(),
  });
  let database: DatabaseLook | undefined;
  return [
    check('settings', () => settingsFindings(config)),
    check('folder', () => filesFindings(known)),
    check('database', async () => {
      try {
        database = await lookAtDatabase(config.database);
      } catch (error) {
        return unreadableFindings(config, error);
      }
      return databaseFindings(known, database);
    }),
    check('site key', () => siteKeyFindings(config, database)),
    check('tenants', async () => {
      if (database === undefined || database.isForeign || database.pending.length + database.newer.length > 0)
        return [notWithout('database')];
      known.core = await openCore(config, { isToBeMade: false });
      return tenantFindings(config, known.core);
    }),
    check('templates', () => templateFindings(config)),
    check('prompts', async () => promptFindings(config, known.core)),
    check('certificate', () => certificateFindings(config)),
    check('service', async () => serviceFindings(known)),
    check('sign-in', async () => signInFindings(known)),
    check('phones', async () => phonesFindings(known)),
    check('tftp', async () => tftpFindings(known)),
    check('dhcp', () => dhcpFindings(config.phones.url, dhcp)),
    ...asteriskChecks(known),
    check('sip', async () => sipFindings(known)),
    check('sound', async () => soundFindings(config)),
    check('clock', async () => clockFindings(known)),
    ...(call === undefined ? [] : [check('call', async () => callOf(known, call))]),
  ];
}

/** What plays a phone is loaded where it is wanted. */
async function callOf({ config, core, health }: Known, stop: AbortSignal): Promise<readonly Finding[]> {
  if (core === undefined) return [notWithout('database')];
  if (health === undefined) return [notWithout('service')];
  const { callFindings } = await import('./doctorCall.ts');
  return callFindings(config, core, stop);
}
