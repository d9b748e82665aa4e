import { join } from 'node:path';
import type { DefaultLine, Line } from '../../src/domain/device.ts';
import { Secret } from '../../src/domain/secret.ts';
import { PLAIN_DEVICE, type DeviceSettings } from '../../src/domain/deviceSettings.ts';
import { PLAIN_DEFAULT_LINE, PLAIN_LINE, type LineSettings } from '../../src/domain/lineSettings.ts';
import type { Tenant } from '../../src/domain/tenant.ts';
import type { User } from '../../src/domain/user.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import type { Families } from '../../src/phones/family/family.ts';
import type { BootstrapFacts, LineFacts, PhoneFacts, ServerFacts } from '../../src/phones/view/facts.ts';

/** The families that are shipped. */
export const templates = join(packageRoot, 'templates');

let loaded: Families | undefined;

/** Loaded once for all tests. */
export function shippedFamilies(): Families {
  loaded ??= loadFamilies([templates]);
  return loaded;
}

export const server: ServerFacts = {
  openUrl: 'http://192.0.2.10:8080/',
  sipHost: '192.0.2.10',
  sipPorts: { udp: 5060, tcp: 5062, tls: 5061 },
  authority: null,
  transport: 'udp',
  outboundProxy: null,
  refreshHours: 24,
};

/** As short as one can look. */
export const authority = '-----BEGIN CERTIFICATE-----\nMIIBfake\nAQAB\n-----END CERTIFICATE-----\n';

export const tenant: Tenant = {
  id: 'tenant',
  name: 'Example',
  realm: 'pbx.example',
  endpointPattern: '{extension}',
  urls: [],
  networks: [],
  extension: '*55',
  releaseExtension: '*56',
  numberExtension: '*57',
  emergencyNumbers: ['112'],
  defaultProfileId: 'profile',
  defaultDeviceTemplateId: 'device-template',
  defaultLineTemplateId: null,
  familyTemplates: {},
  lineSays: {},
  deviceSays: {},
  policySays: {},
  administratorCodeHash: null,
  trustedAddresses: 'private',
};

export const settings: DeviceSettings = {
  ...PLAIN_DEVICE,
  language: 'en',
  timeZone: 'Europe/Berlin',
  ntpServer: 'ntp.example',
  webPassword: new Secret('Web-Password-1'),
};

export const lineSettings: LineSettings = {
  ...PLAIN_LINE,
  transport: 'udp',
  expiry: 600,
  voicemail: '*97',
};

export const user: User = {
  id: 'user',
  tenantId: 'tenant',
  profileId: 'profile',
  extension: '1500',
  endpoint: '1500',
  adoption: null,
  loginId: null,
  provisioningId: null,
  name: 'Ann Lee',
  pinHash: 'hash',
  passwordHash: null,
  selfProvisioning: true,
  lineSays: {},
  deviceSays: {},
  createdAt: 0,
};

export function phone(family: string, model: string | null = null, mac = '001565aabbcc'): PhoneFacts {
  return { family, model, firmware: '1.2.3', mac };
}

const common = {
  id: 'line',
  mac: '001565aabbcc',
  slot: 1,
  number: null,
  realm: 'asterisk',
  md5Credential: '0123456789abcdef0123456789abcdef',
  token: new Secret('delivery-token'),
  address: null,
  servedAt: null,
  contact: null,
  contactCertain: false,
  disbelieved: null,
  leftBehind: [],
  announced: false,
  leftAt: null,
  createdAt: 0,
  askedAs: null,
  seenAs: null,
  authUser: null,
  authId: 'auth',
  former: null,
};

export const defaultLine: DefaultLine = {
  ...common,
  userId: null,
  endpoint: 'phone-001565aabbcc',
  authName: 'phone-001565aabbcc',
  secret: new Secret('Default-Line-Secret'),
};

/** Of the second port. */
export const secondDefaultLine: DefaultLine = {
  ...defaultLine,
  id: 'second',
  slot: 2,
  endpoint: 'phone-001565aabbcc-2',
  authName: 'phone-001565aabbcc-2',
  secret: new Secret('Second-Default-Line-Secret'),
};

export const userLine: Line = {
  ...common,
  userId: 'user',
  endpoint: '1500',
  authName: '1500-001565aabbcc',
  secret: new Secret('User-Line-Secret'),
};

export const deliveryUrl = new Secret('http://192.0.2.10:8080/p/delivery-token/');

export function bootstrapFacts(device: PhoneFacts, change: Partial<BootstrapFacts> = {}): BootstrapFacts {
  const line = { line: defaultLine, settings: PLAIN_DEFAULT_LINE };
  return { device, tenant, settings, server, deliveryUrl, defaultLines: [line], ...change };
}

export function lineFacts(device: PhoneFacts, change: Partial<LineFacts> = {}): LineFacts {
  const lines = [{ line: userLine, user, tenant, settings: lineSettings }];
  return { device, tenant, settings, server, deliveryUrl, defaultLines: [], lines, ...change };
}
