import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { deviceSettings, readUserLineSettings } from '../domain/levels.ts';
import { usersHolding } from '../domain/device.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import type { Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Effective, SettingsOf } from '../domain/settings.ts';
import type { User } from '../domain/user.ts';
import type { Families } from '../phones/family/family.ts';
import { unplacedKeys } from '../phones/view/unplacedKeys.ts';
import { settingsFor } from '../provisioning/files/settingsFor.ts';
import type { Core } from './core.ts';
import { settingsIn } from './settings.ts';

/** One setting as it holds, and who says so. Secrets are masked. */
export interface SettingShown {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

/** What holds for the lines and phones of a user, before what a single phone says of itself. */
export async function effectiveOfUser({ store }: Core, user: User): Promise<readonly SettingShown[]> {
  const tenant = orNotFound(await store.tenant(user.tenantId), 'tenant');
  const profile = orNotFound(await store.profile(user.profileId), 'user profile');
  const device = orNotFound(await store.deviceTemplate(profile.deviceTemplateId), 'device template');
  return [
    ...shown(LINE_SETTINGS, await readUserLineSettings(store, user, profile)),
    ...shown(DEVICE_SETTINGS, deviceSettings(tenant, device, user, undefined)),
  ];
}

/** What is in the file of a device: its own settings, then those of each line under the line's account. */
export async function effectiveOfDevice({ store }: Core, mac: Mac): Promise<readonly SettingShown[]> {
  const device = orNotFound(await store.device(mac), `device ${mac}`);
  const all = await store.lines(mac);
  const { device: own, defaultLines, userLines } = await settingsFor(store, device, usersHolding(all)?.lines ?? all);
  const lines = [...defaultLines, ...userLines];
  return [
    ...shown(DEVICE_SETTINGS, own),
    ...lines.flatMap(({ line, settings }) =>
      shown(LINE_SETTINGS, settings).map((setting) => ({ ...setting, name: `${line.endpoint} ${setting.name}` })),
    ),
  ];
}

/** What was asked for as a key of a device and is not in its file, or only for an expansion module, as one more setting. */
export async function keysLeftOut({ store }: Core, families: Families, mac: Mac): Promise<readonly SettingShown[]> {
  const device = orNotFound(await store.device(mac), `device ${mac}`);
  const lines = usersHolding(await store.lines(mac))?.lines ?? [];
  const { tenant, device: own, userLines } = await settingsFor(store, device, lines);
  const { family, model } = device;
  if (userLines.length === 0 || !families.byId.has(family)) return [];
  const slots = lines.map(({ slot }) => slot);
  const left = unplacedKeys(families, { family, model, tenant, lines: slots, keys: own.keys.value });
  if (left.length === 0) return [];
  return [{ name: 'keysLeftOut', value: left.join('; '), from: `${family} ${model ?? ''}`.trim() }];
}

function shown<T extends object>(settings: SettingsOf<T>, all: Effective<T>): readonly SettingShown[] {
  const held = all as Readonly<Record<string, { readonly value: unknown; readonly from: string }>>;
  return settingsIn(settings).flatMap(([name, setting]) => {
    const one = held[name];
    return one === undefined ? [] : [{ name, value: setting.show(one.value), from: one.from }];
  });
}
