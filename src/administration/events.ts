import type { Event } from '../domain/journal.ts';
import type { Mac } from '../domain/mac.ts';
import type { Core } from './core.ts';
import { userByExtension } from './users.ts';

/** The latest events, newest last. Rejects with `not_found` for an extension that is no user's. */
export async function listEvents(
  core: Core,
  tenantId: string,
  filter: { readonly mac?: Mac; readonly extension?: string; readonly limit: number },
): Promise<readonly Event[]> {
  const { mac, extension, limit } = filter;
  const user = extension === undefined ? undefined : await userByExtension(core, tenantId, extension);
  return core.store.events({
    limit,
    ...(mac === undefined ? {} : { mac }),
    ...(user === undefined ? {} : { userId: user.id }),
  });
}
