import { z } from 'zod';
import { dryRun } from '../administration/dryRun.ts';
import { deviceFile } from '../provisioning/files/deviceFile.ts';
import { previewFile } from '../provisioning/files/previewFile.ts';
import { checkOwn } from './deviceShown.ts';
import { DEVICES } from './devices.ts';
import { operation, type Asked, type Operation } from './operation.ts';
import { PROFILES } from './profiles.ts';
import { extension, inTenant, mac, macShown, nothing } from './schemas.ts';
import { TEMPLATES } from './templates.ts';
import { TENANTS } from './tenants.ts';
import { USERS } from './users.ts';

const text = z.string();
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
              lines: z.array(text).meta({ description: 'that go (`-`) and that come (`+`), secrets masked' }),
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
    }),
    async work({ core, facts, at, body }) {
      const needs = { store: core.store, families: facts.families(), server: facts.server(), tenantId: at.tenant };
      const { file, mac: its, contentType, notes, body: content } = await previewFile(needs, body);
      return { name: file.name, mac: its, contentType, notes, content: content.toString() };
    },
  }),
] as const;
