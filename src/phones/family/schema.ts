import { z } from 'zod';

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens');
const text = z.string().min(1).max(400);
const singleLine = text.regex(/^[^\r\n\0]*$/, 'must be one line');
/** An OUI or a part of one: 6 to 11 hexadecimal digits. The longest prefix decides. */
const macPrefix = z.string().regex(/^[0-9a-f]{6,11}$/, 'must be 6 to 11 lower-case hexadecimal digits, in quotes');
const fact = z.enum(['yes', 'no', 'unverified']);
const plainValue = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);
const table = z.record(z.string(), singleLine);
/** May be empty, so that a template can ask: a section over nothing is left out. */
const slotFields = z.record(
  z.string(),
  z
    .string()
    .max(400)
    .regex(/^[^\r\n\0]*$/, 'must be one line'),
);

/** A pattern and what to do with its groups; see docs/add-a-family.md. */
const rule = z.strictObject({
  pattern: text,
  /** Fixed results, where the text has no group for them. */
  set: z.strictObject({ vendor: slug, model: singleLine, version: singleLine }).partial().optional(),
  /** Every occurrence of a text in a group is replaced: `{ model: { _: ' ' } }`. */
  replace: z.partialRecord(z.enum(['model', 'version']), z.record(z.string().min(1), z.string())).optional(),
  /** Results to put into upper case. */
  upper: z.array(z.literal('model')).optional(),
});
const ruleOrPattern = z.union([text.transform((pattern) => ({ pattern })), rule]);

/** `shared`: other makers use this shape too, so the OUI or the User-Agent must name this one. */
const path = rule.extend({ shared: z.boolean().default(false) });
const pathOrPattern = z.union([text.transform((pattern) => ({ pattern, shared: false })), path]);

const file = z.strictObject({
  /** As the phone asks; `{mac}`, `{MAC}`, `{model}`, `{code}` stand for what varies. */
  name: singleLine,
  /** Where the name does not say enough: the pattern it is recognised by. */
  pattern: text.optional(),
  shared: z.boolean().default(false),
  set: rule.shape.set,
  replace: rule.shape.replace,
  upper: rule.shape.upper,
  role: z.enum(['boot', 'common', 'device']),
  /**
   * Of a `device` file: whether the lines are in it, and where to fetch from. A phone that has it has its new line; of the
   * others nothing follows.
   */
  lines: z.enum(['yes', 'no']).default('yes'),
  template: z.string().regex(/^[a-z0-9][a-z0-9_-]*\.mustache$/, 'must be a file of this folder, like device.mustache'),
  format: z.enum(['line', 'quoted', 'xml', 'json']),
  content_type: singleLine,
  line_ending: z.enum(['lf', 'crlf']).default('lf'),
  encoding: z.enum(['utf-8', 'iso-8859-1']).default('utf-8'),
  /** Longer lines are left out: the phone would cut them. */
  max_line: z.number().int().min(20).optional(),
});

/** Keys that stand together: beside the display, on the pages of a screen, on an expansion module. */
const bank = z.strictObject({
  name: slug,
  /** On one page. */
  keys: z.number().int().min(1).max(500),
  pages: z.number().int().min(1).max(50).default(1),
  /** Nobody knows whether it is plugged in. */
  optional: z.boolean().default(false),
});

/** How a dial plan is written. */
const dialSpelling = z.strictObject({
  /** Any digit; without one, a set. */
  digit: singleLine.optional(),
  /** Between the members of a set: `[1,3-5]`. */
  set_separator: z.string().max(3).default(''),
  /** How single keys are written that mean something else in a pattern. */
  keys: z.partialRecord(z.enum(['*', '#']), singleLine).default({}),
  /** After a rule of a fixed length. */
  end: z.string().max(20).default(''),
  /** After a rule of any length; without it such rules are left out: those numbers are dialled after a pause as always. */
  more: singleLine.optional(),
  before: z.string().max(40).default(''),
  between: z.string().max(20).default('|'),
  after: z.string().max(40).default(''),
  /** Around each rule. */
  rule: z.tuple([z.string().max(40), z.string().max(60)]).default(['', '']),
  /** What every number fits, after a pause; last in a plan. */
  any: z.array(singleLine).default([]),
});

const model = z.strictObject({
  name: singleLine,
  /** Other spellings of the same model, as a User-Agent or file name has them. */
  aliases: z.array(singleLine).default([]),
  /** A pattern over model names that have no entry of their own. */
  match: text.optional(),
  /** What stands for the model in file names (`{code}`). */
  codes: z.array(z.string().min(1)).default([]),
  /** MAC prefixes that only this model has. */
  oui: z.array(macPrefix).default([]),
  lines: z.number().int().min(1).max(1000).optional(),
  keys: z.number().int().min(0).max(1000).optional(),
  /** In the order in which they are filled; instead of `keys`. */
  banks: z.array(bank).min(1).optional(),
  /** Users at a time, where there are several: handsets, or ports of an adapter. */
  ports: z.number().int().min(1).max(1000).optional(),
  quirks: z.record(slug.or(z.string().regex(/^[a-z][a-z0-9_]*$/)), plainValue).default({}),
});

