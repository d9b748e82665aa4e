import { z } from 'zod';
import { listFiles, putFile, removeFile } from '../administration/familyFiles.ts';
import { listVersions, setFirmware } from '../administration/firmware.ts';
import { operation } from './operation.ts';
import { inTenant, nothing, time } from './schemas.ts';

const text = z.string();
const count = z.number().int();
const FILE = z
  .object({ name: text, size: count.meta({ description: 'bytes' }), changedAt: time })
  .meta({ id: 'FamilyFile' });
const PUT = z
  .object({ name: text, size: count, sha256: text.meta({ description: 'in hex' }) })
  .meta({ id: 'FamilyFilePut' });
const VERSION = z
  .object({
    family: text,
    model: text.nullable(),
    version: text.nullable().meta({ description: 'what they have said last; `null`: nothing' }),
    devices: count.meta({ description: 'how many' }),
    firmware: text.nullable().meta({ description: 'what the tenant has for this model' }),
  })
  .meta({ id: 'Version' });

const about = { tag: 'firmware', query: nothing } as const;
const all = '/families/{family}/files';
const inFamily = z.strictObject({ family: text.meta({ description: 'as in the list of families' }) });
const one = inFamily.extend({ name: text.meta({ description: 'as phones ask for it' }) });
const bytes = z.custom<AsyncIterable<Uint8Array>>(
  (given) => typeof given === 'object' && given !== null && Symbol.asyncIterator in given,
  'the body is the file itself: Content-Type: application/octet-stream',
);

export const FIRMWARE = [
  operation({
    ...about,
    ...{ id: 'listFamilyFiles', method: 'get', path: all, right: 'see', isForAll: true, status: 200 },
    summary: 'what lies there for phones of a family, and is served as it is: firmware, languages, ring tones',
    ...{ at: inFamily, body: null, answer: z.object({ items: z.array(FILE) }) },
    work: async ({ facts, at: { family } }) => ({
      items: (await listFiles(facts.familyFolder, facts.families(), family)).map(({ changedAt, ...file }) => ({
        ...file,
        changedAt: new Date(changedAt).toISOString(),
      })),
    }),
  }),
  operation({
    ...about,
    ...{ id: 'putFamilyFile', method: 'put', path: `${all}/{name}`, right: 'policy', status: 200, takesFile: true },
    summary: 'put a file there, whole, in the place of one of that name',
    ...{ at: one, body: bytes, answer: PUT },
    // A file is no part of a transaction.
    ask: ({ core, facts, at, body: content }) =>
      putFile(core, facts.familyFolder, facts.families(), { ...at, content }),
    work: ({ told }) => Promise.resolve(told),
  }),
  operation({
    ...about,
    ...{ id: 'removeFamilyFile', method: 'delete', path: `${all}/{name}`, right: 'policy', status: 204 },
    summary: 'remove a file; a phone that is told to fetch it finds none',
    ...{ at: one, body: null, answer: null },
    work: async ({ core, facts, at: { family, name } }) => removeFile(core, facts.familyFolder, family, name),
  }),
  operation({
    ...about,
    ...{ id: 'listVersions', method: 'get', path: '/tenants/{tenant}/versions', right: 'see', status: 200 },
    summary: 'how many phones of each model have said which version',
    ...{ at: inTenant, body: null, answer: z.object({ items: z.array(VERSION) }) },
    work: async ({ core, at }) => ({ items: await listVersions(core, at.tenant) }),
  }),
  operation({
    ...about,
    ...{ id: 'setFirmware', method: 'put', path: '/tenants/{tenant}/firmware', right: 'policy', status: 200 },
    summary: 'which firmware phones of a model are to have from their next fetch on, where nothing nearer to them says',
    at: inTenant,
    body: z.strictObject({
      model: text.meta({ description: '`*` stands for any characters', example: 'T46S' }),
      file: text.nullable().meta({ description: 'of the family’s files; `null`: nothing for this model alone' }),
      version: text.nullable().default(null).meta({ description: 'what the phone calls it; some want it' }),
    }),
    answer: z.object({ items: z.array(VERSION) }),
    async work({ core, at, body: { model, file, version } }) {
      await setFirmware(core, at.tenant, { model, file: file === null ? null : { file, version } });
      return { items: await listVersions(core, at.tenant) };
    },
  }),
] as const;
