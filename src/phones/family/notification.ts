import type { Notification } from '../../domain/ports.ts';
import type { Families } from './family.ts';

/** What nearly every phone understands; parameters that it does not know are passed over. */
const CHECK_SYNC = { event: 'check-sync', content_type: null, body: null };

/** How this family is told to fetch its files, or to restart; plain check-sync for a family that is not loaded. */
export function notification(families: Families, familyId: string, kind: 'fetch' | 'reboot'): Notification {
  const { event, content_type, body } = families.byId.get(familyId)?.data.notify?.[kind] ?? CHECK_SYNC;
  return { event, contentType: content_type, body };
}
