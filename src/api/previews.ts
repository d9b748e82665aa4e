import { z } from 'zod';
import type { Core } from '../administration/core.ts';
import { dryRun } from '../administration/dryRun.ts';
import { said, type Texts } from '../administration/settings.ts';
import { DEVICE_TEMPLATES, LINE_TEMPLATES, templateAs, type TemplateKind } from '../administration/templates.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import type { SettingsOf } from '../domain/settings.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { layOutKeys } from '../phones/view/layOutKeys.ts';
import { deviceFile } from '../provisioning/files/deviceFile.ts';
import { fileChanges } from '../provisioning/files/fileChanges.ts';
import { previewFile, type TemplatesUnder } from '../provisioning/files/previewFile.ts';
import { checkOwn } from './deviceShown.ts';
import { DEVICES } from './devices.ts';
import { operation, type Asked, type Operation } from './operation.ts';
import { PROFILES } from './profiles.ts';
import { extension, inTenant, mac, macShown, nothing, settingTexts, time } from './schemas.ts';
import { TEMPLATES } from './templates.ts';
import { TENANTS } from './tenants.ts';
import { USERS } from './users.ts';

const text = z.string();
const LINES = z.array(text).meta({ description: 'that go (`-`) and that come (`+`), secrets masked' });
const CHANGES = z
  .object({
    items: z.array(
      z
        .object({
          devices: z.number().int().meta({ description: 'so many have the same difference' }),
          example: z.object({ mac: macShown, family: text, model: text.nullable() }),
          files: z.array(
            z.object({
              name: text.meta({ description: 'as in `family.yaml`' }),
              lines: LINES,
            }),
          ),
        })
        .meta({ id: 'FileChange' }),
    ),
  })
  .meta({ id: 'FileChanges' });
const FILE = z
  .object({
    name: text.meta({ description: 'as in `family.yaml`' }),
    contentType: text,
    content: text,
    notes: z.array(text).meta({ description: 'what was asked for and is not in it' }),
  })
  .meta({ id: 'File' });

const SINCE_FETCHED = z
  .object({
    fetchedAt: time.nullable().meta({ description: 'when it has fetched a file last' }),
    items: z.array(
      z.object({
        name: text.meta({ description: 'as in `family.yaml`' }),
        givenAt: time.nullable().meta({ description: 'since when it has what it has; `null`: nobody knows of a file' }),
        isCurrent: z.boolean().meta({ description: 'it would get the same again' }),
        lines: LINES,
      }),
    ),
  })
  .meta({ id: 'FilesSinceFetched' });

const index = z.number().int();
/** No phone has as many; each is looked for among all. */
const MOST_LINES = 1000;
const LAID_OUT = z
  .object({
    pages: z.array(
      z.object({
        name: text.meta({ description: 'of the bank of keys, as in `family.yaml`' }),
        page: index,
        pages: index.meta({ description: 'how many this bank has' }),
        optional: z.boolean().meta({ description: 'on an expansion module, which may not be there' }),
        places: z.array(
          z.object({
            place: index.meta({ description: 'from 1, on its page' }),
            key: index.nullable().meta({ description: 'the how manieth of those that were asked for, from 0' }),
            line: index.nullable().meta({ description: 'the line that has it without being asked for' }),
          }),
        ),
      }),
    ),
    left: z
      .array(z.object({ key: index, why: z.enum(['no_such_key', 'no_such_line', 'no_room']) }))
      .meta({ description: 'keys that find no place' }),
  })
  .meta({ id: 'KeyLayout' });

/** What a change of one thing would do to phones' files, instead of doing it. */
function previewOf(
  change: Operation,
): Operation & { readonly id: `previewChange${string}`; readonly answer: typeof CHANGES } {
  const { id, tag, path, right, at, query, body, ask } = change;
  return {
    ...{ id: `previewC${id.slice(1)}` as `previewChange${string}`, tag, path: `${path}/preview`, right },
    ...{ method: 'post', status: 200, at, query, body, answer: CHANGES },
    summary: 'what the same change would do to phones’ files; nothing is changed',
    ...(ask === undefined ? {} : { ask }),
    async work(given: never) {
      const asked: Asked<z.output<typeof inTenant>, unknown, unknown> = given;
      const { core, facts, at: where } = asked;
      const verb = (inside: typeof core) => change.work({ ...asked, core: inside } as never);
      return { items: await dryRun(core, facts, where.tenant, verb) };
    },
  };
}

/** Of somebody who has this template, as it would be with these settings. */
function templateAsItWouldBe<T extends object>(settings: SettingsOf<T>) {
  return z
    .strictObject({ name: text, settings: settingTexts(settings).exactOptional() })
    .exactOptional()
    .meta({ description: 'for a phone of somebody who has this one, as it would be with these settings' });
}

interface Named {
  readonly name: string;
  readonly settings?: Texts;
}

