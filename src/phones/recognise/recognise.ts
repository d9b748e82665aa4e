import { parseMac } from '../../domain/mac.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Families, Family, FileAsked } from '../family/family.ts';
import { longestPrefix } from '../family/models.ts';
import { choosePath, matchPaths, readPath } from './path.ts';
import type { Identity } from '../family/rule.ts';
import { rulesOf, type FamilyRule, type Findable } from '../family/findRules.ts';

/** What came with a request; nothing of it is trusted. */
export interface PhoneRequest {
  /** As asked: encoded or not, with or without `?query`; `null` where there is none (SIP, DHCP). */
  readonly path: string | null;
  /** One character for each byte, as node:http gives it. */
  readonly userAgent: string | null;
  /** Common name of a client certificate that has been verified. */
  readonly clientCertificateName?: string | undefined;
  /** DHCP option 60. */
  readonly dhcpVendorClass?: string | undefined;
  readonly method: string;
  /** The family that the device is known as, where it is: used for what the request itself does not tell. */
  readonly family?: string | undefined;
  readonly transport: 'http' | 'tftp' | 'dhcp' | 'sip';
}

/** Who asks and for what; `null` where the request does not say it. Never a proof. */
export interface Recognised {
  readonly vendor: string | null;
  readonly family: string | null;
  readonly model: string | null;
  readonly version: string | null;
  readonly mac: Mac | null;
  readonly serial: string | null;
  readonly file: FileAsked | null;
}

const NOBODY: Recognised = {
  vendor: null,
  family: null,
  model: null,
  version: null,
  mac: null,
  serial: null,
  file: null,
};
/** No phone sends more; what is longer is not looked at. */
const LONGEST_TEXT = 1024;
const LONGEST_PATH = 2048;

/**
 * Tells from everything a request carries what phone it comes from and which file it means. The maker's word in the
 * User-Agent beats the path, the path beats the MAC's prefix. Browsers, tools and scanners are nobody, whatever they
 * ask for. Takes time linear in the request.
 */
export function recognise(families: Families, request: PhoneRequest): Recognised {
  const userAgent = request.userAgent?.trim() ?? '';
  const vendorClass = request.dhcpVendorClass?.replace(/\0+$/, '').trim() ?? '';
  const certificate = request.clientCertificateName?.trim() ?? '';
  if ([userAgent, vendorClass, certificate].some((text) => text.length > LONGEST_TEXT)) return NOBODY;
  if ((request.path?.length ?? 0) > LONGEST_PATH) return NOBODY;

  const its = rulesOf(families);
  const isSip = request.transport === 'sip';
  const byAgent =
    (isSip ? firstMatch(its.sipUserAgents, userAgent) : undefined) ?? firstMatch(its.userAgents, userAgent);
  if (byAgent === undefined && families.notPhones.some((matches) => matches(userAgent) !== undefined)) return NOBODY;

  const told = byAgent ?? firstMatch(its.vendorClasses, vendorClass) ?? firstMatch(its.certificates, certificate);
  const path = readPath(request.path);
  const matches = matchPaths(its.paths, path.segments);
  const agentMac = told?.identity.mac ?? macInRest(families, told);
  const pathMac =
    matches.length === 0 ? path.macInName : matches.find((match) => match.identity.mac !== undefined)?.identity.mac;
  const mac = agentMac ?? pathMac ?? path.macInQuery ?? parseMac(certificate);
  const known = request.family === undefined ? undefined : families.byId.get(request.family);
  const owner = known ?? (mac === undefined ? undefined : longestPrefix(families.ouis, mac));
  const chosen = choosePath(matches, told?.family, owner);
  const family = told?.family ?? chosen?.family ?? owner;

  return {
    vendor: told?.identity.vendor ?? chosen?.identity.vendor ?? family?.data.vendor ?? null,
    family: family?.id ?? null,
    model: modelOf(family, [told?.identity, chosen?.identity], mac),
    version: told?.identity.version ?? chosen?.identity.version ?? null,
    mac: mac ?? null,
    serial: told?.identity.serial ?? chosen?.identity.serial ?? null,
    file: chosen?.family === family ? (chosen?.file ?? null) : null,
  };
}

interface Told {
  readonly family: Family;
  readonly identity: Identity;
}

function firstMatch(rules: Findable<FamilyRule>, text: string): Told | undefined {
  if (text === '') return undefined;
  for (const { family, read } of rules(text)) {
    const identity = read(text);
    if (identity !== undefined) return { family, identity };
  }
  return undefined;
}

/**
 * The MAC among the words of what a pattern left over: one with a prefix that this maker is known by, else the first
 * that has a letter or separators (twelve bare digits may be a date).
 */
function macInRest(families: Families, told: Told | undefined): Mac | undefined {
  const words = told?.identity.rest?.split(/[^0-9A-Za-z:_-]+/) ?? [];
  const ours = words.find((word) => {
    const mac = parseMac(word);
    return mac !== undefined && longestPrefix(families.ouis, mac)?.data.vendor === told?.family.data.vendor;
  });
  const any = words.find((word) => parseMac(word) !== undefined && /[^0-9]/.test(word));
  const spelled = ours ?? any;
  return spelled === undefined ? undefined : parseMac(spelled);
}

function modelOf(
  family: Family | undefined,
  told: readonly (Identity | undefined)[],
  mac: Mac | undefined,
): string | null {
  if (family === undefined) return null;
  for (const identity of told) {
    if (identity?.model !== undefined) return family.models.canonical(identity.model);
    const model = identity?.code === undefined ? undefined : family.models.byCode(identity.code);
    if (model !== undefined) return model;
  }
  return (mac === undefined ? undefined : family.models.byMac(mac)) ?? null;
}
