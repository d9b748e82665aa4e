import { z } from 'zod';
import { addApiToken, listApiTokens, removeApiToken } from '../administration/apiTokens.ts';
import { changePassword, ownerOfPassword } from '../administration/signIn.ts';
import { RIGHTS, SCOPES, type Right, type Scope } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { operation } from './operation.ts';
import { nothing, time } from './schemas.ts';

const DAY_MS = 24 * 60 * 60_000;
const scope = z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]]);

const TOKEN = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    tenantId: z.string().nullable().meta({ description: 'the only tenant that it is for; `null`: all' }),
    createdAt: time,
    expiresAt: time.nullable(),
    usedAt: time.nullable().meta({ description: 'to the minute' }),
  })
  .meta({ id: 'Token' });
const ME = z
  .object({
    actor: z.string().meta({ description: 'how events name you', example: 'api:ansible' }),
    rights: z.array(z.enum(Object.keys(RIGHTS) as [Right, ...Right[]])),
    tenantId: z.string().nullable(),
    hasPassword: z
      .boolean()
      .meta({ description: 'whether you have signed in here, and have a password that you can change' }),
  })
  .meta({ id: 'Me' });

const about = { tag: 'access' } as const;
const here = { at: nothing, query: nothing } as const;

export const TOKENS = [
  operation({
    ...about,
    ...{ id: 'whoAmI', method: 'get', path: '/me', right: 'see', isForAll: true, status: 200 },
    summary: 'what you may do',
    ...{ ...here, body: null, answer: ME },
    async work({ core, visitor }) {
      const { actor, rights, tenantId } = visitor;
      return {
        actor,
        rights: [...rights],
        tenantId,
        hasPassword: (await ownerOfPassword(core, visitor)) !== undefined,
      };
    },
  }),
  operation({
    ...about,
    ...{ id: 'changePassword', method: 'put', path: '/me/password', right: 'see', isForAll: true, status: 204 },
    summary: 'have another password, where you have signed in with one; you are signed out everywhere else',
    ...{ ...here, answer: null },
    body: z.strictObject({
      password: z.string().meta({ description: 'the one that you have now' }),
      newPassword: z.string().meta({ description: '12 to 200 characters' }),
    }),
    work: async ({ core, visitor, body: { password, newPassword } }) =>
      changePassword(core, visitor, { password: new Secret(password), newPassword: new Secret(newPassword) }),
  }),
  operation({
    ...about,
    ...{ id: 'listTokens', method: 'get', path: '/tokens', right: 'access', isForAll: true, status: 200 },
    summary: 'tokens of programs, by name; of your tenant, where you have one',
    ...{ ...here, body: null, answer: z.object({ items: z.array(TOKEN) }) },
    work: async ({ core, visitor }) => ({ items: await listApiTokens(core, visitor.tenantId) }),
  }),
  operation({
    ...about,
    ...{ id: 'addToken', method: 'post', path: '/tokens', right: 'access', isForAll: true, status: 201 },
    summary: 'make a token, which is not shown again; it can have no right that you have not',
    once: ['token'],
    ...here,
    body: z.strictObject({
      name: z.string(),
      scopes: z.array(scope).min(1),
      tenantId: z.string().nullable().default(null),
      days: z.number().int().nullable().default(90).meta({ description: 'how long it lasts; `null`: for ever' }),
    }),
    answer: z.object({ ...TOKEN.shape, token: z.string() }).meta({ id: 'NewToken' }),
    location: ({ name }: { name: string }) => `/tokens/${name}`,
    async work({ core, visitor, body: { name, scopes, tenantId, days } }) {
      const lacking = scopes
        .flatMap((each): readonly Right[] => SCOPES[each])
        .find((right) => !visitor.rights.has(right));
      if (lacking !== undefined || (visitor.tenantId !== null && visitor.tenantId !== tenantId))
        throw new SelfprovError('unauthorized', 'a token can have no right that you have not', { reason: 'forbidden' });
      const lasts = days === null ? null : days * DAY_MS;
      const { token, ...made } = await addApiToken(core, { name, scopes, tenantId, lasts });
      return { ...made, token: token.reveal() };
    },
  }),
  operation({
    ...about,
    ...{ id: 'removeToken', method: 'delete', path: '/tokens/{name}', right: 'access', isForAll: true, status: 204 },
    summary: 'nobody gets in with it any more',
    ...{ at: z.strictObject({ name: z.string() }), query: nothing, body: null, answer: null },
    work: async ({ core, visitor, at }) => removeApiToken(core, visitor.tenantId, at.name),
  }),
] as const;
