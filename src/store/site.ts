import type { SiteStore } from '../domain/ports.ts';
import { PLAIN_SITE, type Site } from '../domain/site.ts';
import type { Said } from '../domain/settings.ts';
import type { Query } from './query.ts';
import type { Row } from './table.ts';

const ONLY = 'site';

export function siteOf(row: Row | undefined): Site {
  return { ...PLAIN_SITE, ...(row && (JSON.parse(String(row['says'])) as Said<Site>)) };
}

/** One row, or none while nothing has been said. */
export function siteIn(query: Query): SiteStore {
  return {
    async site() {
      const [row] = await query.run('SELECT says FROM site WHERE id = ?', [ONLY]);
      return siteOf(row);
    },
    async putSite(site) {
      await query
        .database('site')
        .insert({ id: ONLY, says: JSON.stringify(site) })
        .onConflict('id')
        .merge();
    },
  };
}
