import { z } from 'zod';
import { effectiveOfUser } from '../administration/effective.ts';
import {
  addUser,
  changeUser,
  newPin,
  removeUser,
  searchUsers,
  showUser,
  unlockUser,
  userByExtension,
} from '../administration/users.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { SelfprovError } from '../domain/errors.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { LONGEST_SEARCH } from './deviceFilter.ts';
import { operation, type Asked } from './operation.ts';
import { extension, inTenant, macShown, nothing, pageOf, paging, SETTING, settingTexts, time } from './schemas.ts';

const USER = z
  .object({
    extension,
    endpoint: z.string().meta({ description: 'name of its PJSIP endpoint' }),
    adopted: z
      .enum(['slots', 'password'])
      .nullable()
      .meta({ description: 'how, where the endpoint is of your own files' }),
    loginId: z.string().nullable().meta({ description: 'what it may be known by in a call instead of the extension' }),
    provisioningId: z.string().nullable().meta({ description: 'the same, for self-provisioning alone' }),
    hasPassword: z.boolean(),
    name: z.string(),
    profile: z.string(),
    selfProvisioning: z.boolean().meta({ description: 'whether this user may set up phones' }),
    devices: z.array(macShown),
    locked: z.boolean().meta({ description: 'by wrong PINs' }),
    lockedUntil: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'User' });

const texts = settingTexts(LINE_SETTINGS, DEVICE_SETTINGS);
const ways = {
  loginId: z.string().nullable().exactOptional(),
  provisioningId: z.string().nullable().exactOptional(),
  password: z.string().nullable().exactOptional().meta({ description: 'digits, as good as the PIN' }),
  profile: z.string().exactOptional(),
  settings: texts.exactOptional(),
};
const one = inTenant.extend({ extension });
type AtUser = z.output<typeof one>;

const found = ({ core, at }: Pick<Asked<AtUser, unknown, unknown>, 'core' | 'at'>) =>
  userByExtension(core, at.tenant, at.extension);
const about = { tag: 'users' } as const;

export const USERS = [
  operation({
    ...about,
    ...{ id: 'listUsers', method: 'get', path: '/tenants/{tenant}/users', right: 'see', status: 200 },
    summary: 'users, by extension',
    at: inTenant,
    query: paging.extend({
      search: z.string().max(LONGEST_SEARCH).default('').meta({ description: 'part of the extension or the name' }),
      locked: z.enum(['true', 'false']).exactOptional(),
    }),
    body: null,
    answer: pageOf(USER),
    async work({ core, at, query: { search, locked, limit, after } }) {
      // One more says whether there are any behind.
      const found = await searchUsers(core, {
        ...{ tenantId: at.tenant, text: search, limit: limit + 1 },
        ...(locked === undefined ? {} : { locked: locked === 'true' }),
        ...(after === undefined ? {} : { after }),
      });
      const items = found.slice(0, limit);
      return { items, next: found.length <= limit ? null : (items.at(-1)?.extension ?? null) };
    },
  }),
  operation({
    ...about,
    ...{ id: 'addUser', method: 'post', path: '/tenants/{tenant}/users', right: 'change', status: 201 },
    summary: 'add a user; the answer has the PIN, which is not shown again',
    once: ['pin'],
    at: inTenant,
    query: nothing,
    body: z.strictObject({
      extension,
      name: z.string(),
      pin: z.string().exactOptional().meta({ description: 'instead of one that is made up' }),
      ...ways,
    }),
    answer: z.object({ ...USER.shape, pin: z.string(), warning: z.string().nullable() }).meta({ id: 'NewUser' }),
    location: ({ extension: number }: { extension: string }, { tenant }: { tenant: string }) =>
      `/tenants/${tenant}/users/${number}`,
    ask: ({ facts, at, body }) => facts.checkNumbers(at.tenant, [body.extension]),
    async work({ core, at: { tenant: tenantId }, body: { settings: given = {}, ...body }, told }) {
      const { refusal, warning = null } = told.get(body.extension) ?? {};
      if (refusal !== undefined) throw new SelfprovError('conflict', refusal);
      const { user, pin } = await addUser(core, { tenantId, ...present(body), texts: given });
      return { ...(await showUser(core, user)), pin: pin.reveal(), warning };
    },
  }),
  operation({
    ...about,
    ...{ id: 'getUser', method: 'get', path: '/tenants/{tenant}/users/{extension}', right: 'see', status: 200 },
    summary: 'one user',
    ...{ at: one, query: nothing, body: null, answer: USER },
    work: async (asked) => showUser(asked.core, await found(asked)),
  }),
  operation({
    ...about,
    ...{ id: 'changeUser', method: 'patch', path: '/tenants/{tenant}/users/{extension}', right: 'change', status: 200 },
    summary: 'change what is named; phones have it at their next fetch',
    ...{ at: one, query: nothing },
    body: z.strictObject({ name: z.string().exactOptional(), selfProvisioning: z.boolean().exactOptional(), ...ways }),
    answer: USER,
    async work(asked) {
      const { settings: given = {}, ...body } = asked.body;
      return showUser(asked.core, await changeUser(asked.core, await found(asked), { ...body, texts: given }));
    },
  }),
  operation({
    ...about,
    ...{
      id: 'removeUser',
      method: 'delete',
      path: '/tenants/{tenant}/users/{extension}',
      right: 'change',
      status: 204,
    },
    summary: 'remove a user; the phones go back to their default lines',
    ...{ at: one, query: nothing, body: null, answer: null },
    async work(asked) {
      const user = await found(asked);
      if (user.adoption?.kind === 'slots')
        throw new SelfprovError(
          'conflict',
          `the endpoint of ${user.extension} is of your own files, which name its phones: "selfprov user remove" tells Asterisk too`,
        );
      await removeUser(asked.core, user);
    },
  }),
  operation({
    ...about,
    ...{ id: 'getUserSettings', method: 'get', path: '/tenants/{tenant}/users/{extension}/settings' },
    ...{ right: 'see', status: 200 },
    summary: 'the settings as they hold, and who says so; secrets are masked',
    ...{ at: one, query: nothing, body: null, answer: z.array(SETTING) },
    work: async (asked) => effectiveOfUser(asked.core, await found(asked)),
  }),
  operation({
    ...about,
    ...{ id: 'newPin', method: 'post', path: '/tenants/{tenant}/users/{extension}/pin', right: 'help', status: 200 },
    summary: 'give a user a new PIN, which is not shown again; the extension is unlocked',
    once: ['pin'],
    ...{ at: one, query: nothing },
    body: z.strictObject({ pin: z.string().exactOptional() }),
    answer: z.object({ extension, pin: z.string() }).meta({ id: 'NewPin' }),
    async work(asked) {
      const pin = await newPin(asked.core, await found(asked), asked.body.pin);
      return { extension: asked.at.extension, pin: pin.reveal() };
    },
  }),
  operation({
    ...about,
    ...{ id: 'unlockUser', method: 'post', path: '/tenants/{tenant}/users/{extension}/unlock' },
    ...{ right: 'help', status: 200 },
    summary: 'forget the wrong PINs counted for a user',
    ...{ at: one, query: nothing, body: null, answer: USER },
    async work(asked) {
      const user = await found(asked);
      await unlockUser(asked.core, user);
      return showUser(asked.core, user);
    },
  }),
] as const;

/** `null` is what is not said, where something is new. */
function present<T extends object>(body: T): { [Name in keyof T]: NonNullable<T[Name]> } {
  const said = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(said) as { [Name in keyof T]: NonNullable<T[Name]> };
}
