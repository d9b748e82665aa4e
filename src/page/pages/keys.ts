import { DEVICE_SETTINGS, KEY, KEY_KINDS, keyText } from '../../domain/deviceSettings.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { phraseIn, titleIn } from '../apiWords.ts';
import { deviceAt, wordsFor, type Looking, type Page, type Texts } from '../page.ts';
import { kindIn } from '../preview.ts';
import { templateAt } from './templates.ts';

/** One key as it is typed. */
interface Row {
  readonly kind: string;
  readonly value: string;
  readonly label: string;
  readonly line: string;
}

/** More has no phone, and no form has so many fields. */
const MOST_KEYS = 300;
const NEW: Row = { kind: 'blf', value: '', label: '', line: '1' };

/** The keys that a form has, in their order, after what its button does to them. */
function rowsIn(form: Texts): readonly Row[] {
  const count = Math.min(Number(form['count'] ?? 0) || 0, MOST_KEYS);
  const rows = Array.from({ length: count }, (_, nth): Row => {
    const part = (name: string): string => form[`key.${nth}.${name}`] ?? '';
    return { kind: part('kind'), value: part('value').trim(), label: part('label'), line: part('line').trim() };
  });
  const [act = '', which = ''] = (form['act'] ?? '').split('.');
  const nth = Number(which);
  if (act === 'add') return [...rows, NEW];
  if (act === 'remove') return rows.filter((_, at) => at !== nth);
  if (act === 'up') return moved(rows, nth, nth - 1);
  if (act === 'down') return moved(rows, nth, nth + 1);
  if (act === 'order') return inOrder(rows, (form['order'] ?? '').split(',').map(Number));
  return rows;
}

function moved(rows: readonly Row[], from: number, to: number): readonly Row[] {
  const row = rows[from];
  if (row === undefined || to < 0 || to >= rows.length) return rows;
  return rows.toSpliced(from, 1).toSpliced(to, 0, row);
}

/** Each of them once, whatever was sent. */
function inOrder(rows: readonly Row[], order: readonly number[]): readonly Row[] {
  const wanted = [...new Set(order)].filter((nth) => rows[nth] !== undefined);
  return [...wanted, ...[...rows.keys()].filter((nth) => !wanted.includes(nth))].flatMap((nth) => rows[nth] ?? []);
}

function textOf({ kind, value, label, line }: Row): string {
  return keyText([kind, value, label, ...(line === '' || line === '1' ? [] : [line])]);
}

function allInText(rows: readonly Row[]): string {
  return rows.length === 0 ? 'none' : rows.map(textOf).join(';');
}

function mistakeIn(row: Row): string | null {
  try {
    KEY.read(textOf(row));
    return null;
  } catch (error) {
    if (!(error instanceof SelfprovError)) throw error;
    return error.message;
  }
}

function rowsOf(keys: string | undefined): readonly Row[] {
  if (keys === undefined) return [];
  return DEVICE_SETTINGS.keys
    .read(keys)
    .map(({ kind, value, label, line }) => ({ kind, value: value ?? '', label, line: String(line) }));
}

interface Whose {
  readonly title: string;
  readonly change: 'changeDevice' | 'changeDeviceTemplate';
  readonly path: string;
  readonly back: string;
  /** As they are. */
  readonly keys: string | undefined;
  /** Whether they are said here, not at a level before. */
  readonly isOwn: boolean;
  readonly from: string;
  /** Of one device; `null`: it can be chosen. */
  readonly kind: { readonly family: string; readonly model: string | null } | null;
  readonly lines: readonly number[];
}

