import type { Settings } from '../../../src/virtualPhone/readers/reading.ts';

/** What a phone is like, as its files say it. What they do not say is missing. */
export interface DeviceReading {
  /** Minutes east of Greenwich in winter where the file has a number for it; else the phone's name of the zone. */
  readonly timeZone?: number | string;
  readonly ntpServer?: string;
  /** The phone's word for it. */
  readonly language?: string;
  /** Seconds from one look for changes to the next. */
  readonly refresh?: number;
  readonly clock?: '12' | '24';
  readonly dateFormat?: 'dmy' | 'mdy' | 'ymd';
  /** The address of the file or of its folder, or its name. */
  readonly firmware?: string;
  /** Of its own web page, for the administrator. */
  readonly webPassword?: string;
}

type Words = { readonly [Part in keyof DeviceReading]: (settings: Settings) => DeviceReading[Part] };

const word =
  (name: string) =>
  (settings: Settings): string | undefined =>
    settings.get(name);

/** What one of the phone's words means. */
const meaning =
  <const Meaning extends string>(name: string, words: Readonly<Record<string, Meaning>>) =>
  (settings: Settings): Meaning | undefined => {
    const found = settings.get(name);
    if (found !== undefined && words[found] === undefined) throw new Error(`${name} cannot be ${found}`);
    return found === undefined ? undefined : words[found];
  };

const HOURS = { 0: '12', 1: '24' } as const;

const number =
  (name: string, unit: number) =>
  (settings: Settings): number | undefined =>
    numberIn(settings.get(name), /^([+-]?\d+)(?:\+\d+)?$/, unit);

function numberIn(text: string | undefined, shape: RegExp, unit: number): number | undefined {
  const found = text === undefined ? undefined : shape.exec(text)?.[1];
  if (text !== undefined && found === undefined) throw new Error(`not a number: ${text}`);
  return found === undefined ? undefined : Number(found) * unit || 0;
}

/** `+1`, `-3:30`, `+01:00`, `GMT-03:00`, `GMT`. */
const hours =
  (name: string) =>
  (settings: Settings): number | undefined => {
    const text = settings.get(name);
    if (text === undefined) return undefined;
    const [, sign, hour, minute = '0'] =
      /^(?:GMT)?([+-]?)(\d{1,2})(?::(\d\d))?$/.exec(text === 'GMT' ? '0' : text) ?? [];
    if (hour === undefined) throw new Error(`not an offset: ${text}`);
    return (Number(hour) * 60 + Number(minute)) * (sign === '-' ? -1 : 1) || 0;
  };

/** POSIX counts to the west. */
const posix =
  (name: string) =>
  (settings: Settings): number | undefined => {
    const text = settings.get(name);
    if (text === undefined) return undefined;
    const [, sign, hour, minute = '0'] = /^(?:[A-Za-z]{3,}|<[^>]+>)([+-]?)(\d{1,2})(?::(\d\d))?/.exec(text) ?? [];
    if (hour === undefined) throw new Error(`not a POSIX rule: ${text}`);
    return (Number(hour) * 60 + Number(minute)) * (sign === '-' ? 1 : -1) || 0;
  };

