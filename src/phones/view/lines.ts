import type { DefaultLine, Line } from '../../domain/device.ts';
import type { LineSettings } from '../../domain/lineSettings.ts';
import { policyOf, type Tenant } from '../../domain/tenant.ts';
import type { Family } from '../family/family.ts';
import type { ServerFacts, UserLine } from './facts.ts';
import { markEnds, slotView } from './slots.ts';
import { lineTexts, type LineTexts } from './texts.ts';
import type { CodecView, LineView, SlotView, TransportView } from '../template/viewTypes.ts';

/** RFC 3261, 19.1.2. */
const USUAL_PORTS = { udp: 5060, tcp: 5060, tls: 5061 } as const;

/** A line of a view: whose it is, and what of it is the phone's own. */
export interface LineItem {
  readonly line: Line;
  /** Whose realm it is in. */
  readonly tenant: Tenant;
  readonly settings: LineSettings;
  readonly texts: LineTexts;
}

export function defaultLineItem(
  tenant: Tenant,
  { line, settings }: { readonly line: DefaultLine; readonly settings: LineSettings },
): LineItem {
  const label = defaultLabel(tenant, line);
  return { line, tenant, settings, texts: lineTexts(line, label, label) };
}

export function userLineItem({ line, user, tenant, settings }: UserLine): LineItem {
  const label = { extension: user.extension, name: user.name, both: `${user.extension} ${user.name}` }[settings.label];
  return { line, tenant, settings, texts: lineTexts(line, label, user.name) };
}

export function lineViewOf(family: Family, server: ServerFacts, { line, tenant, settings, texts }: LineItem): LineView {
  const transport = settings.transport ?? server.transport;
  const proxy = settings.outboundProxy ?? server.outboundProxy;
  return {
    ...slotView(line.slot, family.data.fields.lines),
    profile: line.slot,
    profile0: line.slot - 1,
    is_default: line.userId === null,
    ...texts,
    realm: tenant.realm,
    host: settings.sipServer?.host ?? server.sipHost,
    port:
      settings.sipServer === null ? server.sipPorts[transport] : (settings.sipServer.port ?? USUAL_PORTS[transport]),
    transport: transportView(family, transport),
    outbound_proxy: {
      is_set: proxy !== null,
      host: proxy?.host ?? null,
      port: proxy === null ? null : (proxy.port ?? USUAL_PORTS[transport]),
    },
    srtp: settings.srtp,
    expiry: settings.expiry,
    expiry_minutes: Math.max(1, Math.round(settings.expiry / 60)),
    voicemail_number: settings.voicemail,
    pickup_code: settings.pickupCode,
    mwi: settings.voicemail !== null || settings.mailbox !== null,
    ...codecViews(family, line.slot, settings.codecs),
  };
}

function transportView(family: Family, name: 'udp' | 'tcp' | 'tls'): TransportView {
  return {
    name,
    spelling: family.data.spelling.transport[name] ?? null,
    is_udp: name === 'udp',
    is_tcp: name === 'tcp',
    is_tls: name === 'tls',
  };
}

/** A codec that the family has no spelling for is left out. */
function codecViews(
  family: Family,
  line: number,
  wanted: readonly string[],
): Pick<LineView, 'codecs' | 'other_codecs'> {
  const spellings = family.data.spelling.codecs;
  const codecs = wanted.filter((name) => Object.hasOwn(spellings, name));
  const others = Object.keys(spellings).filter((name) => !codecs.includes(name));
  const item = (name: string, at: number): CodecView => ({
    ...slotView(at + 1, family.data.fields.codecs),
    line,
    name,
    spelling: spellings[name] ?? name,
  });
  return {
    codecs: markEnds(codecs.map(item)),
    other_codecs: markEnds(others.map((name, at) => item(name, codecs.length + at))),
  };
}

export function unusedLineViews(family: Family, limit: number, used: readonly SlotView[]): readonly SlotView[] {
  const slots = Array.from({ length: limit }, (_, at) => at + 1);
  const free = slots.filter((slot) => !used.some((line) => line.index === slot));
  return markEnds(free.map((slot) => slotView(slot, family.data.fields.lines)));
}

/** With the number that it can be called back by, where the tenant gives some. */
function defaultLabel(tenant: Tenant, { number }: DefaultLine): string {
  if (policyOf(tenant).defaultNumbers === null) return setUpLabel(tenant);
  return `${number ?? 'No number left'}: ${setUpLabel(tenant)}`;
}

/** What an unassigned phone's screen says. */
export function setUpLabel(tenant: Tenant): string {
  return `Dial ${tenant.extension} to set up`;
}
