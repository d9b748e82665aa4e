import type { FamilyData, FileData } from './schema.ts';
import type { Models } from './models.ts';
import type { Pattern } from '../pattern/pattern.ts';
import type { Rule } from './rule.ts';
import type { TemplateSet } from '../template/template.ts';
import type { TimeZoneRules } from '../template/timeZone.ts';

/** What a phone asked for, as far as its family knows the name. */
export interface FileAsked {
  readonly familyId: string;
  /**
   * `template`: made by `renderFile`. `upload`: the phone writes it (logs, what was changed on the phone). `other`: a
   * name the phone asks for that is not made here, like firmware; perhaps there is a static file.
   */
  readonly kind: 'template' | 'upload' | 'other';
  /** The entry in `family.yaml`: the name of a template's file, else the pattern. */
  readonly name: string;
  /**
   * For templates. `device` files hold secrets and need a proof; `boot` (what to fetch) and `common` files cannot hold
   * any: their templates are refused when they use one.
   */
  readonly role: 'boot' | 'common' | 'device' | null;
}

/** How one file name is recognised. */
export interface PathRule {
  readonly file: FileAsked;
  readonly read: Rule;
  /** How many path segments from the end the pattern covers. */
  readonly depth: number;
  /** As in family data. */
  readonly pattern: string;
  /** Whether other makers use the shape too. */
  readonly shared: boolean;
}

/** One dialect that phones speak: everything known of it, compiled from `templates/<id>/`. */
export interface Family {
  readonly id: string;
  readonly data: FamilyData;
  readonly models: Models;
  readonly userAgents: readonly Rule[];
  readonly sipUserAgents: readonly Rule[];
  readonly vendorClasses: readonly Rule[];
  readonly certificates: readonly Rule[];
  readonly paths: readonly PathRule[];
  readonly files: ReadonlyMap<string, FileData>;
  readonly templates: TemplateSet;
}

/** A loaded set of families. It never changes: loading again gives a new one. */
export interface Families {
  /** In the order in which their patterns are tried. */
  readonly all: readonly Family[];
  readonly byId: ReadonlyMap<string, Family>;
  /** MAC prefixes of 6 to 11 digits; the longest decides. */
  readonly ouis: ReadonlyMap<string, Family>;
  /** User-Agents of browsers, tools and scanners. */
  readonly notPhones: readonly Pattern[];
  readonly timeZones: TimeZoneRules;
}
