import { z } from 'zod';
import { addRedirect, removeRedirect } from '../administration/redirects.ts';
import { operation } from './operation.ts';
import { nothing, pageIn, pageOf, paging } from './schemas.ts';

const text = z.string();
const conditions = {
  mac: text.nullable().meta({ description: 'the beginning of their MAC addresses', example: '001565' }),
  serial: text.nullable().meta({ description: 'the beginning of their serial numbers' }),
  family: text.nullable(),
  model: text.nullable().meta({ example: 'T4*' }),
  network: text.nullable().meta({ description: 'where they ask from', example: '10.1.0.0/16' }),
};
const url = text.nullable().meta({ description: 'the server for these phones; `null`: nowhere' });
const REDIRECT = z.object({ id: text, ...conditions, url }).meta({ id: 'Redirect' });

const asked = {
  mac: conditions.mac.exactOptional(),
  serial: conditions.serial.exactOptional(),
  family: conditions.family.exactOptional(),
  model: conditions.model.exactOptional(),
  network: conditions.network.exactOptional(),
};

const about = { tag: 'redirects' } as const;

export const REDIRECTS = [
  operation({
    ...about,
    ...{ id: 'listRedirects', method: 'get', path: '/redirects', right: 'see', status: 200 },
    summary: 'where phones are sent that ask at the neutral URL',
    ...{ at: nothing, query: paging, body: null, answer: pageOf(REDIRECT) },
    work: async ({ core, query }) => pageIn(await core.store.redirects(), query, ({ id }) => id),
  }),
  operation({
    ...about,
    ...{ id: 'addRedirect', method: 'post', path: '/redirects', right: 'policy', status: 201 },
    summary: 'a rule; the one that says most about a phone decides, the one that says nothing is the default',
    ...{ at: nothing, query: nothing, answer: REDIRECT },
    body: z.strictObject({ ...asked, url }),
    work: async ({ core, facts, body }) =>
      addRedirect(
        core,
        facts.families().all.map(({ id }) => id),
        body,
      ),
  }),
  operation({
    ...about,
    ...{ id: 'removeRedirect', method: 'delete', path: '/redirects/{id}', right: 'policy', status: 204 },
    summary: 'forget a rule',
    ...{ at: z.strictObject({ id: text }), query: nothing, body: null, answer: null },
    work: async ({ core, at }) => removeRedirect(core, at.id),
  }),
] as const;