const yealink: Words = {
  clock: meaning('local_time.time_format', HOURS),
  dateFormat: meaning('local_time.date_format', { 2: 'ymd', 3: 'dmy', 4: 'mdy' }),
  firmware: word('static.firmware.url'),
  webPassword: (settings) => /^admin:(.+)$/.exec(settings.get('static.security.user_password') ?? '')?.[1],
  timeZone: hours('local_time.time_zone'),
  ntpServer: word('local_time.ntp_server1'),
  language: word('lang.gui'),
  refresh: number('static.auto_provision.repeat.minutes', 60),
};
const grandstream: Words = {
  clock: meaning('P122', HOURS),
  dateFormat: meaning('P102', { 0: 'ymd', 1: 'mdy', 2: 'dmy' }),
  firmware: word('P192'),
  webPassword: word('P2'),
  timeZone: posix('P246'),
  ntpServer: word('P30'),
  language: word('P1362'),
  refresh: number('P193', 60),
};
const cisco: Words = {
  clock: meaning('Time_Format', { '12hr': '12', '24hr': '24' }),
  dateFormat: meaning('Date_Format', { 'day/month': 'dmy', 'month/day': 'mdy' }),
  firmware: (settings) => /^\(\$SWVER ne [\w.]+\)\? (\S+)$/.exec(settings.get('Upgrade_Rule') ?? '')?.[1],
  timeZone: hours('Time_Zone'),
  ntpServer: word('Primary_NTP_Server'),
  refresh: number('Resync_Periodic', 1),
};
const htek: Words = {
  clock: meaning('P8624', { 0: '24', 1: '12' }),
  dateFormat: meaning('P102', { 0: 'ymd', 1: 'mdy', 2: 'dmy' }),
  firmware: word('P192'),
  webPassword: word('P2'),
  timeZone: word('P64'),
  ntpServer: word('P30'),
  language: word('P8621'),
  refresh: number('P193', 60),
};
const snom: Words = {
  clock: meaning('time_24_format', { off: '12', on: '24' }),
  dateFormat: meaning('date_us_format', { off: 'dmy', on: 'mdy' }),
  firmware: word('firmware'),
  webPassword: word('admin_mode_password'),
  timeZone: number('utc_offset', 1 / 60),
  ntpServer: word('ntp_server'),
  language: word('language'),
  refresh: number('prov_polling_period', 1),
};

