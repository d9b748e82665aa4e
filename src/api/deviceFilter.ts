import { z } from 'zod';
import type { DevicesWanted } from '../administration/deviceList.ts';
import { DEVICE_STATES } from '../domain/ports.ts';

const text = z.string();

/** Characters: a database takes a search for only so many words. */
export const LONGEST_SEARCH = 500;

/** What devices are looked for by; all that is said must fit. */
export const FILTER = {
  search: text.max(LONGEST_SEARCH).default('').meta({
    description:
      'words, each the device’s number, or a part of a MAC in any spelling, family, model, version, address, serial number, note, extension or name',
  }),
  state: z.enum(DEVICE_STATES).exactOptional(),
  family: text.exactOptional(),
  profile: text
    .exactOptional()
    .meta({ description: 'of its users; of a device that nobody has, the one that it was entered with' }),
  own: z
    .enum(['true', 'false'])
    .exactOptional()
    .meta({ description: 'the tenant’s own, or only those on which a user of it has a line' }),
};

type Filter = z.output<z.ZodObject<typeof FILTER>>;

export function filterOf(
  tenantId: string,
  { search, state, family, profile, own }: Filter,
): Omit<DevicesWanted, 'limit'> {
  return {
    ...{ tenantId, text: search },
    ...(state === undefined ? {} : { state }),
    ...(family === undefined ? {} : { family }),
    ...(profile === undefined ? {} : { profile }),
    ...(own === undefined ? {} : { isOwn: own === 'true' }),
  };
}
