import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What browsers fetch besides a page, by name. */
export interface Asset {
  readonly file: string;
  /** Of its content: another one after an upgrade, so that no browser has an old script for a new page. */
  readonly version: string;
}

// The build puts this folder beside the built program.
const ours = (name: string): string => fileURLToPath(new URL(`assets/${name}`, import.meta.url));

export const ASSETS: ReadonlyMap<string, Asset> = new Map(
  Object.entries({
    'style.css': ours('style.css'),
    'page.js': ours('page.js'),
    'icon.svg': ours('icon.svg'),
    'htmx.js': createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js'),
  }).map(([name, file]) => {
    const version = createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 12);
    return [name, { file, version }];
  }),
);

/** Where a page says that they are, each by the first part of its name. */
export const ASSET_URLS: Readonly<Record<string, string>> = Object.fromEntries(
  [...ASSETS].map(([name, { version }]) => [name.split('.')[0], `/assets/${name}?v=${version}`]),
);
