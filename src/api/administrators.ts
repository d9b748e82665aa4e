import { z } from 'zod';
import {
  addAdministrator,
  administratorOf,
  changeAdministrator,
  invite,
  listAdministrators,
  removeAdministrator,
} from '../administration/administrators.ts';
import { checkMay } from '../administration/apiTokens.ts';
import { ROLES, type Role, type Visitor } from '../domain/access.ts';
import { operation, type Asked } from './operation.ts';
import { nothing, pageIn, pageOf, paging, time } from './schemas.ts';

const role = z.enum(Object.keys(ROLES) as [Role, ...Role[]]);
const ADMINISTRATOR = z
  .object({
    name: z.string(),
    role,
    tenantId: z.string().nullable().meta({ description: 'the only tenant that this one is for; `null`: all' }),
    hasPassword: z.boolean().meta({ description: 'whether one has been chosen' }),
    createdAt: time,
  })
  .meta({ id: 'Administrator' });
const link = {
  link: z.string().meta({ description: 'where a password is chosen, once' }),
  linkExpiresAt: time,
};

const one = z.strictObject({ name: z.string() });
const about = { tag: 'access', query: nothing, right: 'access', isForAll: true } as const;
const path = '/administrators/{name}';

/** Rejects unless this visitor may itself all that the role may. */
function checkNoMore(visitor: Visitor, wanted: Role, of: string | null): void {
  for (const right of ROLES[wanted]) checkMay(visitor, right, of);
}

/** Rejects for one who is of another tenant, or may more than who asks: a link, or another role, would be a way to that. */
async function checkBelow({
  core,
  visitor,
  at,
}: Pick<Asked<z.output<typeof one>, unknown, unknown>, 'core' | 'visitor' | 'at'>) {
  const found = await administratorOf(core.store, visitor.tenantId, at.name);
  checkNoMore(visitor, found.role, found.tenantId);
  return found;
}

async function invited(
  { core, facts, visitor }: Pick<Asked<unknown, unknown, unknown>, 'core' | 'facts' | 'visitor'>,
  name: string,
) {
  const { token, expiresAt } = await invite(core, visitor.tenantId, name);
  return { link: facts.linkOf(token), linkExpiresAt: expiresAt };
}

export const ADMINISTRATORS = [
  operation({
    ...about,
    ...{ id: 'listAdministrators', method: 'get', path: '/administrators', status: 200, query: paging },
    summary: 'people who sign in on the page, by name; of your tenant, where you have one',
    ...{ at: nothing, body: null, answer: pageOf(ADMINISTRATOR) },
    work: async ({ core, visitor, query }) =>
      pageIn(await listAdministrators(core, visitor.tenantId), query, ({ name }) => name),
  }),
  operation({
    ...about,
    ...{ id: 'addAdministrator', method: 'post', path: '/administrators', status: 201 },
    summary: 'add one, with no right that you have not; the link by which a password is chosen is not shown again',
    once: ['link'],
    at: nothing,
    body: z.strictObject({ name: z.string(), role, tenantId: z.string().nullable().default(null) }),
    answer: z.object({ ...ADMINISTRATOR.shape, ...link }).meta({ id: 'NewAdministrator' }),
    location: ({ name }: { name: string }) => `/administrators/${encodeURIComponent(name)}`,
    async work(asked) {
      const { core, visitor, body } = asked;
      checkNoMore(visitor, body.role, body.tenantId);
      const added = await addAdministrator(core, body);
      return { ...added, ...(await invited(asked, added.name)) };
    },
  }),
  operation({
    ...about,
    ...{ id: 'getAdministrator', method: 'get', path, status: 200 },
    summary: 'one administrator',
    ...{ at: one, body: null, answer: ADMINISTRATOR },
    async work({ core, visitor, at }) {
      const { passwordHash, ...rest } = await administratorOf(core.store, visitor.tenantId, at.name);
      return { ...rest, hasPassword: passwordHash !== null };
    },
  }),
  operation({
    ...about,
    ...{ id: 'changeAdministrator', method: 'patch', path, status: 200 },
    summary: 'give another role; whoever is signed in goes on with it',
    ...{ at: one, body: z.strictObject({ role }), answer: ADMINISTRATOR },
    async work(asked) {
      const { core, visitor, at, body } = asked;
      const { tenantId } = await checkBelow(asked);
      checkNoMore(visitor, body.role, tenantId);
      return changeAdministrator(core, visitor.tenantId, at.name, body);
    },
  }),
  operation({
    ...about,
    ...{ id: 'removeAdministrator', method: 'delete', path, status: 204 },
    summary: 'sign one out, for ever',
    ...{ at: one, body: null, answer: null },
    async work(asked) {
      await checkBelow(asked);
      await removeAdministrator(asked.core, asked.visitor.tenantId, asked.at.name);
    },
  }),
  operation({
    ...about,
    ...{ id: 'inviteAdministrator', method: 'post', path: `${path}/invite`, status: 200 },
    summary: 'another link, for a password that is lost; the links before are worth nothing then',
    once: ['link'],
    ...{ at: one, body: null, answer: z.object({ name: z.string(), ...link }).meta({ id: 'Invitation' }) },
    async work(asked) {
      const { name } = await checkBelow(asked);
      return { name, ...(await invited(asked, name)) };
    },
  }),
] as const;