async function templatesUnder(
  core: Core,
  tenantId: string,
  {
    lineTemplate,
    deviceTemplate,
  }: { readonly lineTemplate: Named | undefined; readonly deviceTemplate: Named | undefined },
): Promise<TemplatesUnder | undefined> {
  if (lineTemplate === undefined && deviceTemplate === undefined) return undefined;
  const as = <T extends object>(kind: TemplateKind<T>, { name, settings: texts = {} }: Named) =>
    templateAs(core, kind, { tenantId, name, texts });
  return {
    ...(lineTemplate === undefined ? {} : { lineTemplate: await as(LINE_TEMPLATES, lineTemplate) }),
    ...(deviceTemplate === undefined ? {} : { deviceTemplate: await as(DEVICE_TEMPLATES, deviceTemplate) }),
  };
}

const about = {
  tag: 'files',
  method: 'get',
  status: 200,
  query: z.strictObject({ name: text.exactOptional() }),
} as const;
const one = { at: inTenant.extend({ mac }), body: null, answer: FILE } as const;
const path = '/tenants/{tenant}/devices/{mac}/file';

function fileOf<Id extends string>(
  id: Id,
  right: 'see' | 'secrets',
  where: string,
  summary: string,
  withSecrets: boolean,
) {
  return operation({
    ...{ ...about, ...one, id, path: where, right, summary },
    async work(asked) {
      await checkOwn(asked);
      const { core, facts, at, query } = asked;
      const needs = { store: core.store, families: facts.families(), server: facts.server() };
      return deviceFile(needs, at.mac, { name: query.name ?? null, withSecrets });
    },
  });
}

export const PREVIEWS = [
  ...[...USERS, ...DEVICES, ...PROFILES, ...TEMPLATES, ...TENANTS]
    .filter(({ method }) => method === 'patch')
    .map(previewOf),
  fileOf('getDeviceFile', 'see', path, 'the file that a device would get now, secrets masked', false),
  fileOf('getDeviceFileWithSecrets', 'secrets', `${path}/secrets`, 'the same, with the secrets in it', true),
  operation({
    ...{ ...about, id: 'getDeviceFileChanges', path: `${path}/changes`, right: 'see', query: nothing },
    summary: 'how a device’s files, as it would get them now, differ from what it has fetched, secrets masked',
    ...{ at: one.at, body: null, answer: SINCE_FETCHED },
    async work(asked) {
      await checkOwn(asked);
      const { core, facts, at } = asked;
      return fileChanges({ store: core.store, families: facts.families(), server: facts.server() }, at.mac);
    },
  }),
  operation({
    ...{ id: 'layOutKeys', tag: 'files', method: 'post', path: '/tenants/{tenant}/key-layout', right: 'see' },
    ...{ status: 200, at: inTenant, query: nothing, answer: LAID_OUT },
    summary: 'where keys stand on a phone of this family and model, and which find no place',
    body: z.strictObject({
      family: text,
      model: text.nullable().default(null).meta({ description: '`null`: one that nobody knows' }),
      keys: text.default('none').meta({ description: `as in settings: ${DEVICE_SETTINGS.keys.placeholder}` }),
      lines: z
        .array(z.number().int().min(1))
        .max(MOST_LINES)
        .default([1])
        .meta({ description: 'slots that have a line' }),
    }),
    async work({ core, facts, at, body: { keys, ...wanted } }) {
      const tenant = orNotFound(await core.store.tenant(at.tenant), 'tenant');
      const read = said(DEVICE_SETTINGS, {}, { keys }).keys ?? [];
      return layOutKeys(facts.families(), { ...wanted, tenant, keys: read });
    },
  }),
  operation({
    ...{ id: 'renderFile', tag: 'files', method: 'post', path: '/tenants/{tenant}/render', right: 'see', status: 200 },
    summary: 'the file that a phone of this family and model would get, secrets masked',
    ...{
      at: inTenant,
      query: nothing,
      answer: z.object({ ...FILE.shape, mac: macShown }).meta({ id: 'RenderedFile' }),
    },
    body: z.strictObject({
      family: text,
      model: text.nullable().default(null).meta({ description: '`null`: one that nobody knows' }),
      extension: extension.nullable().default(null).meta({ description: '`null`: a phone of nobody' }),
      file: text.nullable().default(null).meta({ description: 'as the phone asks for it, or as in `family.yaml`' }),
      mac: mac.nullable().default(null).meta({ description: 'the one in it' }),
      lineTemplate: templateAsItWouldBe(LINE_SETTINGS),
      deviceTemplate: templateAsItWouldBe(DEVICE_SETTINGS),
    }),
    async work({ core, facts, at, body: { lineTemplate, deviceTemplate, ...preview } }) {
      const needs = { store: core.store, families: facts.families(), server: facts.server(), tenantId: at.tenant };
      const under = await templatesUnder(core, at.tenant, { lineTemplate, deviceTemplate });
      const made = await previewFile(needs, { ...preview, ...(under === undefined ? {} : { under }) });
      const { file, mac: its, contentType, notes, body: content } = made;
      return { name: file.name, mac: its, contentType, notes, content: content.toString() };
    },
  }),
] as const;
