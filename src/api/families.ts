import { z } from 'zod';
import { dhcpOf } from '../administration/dhcp.ts';
import { describeFamilies } from '../administration/families.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { DHCP_SERVERS, type DhcpServer } from '../phones/dhcp/dhcp.ts';
import { recognise } from '../phones/recognise/recognise.ts';
import { operation } from './operation.ts';
import { inTenant, macShown, nothing } from './schemas.ts';

const text = z.string();
const FAMILY = z
  .object({
    family: text,
    vendor: text,
    title: text,
    served: z.boolean().meta({ description: 'else it is only recognised' }),
    files: z.array(z.object({ name: text, role: text })),
    models: z.array(z.object({ name: text, lines: z.number().int(), keys: z.number().int().nullable() })),
    abilities: z.record(text, text).meta({ description: '`yes`, `no` (left out), `unverified`, or how' }),
    leftOut: z.array(text).meta({ description: 'what it is not told, and why' }),
  })
  .meta({ id: 'Family' });
const MISSING = z.array(z.object({ name: text, khz: z.array(z.number()) }));
const LANGUAGE = z
  .object({
    language: text,
    complete: z.boolean().meta({ description: 'callers hear every prompt in it' }),
    ownDigits: z.boolean().meta({ description: 'else Asterisk’s own are said' }),
    missingPrompts: MISSING,
    missingDigits: MISSING,
  })
  .meta({ id: 'Language' });
const PHONE = z
  .object({
    vendor: text.nullable(),
    family: text.nullable(),
    model: text.nullable(),
    version: text.nullable(),
    mac: macShown.nullable(),
  })
  .meta({ id: 'IdentifiedPhone' });

const about = { tag: 'families', right: 'see', status: 200, query: nothing } as const;

export const FAMILIES = [
  operation({
    ...about,
    ...{ id: 'listFamilies', method: 'get', path: '/families', isForAll: true },
    summary: 'the families of phones: their models, files and abilities',
    ...{ at: nothing, body: null, answer: z.object({ items: z.array(FAMILY) }) },
    work: async ({ facts }) => ({ items: describeFamilies(facts.families()) }),
  }),
  operation({
    ...about,
    ...{ id: 'identifyPhone', method: 'post', path: '/identify', isForAll: true },
    summary: 'tell from a request what phone it comes from',
    ...{ at: nothing, answer: PHONE },
    body: z.strictObject({
      userAgent: text.nullable().default(null),
      path: text.nullable().default(null),
      dhcpVendorClass: text.exactOptional(),
      method: text.default('GET'),
      transport: z.enum(['http', 'tftp', 'dhcp', 'sip']).default('http'),
    }),
    async work({ facts, body }) {
      const { vendor, family, model, version, mac } = recognise(facts.families(), body);
      return { vendor, family, model, version, mac };
    },
  }),
  operation({
    ...about,
    ...{ id: 'listLanguages', method: 'get', path: '/languages', isForAll: true },
    summary: 'which languages have every prompt that callers hear, and what the others lack',
    ...{ at: nothing, body: null, answer: z.object({ items: z.array(LANGUAGE) }) },
    work: async ({ facts }) => ({
      items: orNotFound(facts.sounds() ?? undefined, 'folder of sounds that can be seen from here'),
    }),
  }),
  operation({
    ...about,
    ...{ id: 'getDhcpSnippet', method: 'get', path: '/tenants/{tenant}/dhcp/{server}' },
    summary: 'what makes a DHCP server send phones here, each kind by the options that it reads',
    query: z.strictObject({
      family: z
        .union([z.array(text), text.transform((one) => [one])])
        .exactOptional()
        .meta({ description: 'phones of this one alone, or of these: it may be there several times' }),
    }),
    at: inTenant.extend({ server: z.enum(DHCP_SERVERS as [DhcpServer, ...DhcpServer[]]) }),
    ...{
      body: null,
      answer: z.object({
        server: text,
        url: text.meta({ description: 'where phones are sent' }),
        snippet: text,
        families: z
          .array(z.object({ family: text, title: text }))
          .meta({ description: 'those that a DHCP server can tell from others' }),
      }),
    },
    work: async ({ core, facts, at: { tenant, server }, query: { family: only } }) =>
      dhcpOf(core, tenant, { server, families: facts.families(), openUrl: facts.openUrl(), only }),
  }),
] as const;