async function load(looking: Looking, whose: Whose) {
  const { ask, form, visitor, tenant, refused, refusalOf } = looking;
  const say = wordsFor(looking);
  const rows = form === null ? rowsOf(whose.keys) : rowsIn(form);
  const checked = rows.map((row) => ({ row, mistake: mistakeIn(row) }));
  // Nobody has typed anything there yet.
  const isNew = (nth: number): boolean => form?.['act'] === 'add' && nth === rows.length - 1;
  const good = [...checked.keys()].filter((nth) => checked[nth]?.mistake === null);
  const kind = whose.kind ?? (await kindIn(looking));
  const { items: families } = await ask('listFamilies');
  const keys = allInText(good.flatMap((nth) => rows[nth] ?? []));
  const { pages, left } = await ask('layOutKeys', {
    at: { tenant },
    body: { ...kind, keys, lines: whose.lines },
  }).catch((error: unknown) => {
    refusalOf(error);
    return { pages: [], left: [] };
  });
  const why = new Map(left.map((each) => [good[each.key], say(`keys.why.${each.why}`)]));
  const shown = (nth: number | undefined): Row | undefined => (nth === undefined ? undefined : rows[nth]);
  const { path, change, back, from, isOwn } = whose;
  return {
    ...{ title: whose.title, path, change, back, from, isOwn, mayChange: visitor.rights.has('change'), refused },
    ...{ count: rows.length, isAny: rows.length > 0, isFull: rows.length >= MOST_KEYS },
    isModelFixed: whose.kind !== null,
    ...{ family: kind.family, model: kind.model },
    families: families
      .filter(({ served }) => served)
      .map((each) => ({
        value: each.family,
        label: titleIn(looking.language, each.title),
        isChosen: each.family === kind.family,
      })),
    models: families.find((each) => each.family === kind.family)?.models ?? [],
    hasPages: pages.length > 0,
    hasLeft: left.length > 0,
    pages: pages.map(({ name, page, pages: of, optional, places }) => ({
      ...{ name, page: of > 1 ? page : null, optional, size: places.length, used: usedOf(places) },
      isOpen: (page === 1 && !optional) || usedOf(places) > 0,
      places: places.map(({ place, key, line }) => {
        const nth = key === null ? undefined : good[key];
        const row = shown(nth);
        return {
          ...{ place, nth: nth === undefined ? null : nth + 1, row: nth ?? null, isKey: row !== undefined },
          ...{ label: row?.label || row?.value || '', kind: row === undefined ? null : say(`keys.kinds.${row.kind}`) },
          line: line === null ? null : `${say('keys.line')} ${line}`,
        };
      }),
    })),
    rows: checked.map(({ row, mistake }, nth) => ({
      ...{ ...row, nth, number: nth + 1, mistake: isNew(nth) ? null : mistake, left: why.get(nth) ?? null },
      ...{ isFirst: nth === 0, isLast: nth === rows.length - 1 },
      kinds: KEY_KINDS.map((value) => ({ value, label: say(`keys.kinds.${value}`), isChosen: value === row.kind })),
    })),
  };
}

function usedOf(places: readonly { readonly key: number | null; readonly line: number | null }[]): number {
  return places.filter(({ key, line }) => key !== null || line !== null).length;
}

const fieldsTo =
  (at: (given: Texts) => Texts, back: (given: Texts) => string) =>
  (form: Texts, given: Texts): Texts => {
    const isInherited = form['inherit'] === 'true';
    const keys = isInherited ? 'inherit' : allInText(rowsIn(form));
    const where = Object.fromEntries(Object.entries(at(given)).map(([name, value]) => [`at.${name}`, value]));
    return { ...where, back: back(given), 'body.settings.keys': keys };
  };

export const TEMPLATE_KEYS: Page = {
  path: '/t/:tenant/templates/device/:name/keys',
  view: 'keys',
  fields: fieldsTo(
    ({ tenant = '', name = '' }) => ({ tenant, name }),
    ({ tenant = '', name = '' }) => `${templateAt(tenant, 'device', name)}/keys`,
  ),
  async load(looking) {
    const { ask, at, tenant } = looking;
    const { name, says } = await ask('getDeviceTemplate', { at });
    const { settings } = await ask('getTenant', { at: { tenant } });
    const say = wordsFor(looking);
    const back = templateAt(tenant, 'device', name);
    return load(looking, {
      ...{ title: `${say('keys.title')}: ${say('templates.device')} ${name}`, change: 'changeDeviceTemplate' },
      ...{ path: `${back}/keys`, back, keys: says['keys'] ?? settings['keys'], isOwn: says['keys'] !== undefined },
      from: `${say('device.tenant')} ${tenant}`,
      ...{ kind: null, lines: [1] },
    });
  },
};

export const DEVICE_KEYS: Page = {
  path: '/t/:tenant/devices/:mac/keys',
  view: 'keys',
  fields: fieldsTo(
    ({ tenant = '', mac = '' }) => ({ tenant, mac }),
    ({ tenant = '', mac = '' }) => `${deviceAt(tenant, mac)}/keys`,
  ),
  async load(looking) {
    const { ask, at, tenant } = looking;
    const [{ mac, family, model, lines }, settings] = await Promise.all([
      ask('getDevice', { at, query: { events: '0' } }),
      ask('getDeviceSettings', { at }),
    ]);
    const say = wordsFor(looking);
    const held = settings.find(({ name }) => name === 'keys');
    const back = deviceAt(tenant, mac);
    const from = held?.from ?? '';
    const shownFrom = phraseIn(looking.language, from);
    const slots = [...new Set(lines.map(({ slot }) => slot))];
    return load(looking, {
      ...{ title: `${say('keys.title')}: ${mac}`, change: 'changeDevice', path: `${back}/keys`, back },
      ...{
        keys: held?.value,
        isOwn: from.startsWith('device '),
        from: shownFrom,
        kind: { family, model },
        lines: slots,
      },
    });
  },
};