/** The makers' names for each, by family. */
const words: Readonly<Record<string, Words>> = {
  acrobits: { refresh: number('extProvInterval', 1) },
  alcatel: {
    firmware: word('DeviceFirmwareUpgradeUrl'),
    webPassword: word('DeviceSecurityAdminPwd'),
    timeZone: word('SettingTimeZoneLocation'),
    ntpServer: word('SettingSntpServer'),
    language: word('SettingLanguage'),
  },
  audiocodes: {
    dateFormat: meaning('system/ntp/date_display_format', { EUROPEAN: 'dmy', AMERICAN: 'mdy' }),
    timeZone: hours('system/ntp/gmt_offset'),
    ntpServer: word('system/ntp/primary_server_address'),
    language: word('personal_settings/language'),
    refresh: number('provisioning/period/hourly/hours_interval', 3600),
  },
  'avaya-j100': {
    clock: meaning('ADMINTIMEFORMAT', HOURS),
    dateFormat: meaning('DATEFORMAT', { '%d/%m/%y': 'dmy', '%m/%d/%y': 'mdy', '%y-%m-%d': 'ymd' }),
    webPassword: word('FORCE_WEB_ADMIN_PASSWORD'),
    timeZone: word('TIMEZONE'),
    ntpServer: word('SNTPSRVR'),
  },
  'digium-d': {
    firmware: word('firmware'),
    webPassword: word('setting/login_password'),
    timeZone: word('setting/time_zone'),
    ntpServer: word('setting/ntp_server'),
    language: word('setting/locale'),
  },
  // The only <name> outside of the buttons is the time server's.
  enterprise: {
    clock: (settings) => (settings.get('dateTemplate')?.endsWith('a') ? '12' : '24'),
    dateFormat: (settings) =>
      meaning('dateTemplate', { 'D/M/Y': 'dmy', 'M/D/Y': 'mdy', 'Y-M-D': 'ymd' })(
        new Map([['dateTemplate', settings.get('dateTemplate')?.replace(/a$/, '') ?? '']]),
      ),
    webPassword: word('sshPassword'),
    timeZone: word('timeZone'),
    ntpServer: word('name'),
  },
  fanvil: {
    clock: meaning('phone/timeDisplay/TimeDisplayStyle', { 0: '24', 1: '12' }),
    dateFormat: meaning('phone/timeDisplay/DateDisplayStyle', { 9: 'dmy', 11: 'mdy', 13: 'ymd' }),
    firmware: word('AUTOUPDATE_CONFIG_MODULE/Auto_Image_URL'),
    webPassword: word('web/account.1/Password'),
    timeZone: number('phone/date/TimeZone', 15),
    ntpServer: word('phone/date/SNTPServer'),
    language: word('phone/display/DefaultLanguage'),
    refresh: number('ap/FlashInterval', 3600),
  },
  gigaset: {
    firmware: word('firmware'),
    webPassword: word('WebUIAccounts.1.Password'),
    timeZone: word('DmGlobal.0.TimeZone'),
    ntpServer: word('DmGlobal.0.NtpServer'),
  },
  'gigaset-maxwell': {
    clock: meaning('System.DateAndTime.TimeFormat', { '12h': '12', '24h': '24' }),
    dateFormat: meaning('System.DateAndTime.DateOrder', { 'dd.mm.yyyy': 'dmy', 'mm.dd.yyyy': 'mdy' }),
    firmware: word('firmware'),
    webPassword: word('WebUI.AdminPassword'),
    timeZone: word('System.DateAndTime.TimeZone'),
    ntpServer: word('System.DateAndTime.TimeServer'),
    language: word('PhoneUI.Settings.Language'),
    refresh: number('System.Provision.Period', 60),
  },
  'gigaset-p': { ...snom, timeZone: word('timezone') },
  grandstream,
  'grandstream-grp': {
    webPassword: word('users.admin.password'),
    timeZone: posix('dateTime.timezone.custom'),
    ntpServer: word('dateTime.ntp.server.1'),
    language: word('language.gui'),
    refresh: number('provisioning.auto.minute', 60),
  },
  'grandstream-ht': grandstream,
  'grandstream-ht81x': grandstream,
  htek,
  linphone: {},
  mitel: {
    clock: meaning('time format', HOURS),
    dateFormat: meaning('date format', { 2: 'ymd', 3: 'dmy', 6: 'mdy' }),
    firmware: word('firmware server'),
    webPassword: word('admin password'),
    timeZone: number('time zone minutes', -1),
    ntpServer: word('time server1'),
    language: word('language 1'),
    refresh: number('auto resync days', 86_400),
  },
  mpp: { ...cisco, webPassword: word('Admin_Password') },
  panasonic: {
    firmware: word('FIRM_FILE_PATH'),
    timeZone: posix('LOCAL_TIME_ZONE_POSIX'),
    ntpServer: word('NTP_ADDR'),
    language: word('DEFAULT_LANGUAGE'),
    refresh: number('CFG_CYCLIC_INTVL', 60),
  },
  poly: {
    clock: meaning('lcl.datetime.time.24HourClock', HOURS),
    dateFormat: meaning('lcl.datetime.date.format', { 'D,dM': 'dmy', 'Md,D': 'mdy' }),
    webPassword: word('device.auth.localAdminPassword'),
    timeZone: number('tcpIpApp.sntp.gmtOffset', 1 / 60),
    ntpServer: word('tcpIpApp.sntp.address'),
    language: word('lcl.ml.lang'),
    refresh: number('prov.polling.period', 1),
  },
  'sangoma-s': htek,
  snom,
  'snom-dect': {
    webPassword: word('http_pass'),
    timeZone: word('timezone'),
    ntpServer: word('ntp_server'),
    language: word('language'),
  },
  spa: { ...cisco, webPassword: word('Admin_Passwd') },
  yealink,
  'yealink-dect': { ...yealink, language: word('lang.wui') },
};

export function readDevice(family: string, settings: Settings): DeviceReading {
  const found = Object.entries(words[family] ?? {}).map(([part, read]) => [part, read(settings)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}
