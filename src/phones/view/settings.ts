import type { DeviceSettings } from '../../domain/deviceSettings.ts';
import { firmwareFor, type Firmware } from '../../domain/firmware.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { Family } from '../family/family.ts';
import { dialView } from './dialPlan.ts';
import { readPosixRule, twoDigits } from '../template/timeZone.ts';
import type { ClockChange, TimeZoneParts, TimeZoneRules } from '../template/timeZone.ts';
import type { PhoneFacts, ServerFacts } from './facts.ts';
import { withoutScheme, type Texts } from './texts.ts';
import type {
  AuthorityView,
  ClockChangeView,
  FirmwareView,
  LineView,
  ProvisioningView,
  SettingsView,
  TimeZoneView,
} from '../template/viewTypes.ts';

/** Where anybody gets the authority's certificate, below the open URL: PEM and DER. */
export const AUTHORITY_FILES = ['ca.crt', 'ca.der'] as const;

interface SettingsFacts {
  /** The device's, and those of its users. */
  readonly tenants: readonly Tenant[];
  readonly device: PhoneFacts;
  readonly settings: DeviceSettings;
  readonly server: ServerFacts;
  readonly night: Texts['night'];
}

export function settingsView(timeZones: TimeZoneRules, family: Family, facts: SettingsFacts): SettingsView {
  const { settings, server, device } = facts;
  const [language = '', region] = settings.language.split('-');
  const hours = settings.refreshHours ?? server.refreshHours;
  const spellings = family.data.spelling.language;
  const webPassword = settings.webPassword?.reveal() ?? null;
  return {
    language: {
      tag: settings.language,
      language,
      region: region ?? null,
      spelling: spellings[settings.language] ?? spellings[language] ?? null,
    },
    time_zone: timeZoneView(timeZones, family, settings.timeZone),
    ntp_server: settings.ntpServer,
    clock: { is_12: settings.clock === '12', is_24: settings.clock === '24' },
    date_format: {
      spelling: family.data.spelling.date[settings.dateFormat] ?? null,
      is_dmy: settings.dateFormat === 'dmy',
      is_mdy: settings.dateFormat === 'mdy',
      is_ymd: settings.dateFormat === 'ymd',
    },
    dial: dialView(family.data.spelling.dial, facts.tenants, settings.dialRules),
    firmware: firmwareView(server.openUrl, settings.firmware, device.model),
    user_type: settings.userType,
    is_hot_desk: settings.userType === 'hot_desk',
    web_password: webPassword,
    web_password_digits: webPassword !== null && /^\d+$/.test(webPassword) ? webPassword : null,
    refresh: {
      days: hours <= 24 ? 0 : Math.round(hours / 24),
      hours,
      minutes: hours * 60,
      seconds: hours * 3600,
      ...facts.night,
    },
  };
}

function firmwareView(openUrl: string, all: readonly Firmware[], model: string | null): FirmwareView | null {
  const found = firmwareFor(all, model);
  if (found === undefined) return null;
  const { file, version } = found;
  return { file, version, url: `${openUrl}${file}`, folder_url: openUrl, folder_address: withoutScheme(openUrl) };
}

const UTC: TimeZoneParts = { offset: 0, saving: 0, start: null, end: null, posix: 'UTC0', posixFull: 'UTC0' };

/** A zone that nobody knows is UTC: a wrong clock must not keep a phone from its line. */
function timeZoneView(timeZones: TimeZoneRules, family: Family, name: string): TimeZoneView {
  const parts = readPosixRule(timeZones.get(name) ?? '') ?? UTC;
  const { names, offsets } = family.data.spelling.time_zone;
  const sign = parts.offset < 0 ? '-' : '+';
  const size = Math.abs(parts.offset);
  const [hours, minutes] = [Math.floor(size / 60), size % 60];
  return {
    name,
    spelling: names[name] ?? offsets[String(parts.offset)] ?? null,
    offset_minutes: parts.offset,
    offset_seconds: parts.offset * 60,
    offset_quarters: Math.round(parts.offset / 15),
    is_west: parts.offset < 0,
    // 0 - 0 and not -0, which would be written with its sign by some.
    west_minutes: 0 - parts.offset,
    offset_hours: size === 0 ? '0' : `${sign}${hours}${minutes === 0 ? '' : `:${twoDigits(minutes)}`}`,
    offset_hhmm: `${sign}${twoDigits(hours)}:${twoDigits(minutes)}`,
    posix: parts.posix,
    posix_full: parts.posixFull,
    has_dst: parts.saving !== 0,
    saving_minutes: parts.saving,
    saving_seconds: parts.saving * 60,
    saving_hour: Math.floor(parts.saving / 60),
    saving_minute: parts.saving % 60,
    start: clockChangeView(parts.start),
    end: clockChangeView(parts.end),
  };
}

function clockChangeView(change: ClockChange | null): ClockChangeView {
  return {
    month: change?.month ?? null,
    week: change?.week ?? null,
    is_last_week: change?.is_last_week ?? null,
    on_or_after_day: change?.on_or_after_day ?? null,
    weekday0: change?.weekday0 ?? null,
    weekday1: change?.weekday1 ?? null,
    weekday_iso: change?.weekday_iso ?? null,
    hour: change?.hour ?? null,
    minute: change?.minute ?? null,
    month_2: change === null ? null : twoDigits(change.month),
    hour_2: change === null ? null : twoDigits(change.hour),
    minute_2: change === null ? null : twoDigits(change.minute),
  };
}

export function provisioningView(openUrl: string, deliveryUrl: Secret | null, texts: Texts['url']): ProvisioningView {
  const open = new URL(openUrl);
  const own = new URL(deliveryUrl?.reveal() ?? openUrl);
  const isHttps = own.protocol === 'https:';
  return {
    ...texts,
    open_url: openUrl,
    open_address: withoutScheme(openUrl),
    open_path: open.pathname,
    scheme: own.protocol.slice(0, -1),
    is_http: own.protocol === 'http:',
    is_https: isHttps,
    host: own.hostname,
    port: own.port === '' ? (isHttps ? 443 : 80) : Number(own.port),
  };
}

/** A phone is told of the authority when it needs it. */
export function authorityView(
  { openUrl, authority }: ServerFacts,
  lines: readonly Pick<LineView, 'transport'>[],
): AuthorityView | null {
  if (authority === null || !lines.some(({ transport }) => transport.is_tls)) return null;
  const [pem, der] = AUTHORITY_FILES;
  return {
    url: `${openUrl}${pem}`,
    der_url: `${openUrl}${der}`,
    pem_lines: authority
      .trim()
      .split(/\r?\n/)
      .map((text) => ({ text })),
  };
}
