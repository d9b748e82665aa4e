import { writeCsv } from '../../csv/writeCsv.ts';
import {
  lacksRoom,
  mostSlots,
  othersAuths,
  SECTION_NAME,
  whyNotAdoptable,
  type Adoption,
  type EndpointFacts,
} from '../../domain/adoption.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import { secretText, text, whole } from '../../domain/settingKinds.ts';
import { endpointFor, extensionOf, type Tenant } from '../../domain/tenant.ts';
import type { User } from '../../domain/user.ts';
import type { Kind, Wrong } from './kind.ts';
import { usersKind, type UserDraft, type UserLine, type UserPlan } from './users.ts';

const ENDPOINT = text('', 'name', SECTION_NAME, 'the name of an endpoint');
const SIP_USER = text('', 'name', SECTION_NAME, 'the user name of an auth');
const SIP_PASSWORD = secretText('', 80);
const SLOTS = whole('', 'phones', 1, 100);

/**
 * The table of users whose endpoints the administrator keeps: those of Asterisk are `endpoints`, by name. A user who is adopted
 * already gets other slots.
 */
export async function adoptionsKind(
  store: Store,
  tenantId: string,
  endpoints: ReadonlyMap<string, EndpointFacts>,
): Promise<Kind<UserDraft, UserPlan, UserLine>> {
  const users = await usersKind(store, tenantId);
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const limits = new Map((await store.profiles(tenantId)).map(({ id, phoneLimit }) => [id, phoneLimit]));
  const before = new Map((await store.users(tenantId)).map((user) => [user.extension, user]));

  function plan(draft: UserDraft, wrong: Wrong): UserPlan {
    const { extension } = draft;
    const known = before.get(extension);
    const name = known?.endpoint ?? draft.endpoint ?? endpointFor(tenant, extension);
    const facts = endpoints.get(name);
    const callerName = facts?.callerName ?? '';
    const planned = users.plan(
      known === undefined && draft.name === undefined ? { ...draft, name: callerName || extension } : draft,
      wrong,
    );
    const why = facts === undefined ? 'Asterisk has none of this name' : whyNotAdoptable(facts);
    if (known?.adoption === null) wrong('extension', `${extension} is a user of selfprov's own endpoint already`);
    if (draft.endpoint !== undefined && draft.endpoint !== name)
      wrong('endpoint', `${extension} is a user of endpoint ${name} already`);
    if (why !== undefined) wrong('endpoint', `endpoint ${name}: ${why}`);
    if (facts === undefined) return planned;
    const adoption = adoptionOf(draft, facts, planned.user.after, wrong);
    return withAdoption(
      planned,
      name,
      adoption,
      adoption.kind === 'slots' ? lacksRoom(facts, adoption.slots) : undefined,
    );
  }

  function adoptionOf(
    { slots, sipUser, sipPassword }: UserDraft,
    facts: EndpointFacts,
    { profileId, adoption: has }: Pick<User, 'profileId' | 'adoption'>,
    wrong: Wrong,
  ): Adoption {
    if ((sipUser === undefined) !== (sipPassword === undefined))
      wrong('sip-password', 'a user name and its password belong together: sip-user and sip-password');
    if (sipUser !== undefined && sipPassword !== undefined)
      return { kind: 'password', authName: sipUser, password: sipPassword };
    if (has?.kind === 'password' && slots === undefined) return has;
    // What has been given stays: a phone may have each.
    const atLeast = has?.kind === 'slots' ? has.slots : 1;
    // What Asterisk says of one that is adopted is what we have told it.
    const auths = has?.kind === 'slots' ? has.auths : othersAuths(facts);
    const most = mostSlots(facts.name, auths);
    if (slots !== undefined && slots > most)
      wrong(
        'slots',
        `no more than ${most} phones of ours fit at ${facts.name}: Asterisk cuts the list of its credentials off`,
      );
    return { kind: 'slots', slots: Math.max(Math.min(slots ?? limits.get(profileId) ?? 1, most), atLeast), auths };
  }

  return { ...users, columns: [...users.columns, ...COLUMNS], plan };
}

