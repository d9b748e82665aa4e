import { z } from 'zod';
import { settingsIn } from '../administration/settings.ts';
import { parseMac } from '../domain/mac.ts';
import type { SettingsOf } from '../domain/settings.ts';

/** Of one request that names none. */
export const nothing = z.strictObject({});

export const time = z.string().meta({ format: 'date-time', example: '2026-11-21T08:00:00.000Z' });
export const macShown = z.string().meta({ example: '80:5e:c0:12:34:56' });
export const extension = z.string().meta({ description: 'digits that are dialled', example: '1500' });

/** In any spelling. */
export const mac = z.string().transform((text, context) => {
  const read = parseMac(text);
  if (read !== undefined) return read;
  context.addIssue({ code: 'custom', message: 'a MAC address is written like 00:15:65:aa:bb:cc' });
  return z.NEVER;
});

export const inTenant = z.strictObject({
  tenant: z.string().meta({ description: 'whose it is', example: 'default' }),
});

/** One thing of a tenant that has a name. */
export const byName = inTenant.extend({ name: z.string().meta({ description: 'as in the list' }) });

export const SETTING = z
  .object({ name: z.string(), value: z.string(), from: z.string().meta({ description: 'who says so' }) })
  .meta({ id: 'EffectiveSetting' });

/** Settings by name, each as the command takes it; `inherit` for "as the level before has it". */
export function settingTexts<One extends object, Other extends object = object>(
  one: SettingsOf<One>,
  other?: SettingsOf<Other>,
) {
  const texts = [...settingsIn(one), ...(other === undefined ? [] : settingsIn(other))].map(
    ([name, { about, placeholder }]) => [
      name,
      z.string().meta({ description: about, example: placeholder }).exactOptional(),
    ],
  );
  return z.strictObject(Object.fromEntries(texts) as Record<string, z.ZodExactOptional<z.ZodString>>);
}

/** What a list is asked for by. */
export const paging = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100).meta({ description: 'how many at most' }),
  after: z.string().optional().meta({ description: '`next` of the answer before' }),
});

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'what `after` is for those behind these; `null`: there are none' }),
  });
}

/** The part of a list that was asked for, by `key`, which no two share. */
export function pageIn<T>(
  all: readonly T[],
  { limit, after }: z.output<typeof paging>,
  key: (item: T) => string,
): { readonly items: readonly T[]; readonly next: string | null } {
  const sorted = all.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
  const from = after === undefined ? 0 : sorted.findIndex((item) => key(item) > after);
  const items = from < 0 ? [] : sorted.slice(from, from + limit);
  const last = items.at(-1);
  const isEnd = last === undefined || last === sorted.at(-1);
  return { items, next: isEnd ? null : key(last) };
}
