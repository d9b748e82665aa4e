import { z } from 'zod';
import { addProfile, changeProfile, listProfiles, removeProfile, showProfile } from '../administration/profiles.ts';
import { operation, type Facts } from './operation.ts';
import { byName, inTenant, nothing, pageIn, pageOf, paging } from './schemas.ts';

const text = z.string();
const PROFILE = z
  .object({
    name: text,
    selfProvisioning: z.boolean().meta({ description: 'whether its users may set up phones' }),
    phoneLimit: z.number().int().meta({ description: 'how many phones each of its users may have' }),
    families: z.array(text).nullable().meta({ description: 'of phones that its users may bring; `null`: any' }),
    lineTemplate: text,
    deviceTemplate: text,
    users: z.number().int().meta({ description: 'how many have it' }),
    isDefault: z.boolean().meta({ description: 'new users get it' }),
  })
  .meta({ id: 'Profile' });

const ways = {
  selfProvisioning: z.boolean().exactOptional(),
  phoneLimit: z.number().int().exactOptional(),
  families: z.array(text).nullable().exactOptional(),
  lineTemplate: text.exactOptional(),
  deviceTemplate: text.exactOptional(),
};
const about = { tag: 'profiles' } as const;
const all = '/tenants/{tenant}/profiles';
const path = `${all}/{name}`;

function known({ families }: Facts): readonly string[] {
  return families().all.map(({ id }) => id);
}

export const PROFILES = [
  operation({
    ...about,
    ...{ id: 'listProfiles', method: 'get', path: all, right: 'see', status: 200 },
    summary: 'what classes of users may do, by name',
    ...{ at: inTenant, query: paging, body: null, answer: pageOf(PROFILE) },
    work: async ({ core, at, query }) => pageIn(await listProfiles(core, at.tenant), query, ({ name }) => name),
  }),
  operation({
    ...about,
    ...{ id: 'addProfile', method: 'post', path: all, right: 'change', status: 201 },
    summary: 'add a profile; what is not said is as in the default one',
    ...{ at: inTenant, query: nothing, body: z.strictObject({ name: text, ...ways }), answer: PROFILE },
    location: ({ name }: { name: string }, { tenant }: { tenant: string }) =>
      `/tenants/${tenant}/profiles/${encodeURIComponent(name)}`,
    work: async ({ core, facts, at, body }) => addProfile(core, known(facts), at.tenant, body),
  }),
  operation({
    ...about,
    ...{ id: 'getProfile', method: 'get', path, right: 'see', status: 200 },
    summary: 'one profile',
    ...{ at: byName, query: nothing, body: null, answer: PROFILE },
    work: async ({ core, at }) => showProfile(core, at.tenant, at.name),
  }),
  operation({
    ...about,
    ...{ id: 'changeProfile', method: 'patch', path, right: 'change', status: 200 },
    summary: 'change what is named; phones have it at their next fetch',
    ...{ at: byName, query: nothing, answer: PROFILE },
    body: z.strictObject({ name: text.exactOptional(), ...ways }),
    work: async ({ core, facts, at, body }) => changeProfile(core, known(facts), at.tenant, at.name, body),
  }),
  operation({
    ...about,
    ...{ id: 'removeProfile', method: 'delete', path, right: 'change', status: 204 },
    summary: 'remove a profile that nobody has',
    ...{ at: byName, query: nothing, body: null, answer: null },
    work: async ({ core, at }) => removeProfile(core, at.tenant, at.name),
  }),
] as const;