const COLUMNS: Kind<UserDraft, UserPlan, UserLine>['columns'] = [
  { name: 'endpoint', read: (draft, cell) => ({ ...draft, endpoint: ENDPOINT.read(cell) }) },
  { name: 'slots', read: (draft, cell) => ({ ...draft, slots: SLOTS.read(cell) }) },
  { name: 'sip-user', read: (draft, cell) => ({ ...draft, sipUser: SIP_USER.read(cell) }) },
  { name: 'sip-password', read: (draft, cell) => ({ ...draft, sipPassword: SIP_PASSWORD.read(cell) }) },
];

function withAdoption(planned: UserPlan, endpoint: string, adoption: Adoption, warning: string | undefined): UserPlan {
  const { after, detail } = planned.user;
  const isSame = sameAdoption(after.adoption, adoption);
  const told = isSame
    ? {}
    : { endpoint, ...(adoption.kind === 'slots' ? { slots: adoption.slots } : { sipUser: adoption.authName }) };
  const fields = { ...planned.fields, ...told, ...(warning === undefined ? {} : { warning }) };
  if (planned.what === 'new')
    return {
      ...planned,
      fields,
      user: { after: { ...planned.user.after, endpoint, adoption }, detail: { ...detail, ...told } },
    };
  const what = planned.what === 'unchanged' && isSame ? 'unchanged' : 'changed';
  return {
    ...planned,
    what,
    fields,
    user: { after: { ...planned.user.after, adoption }, detail: { ...detail, ...told } },
  };
}

function sameAdoption(one: Adoption | null, other: Adoption): boolean {
  const passwords = [one, other].map((each) => (each?.kind === 'password' ? each.password.reveal() : null));
  return passwords[0] === passwords[1] && JSON.stringify(one) === JSON.stringify(other);
}

/** The columns that tell of one user, besides those of every user. */
export const ADOPTION_COLUMNS = [
  'extension',
  'endpoint',
  'name',
  'pin',
  'profile',
  'slots',
  'sip-user',
  'sip-password',
] as const;

/** A table of one line; what is missing is an empty cell. */
export function tableOfOne(user: {
  readonly extension: string;
  readonly endpoint?: string | undefined;
  readonly name?: string | undefined;
  readonly pin?: string | undefined;
  readonly profile?: string | undefined;
  readonly slots?: string | undefined;
  readonly sipUser?: string | undefined;
  readonly sipPassword?: string | undefined;
}): Uint8Array {
  const { extension, endpoint, name, pin, profile, slots, sipUser, sipPassword } = user;
  const cells = [extension, endpoint, name, pin, profile, slots, sipUser, sipPassword].map((cell) => cell ?? '');
  return Buffer.from(writeCsv(ADOPTION_COLUMNS, [cells]));
}

/** Every endpoint that can be adopted and has the name of an extension of this tenant; the others are told with the reason. */
export function tableOfAll(
  tenant: Pick<Tenant, 'endpointPattern'>,
  endpoints: readonly EndpointFacts[],
): { readonly file: Uint8Array; readonly leftAlone: readonly string[] } {
  const all = endpoints.map((facts) => {
    const extension = extensionOf(tenant, facts.name);
    const why = whyNotAdoptable(facts) ?? (extension === undefined ? 'its name is not an extension' : undefined);
    return { name: facts.name, extension, why };
  });
  const rows = all.flatMap(({ extension, name, why }) =>
    why === undefined && extension !== undefined ? [[extension, name]] : [],
  );
  const leftAlone = all.flatMap(({ name, why }) => (why === undefined ? [] : `${name} is left alone: ${why}.`));
  return { file: Buffer.from(writeCsv(['extension', 'endpoint'], rows)), leftAlone };
}
