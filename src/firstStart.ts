import type { Config } from './config.ts';
import type { FirstTenant } from './store/seed.ts';
import type { Tenant } from './domain/tenant.ts';

interface FirstSetting {
  readonly key: keyof FirstTenant;
  readonly option: string;
  holds(tenant: Tenant): string | readonly string[] | null | undefined;
}

const FIRST: Readonly<Record<string, FirstSetting>> = {
  SELFPROV_EXTENSION: { key: 'extension', option: 'extension', holds: (tenant) => tenant.extension },
  SELFPROV_RELEASE_EXTENSION: {
    key: 'releaseExtension',
    option: 'release-extension',
    holds: (tenant) => tenant.releaseExtension,
  },
  SELFPROV_NUMBER_EXTENSION: {
    key: 'numberExtension',
    option: 'number-extension',
    holds: (tenant) => tenant.numberExtension,
  },
  SELFPROV_EMERGENCY_NUMBERS: {
    key: 'emergencyNumbers',
    option: 'emergency',
    holds: (tenant) => tenant.emergencyNumbers,
  },
  SELFPROV_USERS_CONTEXT: { key: 'context', option: 'context', holds: (tenant) => tenant.lineSays.context },
  SELFPROV_LANGUAGE: { key: 'language', option: 'language', holds: (tenant) => tenant.deviceSays.language },
  SELFPROV_TIME_ZONE: { key: 'timeZone', option: 'time-zone', holds: (tenant) => tenant.deviceSays.timeZone },
};

/** Settings that count at the first start only. */
export const AT_FIRST_START: ReadonlySet<string> = new Set(Object.keys(FIRST));

/** What the environment says that the first start only has written down, and the first tenant says otherwise: for each what to type. */
export function saidTooLate({ firstTenant, said }: Config, tenant: Tenant): readonly string[] {
  return Object.entries(FIRST).flatMap(([name, { key, option, holds }]) => {
    const [wanted, is] = [String(firstTenant[key]), String(holds(tenant) ?? 'none')];
    if (!(name in said) || wanted === is) return [];
    return [
      `${name}=${wanted} counts at the first start only, and ${is} holds: selfprov tenant set --${option} ${wanted}`,
    ];
  });
}
