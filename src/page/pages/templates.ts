import { DEVICE_SETTINGS, PLAIN_DEVICE } from '../../domain/deviceSettings.ts';
import { LINE_SETTINGS, PLAIN_LINE } from '../../domain/lineSettings.ts';
import type { AnswerOf, OperationId } from '../../api/operations.ts';
import {
  actsFor,
  changedFields,
  hiddenOf,
  mistakeAt,
  wordsFor,
  type Act,
  type Looking,
  type Page,
  type Refusal,
  type Texts,
} from '../page.ts';
import { phraseIn } from '../apiWords.ts';
import { filePreview, kindIn } from '../preview.ts';
import { settingFields, TIME_ZONES } from '../settingFields.ts';

export type Kind = 'line' | 'device' | 'profile';

export const templatesAt = (tenant: string): string => `/t/${tenant}/templates`;
export const templateAt = (tenant: string, kind: Kind, name: string): string =>
  `${templatesAt(tenant)}/${kind}/${encodeURIComponent(name)}`;

/** How many of a list the page shows: nobody has more. */
const ALL = { limit: '500' };

const ADDING: Readonly<Record<string, Kind>> = {
  addLineTemplate: 'line',
  addDeviceTemplate: 'device',
  addProfile: 'profile',
};

export const TEMPLATE_LIST: Page = {
  path: '/t/:tenant/templates',
  view: 'templates',
  nav: { word: 'templates', right: 'see' },
  fields: (form, { tenant = '' }) => ({
    ...form,
    'at.tenant': tenant,
    back: templateAt(tenant, ADDING[form['do'] ?? ''] ?? 'line', (form['body.name'] ?? '').trim()),
  }),
  async load(looking) {
    const { ask, at, visitor, language, tenant, form, refused } = looking;
    const [profiles, lines, devices] = await Promise.all([
      ask('listProfiles', { at, query: ALL }),
      ask('listLineTemplates', { at, query: ALL }),
      ask('listDeviceTemplates', { at, query: ALL }),
    ]);
    const say = wordsFor(looking);
    const adding = (operation: string) => {
      const isThis = form?.['do'] === operation;
      return visitor.rights.has('change')
        ? {
            operation,
            isOpen: isThis,
            typed: isThis ? form['body.name'] : '',
            problem: isThis ? refused?.detail : null,
          }
        : null;
    };
    const listed = (kind: Kind, operation: OperationId, { items }: AnswerOf<'listLineTemplates'>) => ({
      ...{ id: `${kind}s`, label: say(`templates.${kind}s`), about: say(`templates.${kind}About`) },
      add: adding(operation),
      addLabel: say(`templates.${kind}Add`),
      items: items.map(({ name, says, usedBy }) => ({
        ...{ name, href: templateAt(tenant, kind, name), settings: Object.keys(says).length },
        usedBy: usedBy.map((each) => phraseIn(language, each)).join(', '),
      })),
    });
    return {
      ...{ title: say('templates.title'), here: templatesAt(tenant), addProfile: adding('addProfile') },
      profiles: profiles.items.map((profile) => ({
        ...{ ...profile, href: templateAt(tenant, 'profile', profile.name) },
        lineHref: templateAt(tenant, 'line', profile.lineTemplate),
        deviceHref: templateAt(tenant, 'device', profile.deviceTemplate),
      })),
      kinds: [listed('device', 'addDeviceTemplate', devices), listed('line', 'addLineTemplate', lines)],
    };
  },
};

/** Fields of a form that changes something with a name, and where one is then. */
const fieldsOfOne =
  (kind: Kind) =>
  (form: Texts, { tenant = '', name = '' }: Texts): Texts => ({
    ...changedFields(form),
    ...(form['clear.webPassword'] === 'true' ? { 'body.settings.webPassword': 'inherit' } : {}),
    ...{ 'at.tenant': tenant, 'at.name': name },
    back: templateAt(tenant, kind, (form['body.name'] ?? name).trim()),
  });

/** Has the phones of one of these told to fetch. */
async function rollOut(looking: Looking, by: 'lineTemplate' | 'deviceTemplate' | 'profile', name: string) {
  const { ask, visitor, tenant } = looking;
  if (!visitor.rights.has('change')) return null;
  const { count } = await ask('previewSync', { at: { tenant }, body: { [by]: name } });
  const hidden = [...hiddenOf({ tenant }, `/t/${tenant}/syncs`), { name: `body.${by}`, value: name }];
  return { count, isAny: count > 0, hidden };
}

/** The button that removes it, and who is in the way of that. */
function removal(
  looking: Looking,
  operation: 'removeLineTemplate' | 'removeDeviceTemplate' | 'removeProfile',
  name: string,
): Act | null {
  const { tenant } = looking;
  return actsFor(looking)(
    ...(['change', operation, 'templates.remove', { tenant, name }, 'templates.removeSure'] as const),
    templatesAt(tenant),
  );
}

/** What a template would change, as it is typed: in which phones' files, and in one of a chosen kind. */
async function previewed(
  looking: Looking,
  preview: 'previewChangeLineTemplate' | 'previewChangeDeviceTemplate',
  template: 'lineTemplate' | 'deviceTemplate',
  name: string,
) {
  const { ask, at, form, tenant, bodyFor } = looking;
  const { settings } = bodyFor(preview) as { readonly settings?: object };
  const under = { [template]: { name, ...(settings === undefined ? {} : { settings }) } };
  return filePreview(looking, {
    changes: () => (form === null ? null : ask(preview, { at, body: { settings } })),
    file: async () => ask('renderFile', { at: { tenant }, body: { ...(await kindIn(looking)), ...under } }),
  });
}

