import { writeCsv } from '../csv/writeCsv.ts';
import { SelfprovError } from '../domain/errors.ts';
import { mayBeAbove, STEPS, type Event, type Step } from '../domain/journal.ts';
import { inJson } from '../domain/inJson.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import type { EventFilter } from '../domain/ports.ts';
import type { Instant } from '../domain/time.ts';
import type { Core } from './core.ts';
import { userByExtension } from './users.ts';

/** What events are looked for by; each part may be missing. */
export interface EventsWanted {
  readonly mac?: Mac;
  readonly extension?: string;
  /** As shown: `not fetched` and `not_fetched` are one. */
  readonly step?: string;
  readonly actor?: string;
  readonly from?: Instant;
  readonly until?: Instant;
  /** Those of a device, too, only as far as they happened in this tenant, and none from above it. */
  readonly isWithin?: boolean;
}

const PAGE = 5000;
const COLUMNS = ['id', 'at', 'step', 'tenant', 'mac', 'extension', 'actor', 'address', 'detail'];

/**
 * The latest events of a tenant, newest last; of a device, wherever it was. Rejects with `not_found` for an extension that is
 * no user's, and with `invalid` for a step that there is not.
 */
export async function listEvents(
  core: Core,
  tenantId: string,
  wanted: EventsWanted & { readonly limit: number; readonly beforeId?: string },
): Promise<readonly Event[]> {
  const { limit, beforeId } = wanted;
  const before = beforeId === undefined ? {} : { beforeId };
  return core.store.events({ ...(await filterOf(core, tenantId, wanted)), ...before, limit });
}

/** All of them, newest first, as a table or as one JSON object a line; a page at a time. */
export async function* exportEvents(
  core: Core,
  tenantId: string,
  wanted: EventsWanted,
  format: 'csv' | 'jsonl',
): AsyncGenerator<string> {
  const filter = await filterOf(core, tenantId, wanted);
  const extensions = new Map((await core.store.users(tenantId)).map(({ id, extension }) => [id, extension]));
  const extensionOf = ({ userId, detail }: Event): string =>
    (userId === null ? undefined : extensions.get(userId)) ?? String(detail['extension'] ?? '');
  if (format === 'csv') yield writeCsv(COLUMNS, []);
  for (let page = {}; ;) {
    const events = await core.store.events({ ...filter, ...page, limit: PAGE });
    const seen = events.filter((event) => wanted.isWithin !== true || !mayBeAbove(event));
    const newestFirst = seen.toReversed();
    if (format === 'jsonl') yield newestFirst.map((event) => `${inJson(event)}\n`).join('');
    else yield rowsOf(newestFirst.map((event) => ({ event, extension: extensionOf(event) })));
    const [oldest] = events;
    if (oldest === undefined || events.length < PAGE) return;
    page = { beforeId: oldest.id };
  }
}

function rowsOf(all: readonly { readonly event: Event; readonly extension: string }[]): string {
  const rows = all.map(({ event: { id, at, step, tenantId, mac, actor, address, detail }, extension }) => [
    ...[id, new Date(at).toISOString(), step, tenantId, mac === null ? '' : formatMac(mac)],
    ...[extension, actor, address ?? '', inJson(detail)],
  ]);
  return rows.length === 0 ? '' : writeCsv(null, rows);
}

async function filterOf(core: Core, tenantId: string, wanted: EventsWanted): Promise<Omit<EventFilter, 'limit'>> {
  const { mac, extension, step, actor, from, until, isWithin } = wanted;
  const user = extension === undefined ? undefined : await userByExtension(core, tenantId, extension);
  return {
    ...(mac === undefined || isWithin === true ? { tenantId } : {}),
    ...(mac === undefined ? {} : { mac }),
    ...(user === undefined ? {} : { userId: user.id }),
    ...(step === undefined ? {} : { step: stepNamed(step) }),
    ...(actor === undefined ? {} : { actor }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
}

function stepNamed(name: string): Step {
  const found = STEPS.find((step) => step === name.trim().toLowerCase().replaceAll(/[ -]/g, '_'));
  if (found !== undefined) return found;
  throw new SelfprovError('invalid', `there is no step ${name}; there are: ${STEPS.join(', ')}`);
}