const notification = z.strictObject({
  event: singleLine,
  content_type: singleLine.nullable().default(null),
  body: text.nullable().default(null),
});

const dhcp = z.strictObject({
  /** How a DHCP server tells these phones: beginnings of option 60, or else the OUI. */
  vendor_class_prefixes: z.array(singleLine).default([]),
  by_oui: z.boolean().default(false),
  /** `{url}`, `{host}`, `{port}` and `{address}` (URL without scheme) stand for the server; phone macros are written as they are. */
  send: z.array(
    z.strictObject({
      option: z.number().int().min(1).max(254),
      suboption: z.number().int().min(1).max(254).optional(),
      type: z.enum(['text', 'ip']).default('text'),
      value: singleLine,
    }),
  ),
});

/** The text of one `family.yaml`. Everything but `vendor` and `title` may be missing: such a family is only recognised. */
export const familySchema = z.strictObject({
  vendor: slug,
  title: singleLine,
  names: z.array(singleLine).default([]),
  /** Families whose patterns are tried after this one's. */
  before: z.array(slug).default([]),
  user_agents: z.array(ruleOrPattern).default([]),
  sip_user_agents: z.array(ruleOrPattern).default([]),
  vendor_classes: z.array(ruleOrPattern).default([]),
  certificates: z.array(ruleOrPattern).default([]),
  oui: z.array(macPrefix).default([]),
  files: z.array(file).default([]),
  paths: z.array(pathOrPattern).default([]),
  uploads: z.array(pathOrPattern).default([]),
  models: z
    .strictObject({
      defaults: z.strictObject({
        lines: z.number().int().min(1).max(1000),
        keys: z.number().int().min(0).max(1000),
        banks: z.array(bank).default([]),
        ports: z.number().int().min(1).max(1000).default(1),
        quirks: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), plainValue).default({}),
      }),
      table: z.array(model).default([]),
    })
    .default({ defaults: { lines: 1, keys: 0, banks: [], ports: 1, quirks: {} }, table: [] }),
  spelling: z
    .strictObject({
      transport: z.partialRecord(z.enum(['udp', 'tcp', 'tls']), singleLine).default({}),
      codecs: table.default({}),
      language: table.default({}),
      key: z
        .partialRecord(z.enum(['line', 'speed_dial', 'blf', 'park', 'transfer', 'voicemail']), singleLine)
        .default({}),
      date: z.partialRecord(z.enum(['dmy', 'mdy', 'ymd']), singleLine).default({}),
      dial: dialSpelling.optional(),
      /** By IANA name, else by standard offset from UTC in minutes. */
      time_zone: z
        .strictObject({ names: table.default({}), offsets: table.default({}) })
        .default({ names: {}, offsets: {} }),
    })
    .default({ transport: {}, codecs: {}, language: {}, key: {}, date: {}, time_zone: { names: {}, offsets: {} } }),
  /** What templates need per slot and cannot compute; the first entry is slot 1. */
  fields: z
    .strictObject({
      lines: z.array(slotFields).default([]),
      keys: z.array(slotFields).default([]),
      codecs: z.array(slotFields).default([]),
      /** By the name of a bank of keys. */
      banks: z.record(slug, slotFields).default({}),
    })
    .default({ lines: [], keys: [], codecs: [], banks: {} }),
  /** How these phones are sent to another server: by a file that names it, or by HTTP where they follow that. */
  redirect: z.enum(['file', 'http']).default('file'),
  notify: z.strictObject({ fetch: notification, reboot: notification }).optional(),
  abilities: z
    .strictObject({
      accounts: fact,
      keys: fact,
      time_zone: fact,
      tls: fact,
      srtp: fact,
      /** Its file can name the authority that has signed the certificate of the SIP server. */
      authority: fact,
      fetch_without_reboot: fact,
      token_url: fact,
      http_credentials: fact,
      client_certificate: fact,
    })
    .partial()
    .default({}),
  dhcp: dhcp.optional(),
  /** What these phones or their format cannot express, for the table of families. */
  left_out: z.array(singleLine).default([]),
});

/** `family.yaml` as read: checked, defaults filled in, patterns still text. */
export type FamilyData = z.infer<typeof familySchema>;
export type RuleData = z.infer<typeof rule>;
export type FileData = z.infer<typeof file>;
export type ModelData = z.infer<typeof model>;
