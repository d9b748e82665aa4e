import type { DeviceTemplate, Line, LineTemplate, Tenant, User } from '../domain/types.ts';
import type { Mac } from '../domain/mac.ts';
import type { Secret } from '../domain/secret.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Families, Family } from './family.ts';
import type { Model } from './models.ts';
import { buildView } from './viewBuild.ts';
import type { SlotLimits } from './viewBuild.ts';
import { setUpKey } from './viewKeys.ts';
import type { Key } from './viewKeys.ts';
import { defaultLineView, userLineView } from './viewLines.ts';
import type { View } from './viewTypes.ts';

export type { View };

/** Where phones find the servers. */
export interface ServerFacts {
  /** Where any phone asks, without a token: `http://host:port/`. */
  readonly openUrl: string;
  readonly sipHost: string;
  readonly sipPorts: { readonly udp: number; readonly tcp: number; readonly tls: number };
  /** Of default lines; a user's line has its line template's. */
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly outboundProxy: { readonly host: string; readonly port: number } | null;
  /** How often a phone looks for changes by itself. */
  readonly refreshHours: number;
}

/** What a file needs to know of the phone; a `Device` fits. For a file without a MAC in its name `mac` is `null`. */
export interface PhoneFacts {
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly mac: Mac | null;
}

/** What every view is made of. */
export interface ViewFacts {
  readonly device: PhoneFacts;
  readonly tenant: Tenant;
  readonly deviceTemplate: DeviceTemplate;
  readonly server: ServerFacts;
  /** Where this device fetches, its token in the path; ends with a slash. `null` for files that are not one device's. */
  readonly deliveryUrl: Secret | null;
}

/** A line that is nobody's: the only kind a bootstrap view has a place for. */
export type DefaultLine = Line & { readonly userId: null };

export interface BootstrapFacts extends ViewFacts {
  /** `null` for boot and common files. */
  readonly defaultLine: DefaultLine | null;
}

export interface UserLine {
  readonly line: Line;
  readonly user: User;
  readonly template: LineTemplate;
}

export interface LineFacts extends ViewFacts {
  readonly lines: readonly UserLine[];
  /** Beside the line keys, in the order of the phone's keys. */
  readonly keys?: readonly Key[];
}

export function isDefaultLine(line: Line): line is DefaultLine {
  return line.userId === null;
}

/**
 * What a phone without a user gets to see. It holds the secrets of the default line at most: nothing of a user can come
 * in. Throws `not_found` when the family is not loaded.
 */
export function bootstrapView(families: Families, facts: BootstrapFacts): View {
  const { family, model } = phone(families, facts.device);
  const limits = slotLimits(family, model);
  const lines = facts.defaultLine === null ? [] : [defaultLineView(family, facts, facts.defaultLine)];
  const keys: readonly Key[] = lines.map((line) => setUpKey(facts.tenant, line.index));
  return buildView({ timeZones: families.timeZones, family, model, limits, facts, lines, keys, isBootstrap: true });
}

/** What the phone of one or several users gets to see: needs a proof. Same errors as `bootstrapView`. */
export function lineView(families: Families, facts: LineFacts): View {
  const { family, model } = phone(families, facts.device);
  const limits = slotLimits(family, model);
  const lines = facts.lines
    .filter((entry) => entry.line.slot <= limits.lines)
    .toSorted((one, other) => one.line.slot - other.line.slot)
    .map((entry) => userLineView(family, facts, entry));
  const keys = facts.keys ?? [];
  return buildView({ timeZones: families.timeZones, family, model, limits, facts, lines, keys, isBootstrap: false });
}

function slotLimits(family: Family, model: Model): SlotLimits {
  const { lines, keys } = family.data.fields;
  return {
    lines: lines.length === 0 ? model.lines : Math.min(model.lines, lines.length),
    keys: keys.length === 0 ? model.keys : Math.min(model.keys, keys.length),
  };
}

function phone(families: Families, facts: PhoneFacts): { readonly family: Family; readonly model: Model } {
  const family = families.byId.get(facts.family);
  if (family === undefined) throw new SelfprovError('not_found', `There is no family ${facts.family}.`);
  return { family, model: family.models.get(facts.model) };
}
