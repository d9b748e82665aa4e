import { z } from 'zod';
import { shown } from '../administration/settings.ts';
import { changeSite } from '../administration/site.ts';
import { SITE_SETTINGS, type Site } from '../domain/site.ts';
import { operation } from './operation.ts';
import { nothing, settingTexts } from './schemas.ts';

const SYSTEM = z
  .object({ settings: z.record(z.string(), z.string()).meta({ description: 'what is off here is off for all' }) })
  .meta({ id: 'System' });

const about = { tag: 'system', path: '/system', at: nothing, query: nothing, answer: SYSTEM } as const;

function show(site: Site) {
  return { settings: shown(SITE_SETTINGS, site) };
}

export const SYSTEM_SWITCHES = [
  operation({
    ...about,
    ...{ id: 'getSystem', method: 'get', right: 'see', status: 200, body: null },
    summary: 'switches above those of every tenant',
    work: async ({ core }) => show(await core.store.site()),
  }),
  operation({
    ...about,
    ...{ id: 'changeSystem', method: 'patch', right: 'policy', status: 200 },
    summary: 'change switches; what is off here is off for all',
    body: z.strictObject({ settings: settingTexts(SITE_SETTINGS) }),
    work: async ({ core, body }) => show(await changeSite(core, body.settings)),
  }),
] as const;
