import { hash } from 'node:crypto';
import { formatMac } from '../../domain/mac.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Line } from '../../domain/device.ts';
import { twoDigits } from '../template/timeZone.ts';
import type { DeviceView, LineView, ProvisioningView, SettingsView } from '../template/viewTypes.ts';
import type { PhoneFacts } from './facts.ts';
import { safeText } from './slots.ts';

/** What of a line is one phone's own. */
export type LineTexts = Pick<
  LineView,
  | 'label'
  | 'safe_label'
  | 'display_name'
  | 'safe_display_name'
  | 'quoted_display_name'
  | 'user_name'
  | 'auth_name'
  | 'password'
  | 'ha1'
>;

/**
 * All texts of a view that differ between phones whose settings are the same. A view is made of these and of settings: it
 * looks at them, at most, to see whether they are there.
 */
export interface Texts {
  readonly device: DeviceView;
  readonly night: Pick<SettingsView['refresh'], 'at_hour' | 'at_minute'>;
  readonly url: Pick<ProvisioningView, 'url' | 'address' | 'path' | 'folder'>;
  /** As many as the model can have, by slot. */
  readonly lines: readonly LineTexts[];
}

/** The texts besides those of lines. `openUrl` where the device has no URL of its own. */
export function phoneTexts(device: PhoneFacts, openUrl: string, deliveryUrl: Secret | null): Omit<Texts, 'lines'> {
  return { device: deviceTexts(device), night: nightOf(device), url: urlTexts(deliveryUrl?.reveal() ?? openUrl) };
}

export function lineTexts(line: Line, label: string, displayName: string): LineTexts {
  return {
    label,
    safe_label: safeText(label),
    display_name: displayName,
    safe_display_name: safeText(displayName),
    quoted_display_name: `"${displayName.replace(/["\\]/g, '\\$&')}"`,
    user_name: line.endpoint,
    auth_name: line.authUser ?? line.authName,
    password: line.secret.reveal(),
    ha1: line.md5Credential,
  };
}

function deviceTexts({ mac, firmware }: PhoneFacts): DeviceView {
  return {
    mac,
    mac_upper: mac?.toUpperCase() ?? null,
    mac_colons: mac === null ? null : formatMac(mac),
    mac_dashes: mac === null ? null : formatMac(mac).replaceAll(':', '-'),
    firmware,
  };
}

/** One of the minutes of four hours of the night. */
function nightOf({ mac, family }: PhoneFacts): Texts['night'] {
  const spread = hash('sha256', mac ?? family, 'buffer').readUInt16BE(0) % 240;
  return { at_hour: twoDigits(1 + Math.floor(spread / 60)), at_minute: twoDigits(spread % 60) };
}

function urlTexts(url: string): Texts['url'] {
  const path = new URL(url).pathname;
  return { url, address: withoutScheme(url), path, folder: path.replace(/^\/+|\/+$/g, '') };
}

export function withoutScheme(url: string): string {
  return url.slice(url.indexOf('://') + 3);
}
