import { defaultAccount, userAccount, type Account } from '../domain/account.ts';
import { isDefaultLine, type Line } from '../domain/device.ts';
import { readDefaultLineSettings, readUserLineSettings } from '../domain/levels.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import { readOnce } from '../domain/readOnce.ts';
import { valuesOf } from '../domain/settings.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import type { AccountPart } from './staleAccounts.ts';
import { table } from './table.ts';

/** What changes accounts; the only ways to write those tables. */
type Writes = Pick<
  Store,
  | 'addLine'
  | 'updateLine'
  | 'removeLine'
  | 'removeDevice'
  | 'updateDevice'
  | 'updateUser'
  | 'updateTenant'
  | 'updateProfile'
  | 'updateLineTemplate'
>;

type Reads = Pick<Store, 'line' | 'lines' | 'linesOfUser' | 'endpointsOf'>;

/** The same, and each tells the endpoints whose account may have changed. */
export function noting(of: Writes & Reads, touched: (endpoint: string) => void): Writes {
  const { addLine, updateLine, removeLine, removeDevice, updateDevice, updateUser, updateTenant, updateProfile } = of;
  const { updateLineTemplate, line: lineById, lines: linesOf, linesOfUser, endpointsOf } = of;
  const touch = (endpoints: readonly string[]): void => endpoints.forEach(touched);
  return {
    addLine(line) {
      touch([line.endpoint]);
      return addLine(line);
    },
    async updateLine(id, change) {
      if (change.former !== undefined) touch([(await lineById(id))?.endpoint ?? ''].filter(Boolean));
      await updateLine(id, change);
    },
    async removeLine(id) {
      touch([(await lineById(id))?.endpoint ?? ''].filter(Boolean));
      await removeLine(id);
    },
    async removeDevice(mac) {
      touch((await linesOf(mac)).map(({ endpoint }) => endpoint));
      await removeDevice(mac);
    },
    async updateDevice(mac, change) {
      await updateDevice(mac, change);
      if (change.tenantId === undefined && change.family === undefined) return;
      touch((await linesOf(mac)).map(({ endpoint }) => endpoint));
    },
    async updateUser(id, change) {
      await updateUser(id, change);
      touch((await linesOfUser(id)).map(({ endpoint }) => endpoint));
    },
    async updateTenant(id, change) {
      await updateTenant(id, change);
      touch(await endpointsOf({ tenantId: id }));
    },
    async updateProfile(id, change) {
      await updateProfile(id, change);
      touch(await endpointsOf({ profileId: id }));
    },
    async updateLineTemplate(id, change) {
      await updateLineTemplate(id, change);
      touch(await endpointsOf({ lineTemplateId: id }));
    },
  };
}

type Source = Pick<Store, 'linesOfEndpoint' | 'device' | 'user' | 'tenant' | 'profile' | 'lineTemplate'>;

/**
 * What Asterisk reads: one row for each endpoint that has a line. It follows from the other tables, and is written by the
 * transaction that changes them, so that no administrator's verb and no use case has to think of it.
 */
export function accountsIn(sealer: Sealer) {
  const accounts = table<Account>(
    'accounts',
    {
      id: 'text',
      auths: 'text',
      context: 'text',
      codecs: 'text',
      encryption: 'text',
      callerId: 'text',
      mailboxes: 'text',
      isUsers: 'text',
      mostContacts: 'number',
      expiry: 'number',
      longestExpiry: 'number',
      options: 'json',
    },
    sealer,
  );

  /** Resolves with the parts of it that are gone. */
  return async (query: Query, source: Source, endpoint: string): Promise<readonly AccountPart[]> => {
    const before = await query.find(accounts, { id: endpoint });
    const account = await accountOf(source, endpoint);
    if (account === undefined) await query.remove(accounts, { id: endpoint });
    else await query.put(accounts, accounts.toRow(account), ['id']);
    return before === undefined ? [] : gone(before, account);
  };
}

function gone(before: Account, account: Account | undefined): readonly AccountPart[] {
  const authsOf = ({ auths }: Account): readonly string[] => auths.split(',');
  const still = account === undefined ? [] : authsOf(account);
  const auths = authsOf(before).filter((name) => !still.includes(name));
  return [
    ...auths.map((name) => ({ kind: 'auth', name }) as const),
    ...(account === undefined ? (['endpoint', 'aor'] as const).map((kind) => ({ kind, name: before.id })) : []),
  ];
}

/** `undefined` when no line has this endpoint, or the administrator keeps it. */
async function accountOf(source: Source, endpoint: string): Promise<Account | undefined> {
  const lines = await source.linesOfEndpoint(endpoint);
  const [line] = lines;
  if (line === undefined) return undefined;
  return isDefaultLine(line) ? ofNobody(source, line) : ofUser(source, line.userId ?? '', lines);
}

async function ofUser(source: Source, userId: string, lines: readonly Line[]): Promise<Account | undefined> {
  const user = orNotFound(await source.user(userId), 'user of this line');
  // Its endpoint stands in a file of Asterisk's own.
  if (user.adoption !== null) return undefined;
  const profile = orNotFound(await source.profile(user.profileId), 'user profile');
  return userAccount(user, profile, lines, valuesOf(await readUserLineSettings(source, user, profile)));
}

async function ofNobody(source: Source, line: Line): Promise<Account> {
  const device = orNotFound(await source.device(line.mac), 'device of this line');
  const tenant = orNotFound(await source.tenant(device.tenantId), 'tenant');
  return defaultAccount(line, tenant, valuesOf(await readDefaultLineSettings(source, tenant, device.family)));
}

/** Thousands of accounts share a tenant, a profile and a template: each is read once. */
export function remembering(source: Source): Source {
  const { linesOfEndpoint, device, user } = source;
  return {
    ...{ linesOfEndpoint, device, user },
    tenant: readOnce(source.tenant),
    profile: readOnce(source.profile),
    lineTemplate: readOnce(source.lineTemplate),
  };
}

/** What phones have in common, each of it read once until it is forgotten. */
export function rememberingUntil(
  source: Source & Pick<Store, 'site'>,
): Pick<Source, 'tenant'> & Pick<Store, 'site'> & { readonly forget: () => void } {
  let [tenant, site] = [readOnce(source.tenant), readOnce(source.site)];
  return {
    tenant: (id) => tenant(id),
    site: () => site(''),
    forget() {
      [tenant, site] = [readOnce(source.tenant), readOnce(source.site)];
    },
  };
}
