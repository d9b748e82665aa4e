import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import type { Families } from '../../src/phones/family/family.ts';
import { templates } from './phoneFacts.ts';

/** `family.yaml` of a family that is not shipped; its phones ask for `{mac}.ini`. */
export const MADE_UP = `vendor: made-up
title: A family that a site adds
user_agents: ['MadeUp (?<model>[^/]+)/(?<version>[0-9.]+) {mac}']
files:
  - { name: '{mac}.ini', role: device, template: device.mustache, format: line, content_type: text/plain }
models: { defaults: { lines: 2, keys: 0 }, table: [{ name: M1, lines: 1 }] }
spelling: { transport: { udp: UDP } }
notify: { fetch: { event: fetch-now }, reboot: { event: restart-now } }
`;

/** One of its phones. */
export const MADE_UP_PHONE = { mac: '00c0ffee0001', userAgent: 'MadeUp M1/4.2 00:c0:ff:ee:00:01' } as const;

/** The shipped families and this one, in a folder of the site, with this template. */
export function withMadeUp(folder: string, template: string): Families {
  mkdirSync(join(folder, 'made-up'), { recursive: true });
  writeFileSync(join(folder, 'made-up/family.yaml'), MADE_UP);
  writeFileSync(join(folder, 'made-up/device.mustache'), template);
  return loadFamilies([templates, folder]);
}