const LINE = {
  kind: 'line',
  get: 'getLineTemplate',
  change: 'changeLineTemplate',
  preview: 'previewChangeLineTemplate',
  remove: 'removeLineTemplate',
  named: 'lineTemplate',
  settings: { all: LINE_SETTINGS, plain: PLAIN_LINE },
} as const;
const DEVICE = {
  kind: 'device',
  get: 'getDeviceTemplate',
  change: 'changeDeviceTemplate',
  preview: 'previewChangeDeviceTemplate',
  remove: 'removeDeviceTemplate',
  named: 'deviceTemplate',
  settings: { all: DEVICE_SETTINGS, plain: PLAIN_DEVICE },
} as const;

function templatePage(of: typeof LINE | typeof DEVICE): Page {
  const { kind, get, change, preview, remove, named } = of;
  return {
    path: `/t/:tenant/templates/${kind}/:name`,
    view: 'template',
    fields: fieldsOfOne(kind),
    async load(looking) {
      const { ask, at, visitor, language, tenant, form, refused } = looking;
      const template = await ask(get, { at });
      const { name, says, usedBy } = template;
      const mayChange = visitor.rights.has('change');
      const say = wordsFor(looking);
      const shown = mayChange ? await previewed(looking, preview, named, name) : null;
      const refusal: Refusal | null = refused ?? shown?.refusal ?? null;
      const path = templateAt(tenant, kind, name);
      return {
        ...{ title: `${say(`templates.${kind}`)} ${name}`, path, list: templatesAt(tenant), mayChange, change },
        ...{ name, typedName: form?.['body.name'] ?? name, nameMistake: mistakeAt(refusal, 'body.name') },
        ...{ usedBy: usedBy.map((each) => phraseIn(language, each)), isUsed: usedBy.length > 0, refused },
        groups: await settingFields(looking, of.settings, { kind, says, refusal }),
        ...{
          preview: shown && { ...shown, mistakes: idsOf(Object.keys(of.settings.all)) },
          timeZones: kind === 'device' ? TIME_ZONES : [],
          keysHref: kind === 'device' ? `${path}/keys` : null,
        },
        rollOut: await rollOut(looking, named, name),
        remove: usedBy.length === 0 ? removal(looking, remove, name) : null,
      };
    },
  };
}

export const ONE_LINE_TEMPLATE = templatePage(LINE);
export const ONE_DEVICE_TEMPLATE = templatePage(DEVICE);

/** Where the page says what is wrong with each field. */
function idsOf(fields: readonly string[]): string {
  return fields.map((name) => `#mistake-${name}`).join(',');
}

export const ONE_PROFILE: Page = {
  path: '/t/:tenant/templates/profile/:name',
  view: 'profile',
  fields: fieldsOfOne('profile'),
  async load(looking) {
    const { ask, at, visitor, tenant, form, refused, bodyFor } = looking;
    const [profile, lines, devices, families] = await Promise.all([
      ask('getProfile', { at }),
      ask('listLineTemplates', { at: { tenant }, query: ALL }),
      ask('listDeviceTemplates', { at: { tenant }, query: ALL }),
      ask('listFamilies'),
    ]);
    const { name, users, isDefault } = profile;
    const mayChange = visitor.rights.has('change');
    const typed = (field: string, value: string): string => form?.[`body.${field}`] ?? value;
    const [line, device] = [
      typed('lineTemplate', profile.lineTemplate),
      typed('deviceTemplate', profile.deviceTemplate),
    ];
    const shown = mayChange
      ? await filePreview(looking, {
          changes: () => (form === null ? null : ask('previewChangeProfile', { at, body: bodyFor('changeProfile') })),
          file: async () => {
            const under = { lineTemplate: { name: line }, deviceTemplate: { name: device } };
            return ask('renderFile', { at: { tenant }, body: { ...(await kindIn(looking)), ...under } });
          },
        })
      : null;
    const refusal = refused ?? shown?.refusal ?? null;
    const say = wordsFor(looking);
    const path = templateAt(tenant, 'profile', name);
    const of = (all: AnswerOf<'listLineTemplates'>, chosen: string) =>
      all.items.map((each) => ({ value: each.name, isChosen: each.name === chosen }));
    const families0 = (profile.families ?? []).join(', ');
    const selfProvisioning = typed('selfProvisioning', String(profile.selfProvisioning));
    return {
      ...{ title: `${say('templates.profile')} ${name}`, path, list: templatesAt(tenant), mayChange, name, users },
      ...{ isDefault, refused, typedName: typed('name', name) },
      preview: shown && { ...shown, mistakes: idsOf(['name', 'phoneLimit', 'families']) },
      was: { ...profile, families: families0, selfProvisioning: String(profile.selfProvisioning) },
      ...{ isOff: selfProvisioning === 'false', phoneLimit: typed('phoneLimit', String(profile.phoneLimit)) },
      ...{ families: typed('families', families0), known: families.items.filter(({ served }) => served) },
      ...{ lines: of(lines, line), devices: of(devices, device) },
      lineHref: templateAt(tenant, 'line', profile.lineTemplate),
      deviceHref: templateAt(tenant, 'device', profile.deviceTemplate),
      mistakes: {
        ...{ name: mistakeAt(refusal, 'body.name'), phoneLimit: mistakeAt(refusal, 'body.phoneLimit') },
        families: mistakeAt(refusal, 'body.families'),
      },
      rollOut: users > 0 ? await rollOut(looking, 'profile', name) : null,
      remove: users === 0 && !isDefault ? removal(looking, 'removeProfile', name) : null,
    };
  },
};
