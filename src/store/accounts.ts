import { defaultAccount, userAccount, type Account } from '../domain/account.ts';
import { isDefaultLine, type Line } from '../domain/device.ts';
import { readDefaultLineSettings, readUserLineSettings } from '../domain/levels.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import { readOnce } from '../domain/readOnce.ts';
import { valuesOf } from '../domain/settings.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table } from './table.ts';

/** What changes accounts; the only ways to write those tables. */
type Writes = Pick<
  Store,
  | 'addLine'
  | 'removeLine'
  | 'removeDevice'
  | 'updateDevice'
  | 'updateUser'
  | 'updateTenant'
  | 'updateProfile'
  | 'updateLineTemplate'
>;

export const ACCOUNT_WRITES: readonly (keyof Writes)[] = [
  'addLine',
  'removeLine',
  'removeDevice',
  'updateDevice',
  'updateUser',
  'updateTenant',
  'updateProfile',
  'updateLineTemplate',
];

/** The same, and each tells the endpoints whose account may have changed. */
export function noting(all: Writes & Omit<Store, 'transaction'>, touched: (endpoint: string) => void): Writes {
  const touch = (endpoints: readonly string[]): void => endpoints.forEach(touched);
  return {
    addLine(line) {
      touch([line.endpoint]);
      return all.addLine(line);
    },
    async removeLine(id) {
      touch([(await all.line(id))?.endpoint ?? ''].filter(Boolean));
      await all.removeLine(id);
    },
    async removeDevice(mac) {
      touch((await all.lines(mac)).map(({ endpoint }) => endpoint));
      await all.removeDevice(mac);
    },
    async updateDevice(mac, change) {
      await all.updateDevice(mac, change);
      if (change.tenantId === undefined && change.family === undefined) return;
      touch((await all.lines(mac)).map(({ endpoint }) => endpoint));
    },
    async updateUser(id, change) {
      await all.updateUser(id, change);
      touch((await all.linesOfUser(id)).map(({ endpoint }) => endpoint));
    },
    async updateTenant(id, change) {
      await all.updateTenant(id, change);
      touch(await all.endpointsOf({ tenantId: id }));
    },
    async updateProfile(id, change) {
      await all.updateProfile(id, change);
      touch(await all.endpointsOf({ profileId: id }));
    },
    async updateLineTemplate(id, change) {
      await all.updateLineTemplate(id, change);
      touch(await all.endpointsOf({ lineTemplateId: id }));
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
    },
    sealer,
  );

  return async (query: Query, source: Source, endpoint: string): Promise<void> => {
    const account = await accountOf(source, endpoint);
    if (account === undefined) return query.remove(accounts, { id: endpoint });
    await query.put(accounts, accounts.toRow(account), ['id']);
  };
}

/** `undefined` when no line has this endpoint. */
async function accountOf(source: Source, endpoint: string): Promise<Account | undefined> {
  const lines = await source.linesOfEndpoint(endpoint);
  const [line] = lines;
  if (line === undefined) return undefined;
  return isDefaultLine(line) ? ofNobody(source, line) : ofUser(source, line.userId ?? '', lines);
}

async function ofUser(source: Source, userId: string, lines: readonly Line[]): Promise<Account> {
  const user = orNotFound(await source.user(userId), 'user of this line');
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
  return {
    ...source,
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
