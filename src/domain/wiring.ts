import type { Mac } from './mac.ts';
import { newPhonesTemplates, type Tenant } from './tenant.ts';

/** One line of a device, and where its settings come from. */
export interface Wiring {
  readonly mac: Mac;
  /** Of the device. */
  readonly family: string;
  readonly model: string | null;
  /** The version that it has said last. */
  readonly firmware: string | null;
  readonly slot: number;
  /** `null` for a default line. */
  readonly user: {
    readonly id: string;
    readonly profileId: string;
    readonly lineTemplateId: string;
    readonly deviceTemplateId: string;
  } | null;
  /** The profile that the device was entered with: what it is like while no user has it. */
  readonly entered: { readonly profileId: string; readonly deviceTemplateId: string } | null;
}

/** What devices are picked by; all that is given must fit. */
export interface Wanted {
  readonly family?: string;
  readonly model?: string;
  /** Those that have another version, or have said none. */
  readonly exceptVersion?: string;
  readonly profileId?: string;
  readonly lineTemplateId?: string;
  readonly deviceTemplateId?: string;
}

/** The devices of a tenant that fit, each once. What a device is like, its first user says. */
export function picked(wirings: readonly Wiring[], tenant: Tenant, wanted: Wanted): readonly Mac[] {
  const { family, model, exceptVersion, profileId, lineTemplateId, deviceTemplateId } = wanted;
  const firstOf = new Map<Mac, Wiring>();
  for (const wiring of wirings) {
    const first = firstOf.get(wiring.mac);
    if (first === undefined || (first.user === null && wiring.user !== null)) firstOf.set(wiring.mac, wiring);
  }
  const fits = (wiring: Wiring): boolean =>
    (family === undefined || wiring.family === family) &&
    (model === undefined || wiring.model === model) &&
    (exceptVersion === undefined || wiring.firmware !== exceptVersion) &&
    (profileId === undefined || wiring.user?.profileId === profileId) &&
    (lineTemplateId === undefined || templatesOf(wiring, tenant).lineTemplateId === lineTemplateId) &&
    (deviceTemplateId === undefined ||
      templatesOf(firstOf.get(wiring.mac) ?? wiring, tenant).deviceTemplateId === deviceTemplateId);
  return [...new Set(wirings.filter(fits).map(({ mac }) => mac))];
}

/** The templates that a line and its device have by it. */
export function templatesOf(
  { user, family, entered }: Wiring,
  tenant: Tenant,
): { readonly lineTemplateId: string | null; readonly deviceTemplateId: string } {
  const { lineTemplateId, deviceTemplateId } = newPhonesTemplates(tenant, family);
  return user ?? { lineTemplateId, deviceTemplateId: entered?.deviceTemplateId ?? deviceTemplateId };
}
