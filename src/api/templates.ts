import { z } from 'zod';
import {
  addTemplate,
  changeTemplate,
  DEVICE_TEMPLATES,
  LINE_TEMPLATES,
  listTemplates,
  removeTemplate,
  showTemplate,
  type TemplateKind,
} from '../administration/templates.ts';
import { operation } from './operation.ts';
import { byName, inTenant, nothing, pageIn, pageOf, paging, settingTexts } from './schemas.ts';

const TEMPLATE = z
  .object({
    name: z.string(),
    says: z.record(z.string(), z.string()).meta({ description: 'settings; the rest is as the tenant has it' }),
    usedBy: z.array(z.string()).meta({ description: 'profiles, and what else names it' }),
  })
  .meta({ id: 'Template' });

/** `word` is in the operations' names, `folder` in their paths. */
function operationsOf<T extends object>(
  kind: TemplateKind<T>,
  word: 'LineTemplate' | 'DeviceTemplate',
  folder: string,
) {
  const about = { tag: folder } as const;
  const all = `/tenants/{tenant}/${folder}`;
  const path = `${all}/{name}`;
  const settings = settingTexts(kind.settings);
  return [
    operation({
      ...about,
      ...{ id: `list${word}s` as const, method: 'get', path: all, right: 'see', status: 200 },
      summary: `every ${kind.what}, by name`,
      ...{ at: inTenant, query: paging, body: null, answer: pageOf(TEMPLATE) },
      work: async ({ core, at, query }) =>
        pageIn(await listTemplates(core, kind, at.tenant), query, ({ name }) => name),
    }),
    operation({
      ...about,
      ...{ id: `add${word}` as const, method: 'post', path: all, right: 'change', status: 201 },
      summary: `add a ${kind.what}`,
      ...{ at: inTenant, query: nothing, answer: TEMPLATE },
      body: z.strictObject({ name: z.string(), settings: settings.exactOptional() }),
      location: ({ name }: { name: string }, { tenant }: { tenant: string }) =>
        `/tenants/${tenant}/${folder}/${encodeURIComponent(name)}`,
      work: async ({ core, at, body: { name, settings: texts = {} } }) =>
        addTemplate(core, kind, { tenantId: at.tenant, name, texts }),
    }),
    operation({
      ...about,
      ...{ id: `get${word}` as const, method: 'get', path, right: 'see', status: 200 },
      summary: `what a ${kind.what} says; secrets are masked`,
      ...{ at: byName, query: nothing, body: null, answer: TEMPLATE },
      work: async ({ core, at }) => showTemplate(core, kind, at.tenant, at.name),
    }),
    operation({
      ...about,
      ...{ id: `change${word}` as const, method: 'patch', path, right: 'change', status: 200 },
      summary: 'change what is named; phones have it at their next fetch',
      ...{ at: byName, query: nothing, answer: TEMPLATE },
      body: z.strictObject({ name: z.string().exactOptional(), settings: settings.exactOptional() }),
      async work({ core, at: { tenant: tenantId, name }, body: { name: newName, settings: texts = {} } }) {
        const renamed = newName === undefined ? {} : { newName };
        return changeTemplate(core, kind, { tenantId, name, texts, ...renamed });
      },
    }),
    operation({
      ...about,
      ...{ id: `remove${word}` as const, method: 'delete', path, right: 'change', status: 204 },
      summary: `remove a ${kind.what} that nothing uses`,
      ...{ at: byName, query: nothing, body: null, answer: null },
      work: async ({ core, at }) => removeTemplate(core, kind, at.tenant, at.name),
    }),
  ] as const;
}

export const TEMPLATES = [
  ...operationsOf(LINE_TEMPLATES, 'LineTemplate', 'line-templates'),
  ...operationsOf(DEVICE_TEMPLATES, 'DeviceTemplate', 'device-templates'),
] as const;
