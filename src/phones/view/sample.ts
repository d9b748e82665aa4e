import type { Line } from '../../domain/device.ts';
import { PLAIN_DEVICE } from '../../domain/deviceSettings.ts';
import { PLAIN_LINE } from '../../domain/lineSettings.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { User } from '../../domain/user.ts';
import { Secret } from '../../domain/secret.ts';
import type { Family } from '../family/family.ts';
import type { ServerFacts, ViewFacts } from './facts.ts';
import { buildView } from './build.ts';
import { lineViewOf, userLineItem } from './lines.ts';
import { phoneTexts } from './texts.ts';
import type { View } from '../template/viewTypes.ts';

const ID = 'sample';
const SECRET = new Secret(ID);

const tenant: Tenant = {
  id: ID,
  name: ID,
  realm: ID,
  endpointPattern: '{extension}',
  urls: [],
  networks: [],
  extension: '*55',
  releaseExtension: '*56',
  numberExtension: '*57',
  emergencyNumbers: [],
  defaultProfileId: ID,
  defaultDeviceTemplateId: ID,
  defaultLineTemplateId: null,
  familyTemplates: {},
  lineSays: {},
  deviceSays: {},
  policySays: {},
  administratorCodeHash: null,
  trustedAddresses: 'private',
};

const server: ServerFacts = {
  openUrl: 'http://pbx.example/',
  sipHost: 'pbx.example',
  sipPorts: { udp: 5060, tcp: 5060, tls: 5061 },
  authority: ID,
  transport: 'tls',
  outboundProxy: { host: 'proxy.example', port: 5060 },
  refreshHours: 24,
};

const user: User = {
  id: ID,
  tenantId: ID,
  profileId: ID,
  extension: '1500',
  endpoint: '1500',
  adoption: null,
  loginId: null,
  provisioningId: null,
  name: ID,
  pinHash: ID,
  passwordHash: null,
  selfProvisioning: true,
  lineSays: {},
  deviceSays: {},
  createdAt: 0,
};

const line: Line = {
  id: ID,
  mac: '001565aabbcc',
  slot: 1,
  number: null,
  userId: ID,
  endpoint: '1500',
  authName: ID,
  authUser: null,
  authId: ID,
  secret: SECRET,
  realm: ID,
  md5Credential: ID,
  former: null,
  token: SECRET,
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
};

/** A view of this family in which every list has an entry: its shape is what templates are checked against. */
export function sampleView(family: Family): View {
  const [codec = ID] = Object.keys(family.data.spelling.codecs);
  const [bank = ID] = Object.keys(family.data.fields.banks);
  const settings = { ...PLAIN_LINE, codecs: [codec], srtp: true, voicemail: '*97', pickupCode: '**' };
  const facts: ViewFacts = {
    device: { family: family.id, model: null, firmware: '1.0', mac: line.mac },
    tenant,
    settings: {
      ...PLAIN_DEVICE,
      language: 'en-GB',
      timeZone: 'Europe/Berlin',
      ntpServer: 'ntp.example',
      webPassword: SECRET,
      dialRules: ['1XX'],
      firmware: [{ model: '*', file: ID, version: ID }],
    },
    server,
    deliveryUrl: SECRET_URL,
  };
  const item = lineViewOf(family, server, userLineItem({ line, user, tenant, settings }));
  const view = buildView({
    timeZones: new Map([['Europe/Berlin', 'CET-1CEST,M3.5.0,M10.5.0/3']]),
    family: {
      ...family,
      data: { ...family.data, spelling: { ...family.data.spelling, key: { line: 'l', blf: 'b' } } },
    },
    model: { ...family.models.get(null), keys: 6, banks: [{ name: bank, keys: 6, pages: 1, optional: false }] },
    lineLimit: 2,
    facts,
    texts: phoneTexts(facts.device, server.openUrl, SECRET_URL),
    usersTenants: [],
    lines: [{ ...item, other_codecs: item.codecs }],
    keys: [
      { kind: 'blf', asked: 'blf', label: ID, value: '1501', line: 1 },
      { kind: 'park', asked: 'park', label: ID, value: '700', line: 1 },
    ],
    isBootstrap: true,
  });
  return view;
}

const SECRET_URL = new Secret('http://pbx.example/token/');
