import { z } from 'zod';
import { checkMay } from '../administration/apiTokens.ts';
import type { Core } from '../administration/core.ts';
import { checkFamily } from '../administration/names.ts';
import { policyInWords } from '../administration/policyInWords.ts';
import { POLICY_LANGUAGES } from '../administration/policyWords.ts';
import { INHERIT, shown } from '../administration/settings.ts';
import { isOtherInAsterisk, tenantNames, warningsOf } from '../administration/tenantShown.ts';
import { addTenant, changeTenant, removeTenant, setAdministratorCode, showTenant } from '../administration/tenants.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { POLICY_SETTINGS } from '../domain/policySettings.ts';
import { Secret } from '../domain/secret.ts';
import { policyOf, type Tenant } from '../domain/tenant.ts';
import { operation } from './operation.ts';
import { inTenant, nothing, pageIn, pageOf, paging, settingTexts } from './schemas.ts';

const text = z.string();
const number = text.meta({ example: '*55' });
const NEW_PHONES = z
  .object({
    lineTemplate: text.nullable().optional().meta({ description: 'of their default lines' }),
    deviceTemplate: text.nullable().optional(),
  })
  .meta({ id: 'NewPhones' });
const urls = z.array(text).meta({ description: 'where its phones ask; the first is what they are told' });
const networks = z.array(text).meta({ description: 'where its new phones are', example: ['10.1.0.0/16'] });
const trusted = z
  .enum(['private', 'any'])
  .meta({ description: 'which addresses stand for one phone alone, see docs/operate.md' });

const TENANT = z
  .object({
    id: text,
    name: text,
    realm: text,
    endpointPattern: text.meta({ example: 'acme-{extension}' }),
    urls,
    networks,
    extension: number.meta({ description: 'dialled to give a phone to a user' }),
    releaseExtension: number.meta({ description: 'dialled to give a phone back' }),
    numberExtension: number.meta({ description: 'dialled to hear the number of the phone' }),
    emergencyNumbers: z.array(text).meta({ description: 'what default lines may reach' }),
    trustedAddresses: trusted,
    hasAdministratorCode: z.boolean(),
    profile: text.nullable().meta({ description: 'of new users' }),
    newPhones: NEW_PHONES.meta({ description: 'templates of phones that are nobody’s' }),
    families: z.record(z.string(), NEW_PHONES).meta({ description: 'the same, for families whose phones differ' }),
    settings: z.record(z.string(), z.string()).meta({ description: 'all of its policy, and what it says of phones' }),
    users: z.number().int(),
    devices: z.number().int(),
    warnings: z.array(text).meta({ description: 'what somebody should know' }),
  })
  .meta({ id: 'Tenant' });
const CHANGED = z
  .object({
    ...TENANT.shape,
    filesToWrite: z.boolean().meta({ description: 'Asterisk knows of it when its files are written again' }),
  })
  .meta({ id: 'ChangedTenant' });

const GUESSING = z
  .object({
    digits: z.number().int(),
    possible: z.number().int().meta({ description: 'PINs of so many digits that may be' }),
    tries: z.number().int().meta({ description: 'of one extension, with the locks between them' }),
    chance: z.number().meta({ description: 'from 0 to 1, of one extension' }),
    chanceOfAny: z.number().meta({ description: 'the same of any, when all are tried at once' }),
  })
  .meta({ id: 'Guessing' });
const POLICY = z
  .object({
    sentences: z.array(
      z.object({
        about: text.meta({ description: 'the setting that it comes from, or what it works out' }),
        text,
        isWarning: z.boolean(),
      }),
    ),
    guessing: z.object({
      day: GUESSING.meta({ description: 'a PIN that is made up, within a day' }),
      year: GUESSING.meta({ description: 'the same within a year' }),
      shortest: GUESSING.meta({ description: 'the shortest that may be chosen, within a year' }),
      users: z.number().int(),
    }),
  })
  .meta({ id: 'PolicyInWords' });

const plain = {
  name: text.exactOptional(),
  extension: number.exactOptional(),
  releaseExtension: number.exactOptional(),
  numberExtension: number.exactOptional(),
  emergencyNumbers: z.array(number).exactOptional(),
  trustedAddresses: trusted.exactOptional(),
  settings: settingTexts({ ...POLICY_SETTINGS, ...LINE_SETTINGS, ...DEVICE_SETTINGS }).exactOptional(),
};
const doors = { urls: urls.exactOptional(), networks: networks.exactOptional() };
const newPhones = z.strictObject({
  lineTemplate: text.nullable().exactOptional(),
  deviceTemplate: text.nullable().exactOptional(),
});

async function show({ store }: Pick<Core, 'store'>, tenant: Tenant) {
  const { id, name, realm, endpointPattern, extension, releaseExtension, numberExtension } = tenant;
  const { emergencyNumbers, trustedAddresses, administratorCodeHash, lineSays, deviceSays } = tenant;
  return {
    ...{ id, name, realm, endpointPattern, urls: tenant.urls, networks: tenant.networks },
    ...{ extension, releaseExtension, numberExtension, emergencyNumbers, trustedAddresses },
    hasAdministratorCode: administratorCodeHash !== null,
    ...(await tenantNames(store, tenant)),
    settings: {
      ...shown(POLICY_SETTINGS, policyOf(tenant)),
      ...shown(LINE_SETTINGS, lineSays),
      ...shown(DEVICE_SETTINGS, deviceSays),
    },
    users: (await store.users(id)).length,
    devices: (await store.devices(id)).length,
    warnings: warningsOf(tenant),
  };
}

const about = { tag: 'tenants' } as const;
const path = '/tenants/{tenant}';

export const TENANTS = [
  operation({
    ...about,
    ...{ id: 'listTenants', method: 'get', path: '/tenants', right: 'see', isForAll: true, status: 200 },
    summary: 'customers, by id; yours alone, where you have one',
    ...{ at: nothing, query: paging, body: null, answer: pageOf(TENANT) },
    async work({ core, visitor, query }) {
      const all = (await core.store.tenants()).filter(({ id }) => visitor.tenantId === null || visitor.tenantId === id);
      const { items, next } = pageIn(all, query, ({ id }) => id);
      return { items: await Promise.all(items.map((tenant) => show(core, tenant))), next };
    },
  }),
  operation({
    ...about,
    ...{ id: 'addTenant', method: 'post', path: '/tenants', right: 'policy', status: 201 },
    summary: 'one more customer, with what is not said as the first one has it; then write Asterisk’s files again',
    ...{ at: nothing, query: nothing, answer: TENANT },
    body: z.strictObject({
      id: text.meta({ description: 'a word: a-z and 0-9', example: 'acme' }),
      realm: text.exactOptional().meta({ description: '"asterisk" unless PJSIP has another default_realm' }),
      endpointPattern: text.exactOptional(),
      ...{ ...plain, ...doors },
    }),
    location: ({ id }: { id: string }) => `/tenants/${id}`,
    async work({ core, body: { settings = {}, ...body } }) {
      return show(core, await addTenant(core, { ...body, texts: settings }));
    },
  }),
  operation({
    ...about,
    ...{ id: 'getTenant', method: 'get', path, right: 'see', status: 200 },
    summary: 'what holds for all of a customer’s users and devices',
    ...{ at: inTenant, query: nothing, body: null, answer: TENANT },
    work: async ({ core, at }) => show(core, await showTenant(core, at.tenant)),
  }),
  operation({
    ...about,
    ...{ id: 'changeTenant', method: 'patch', path, right: 'policy', status: 200 },
    summary: 'change what is named; where its new phones come from, only by who has all tenants',
    ...{ at: inTenant, query: nothing, answer: CHANGED },
    body: z.strictObject({
      ...{ ...plain, ...doors },
      profile: text.exactOptional(),
      newPhones: newPhones.exactOptional(),
      families: z.record(z.string(), newPhones).exactOptional(),
      administratorCode: text
        .nullable()
        .exactOptional()
        .meta({ description: 'what an administrator keys in a call: 6 to 20 digits, never shown; `null`: none' }),
    }),
    async ask({ facts, body }) {
      const { context } = body.settings ?? {};
      if (context !== undefined && context !== INHERIT) await facts.checkContext(context);
    },
    async work({ core, facts, visitor, at, body: { settings = {}, administratorCode, ...change } }) {
      // Its doors may be so wide that others' phones come through.
      if (change.urls !== undefined || change.networks !== undefined) checkMay(visitor, 'policy', null);
      for (const family of Object.keys(change.families ?? {})) checkFamily([...facts.families().byId.keys()], family);
      const before = await showTenant(core, at.tenant);
      const after = await core.store.transaction(async (store) => {
        const within = { ...core, store };
        await changeTenant(within, at.tenant, { ...change, texts: settings });
        if (administratorCode !== undefined)
          await setAdministratorCode(
            within,
            at.tenant,
            administratorCode === null ? null : new Secret(administratorCode),
          );
        return showTenant(within, at.tenant);
      });
      return { ...(await show(core, after)), filesToWrite: isOtherInAsterisk(before, after) };
    },
  }),
  operation({
    ...about,
    ...{ id: 'removeTenant', method: 'delete', path, right: 'policy', isAbove: true, status: 204 },
    summary: 'forget a customer who has no users and no devices',
    ...{ at: inTenant, query: nothing, body: null, answer: null },
    work: async ({ core, at }) => removeTenant(core, at.tenant),
  }),
  operation({
    ...about,
    ...{ id: 'getPolicy', method: 'get', path: `${path}/policy`, right: 'see', status: 200 },
    summary: 'what its policy means, in sentences, and how likely somebody guesses a PIN',
    ...{ at: inTenant, body: null, answer: POLICY },
    query: z.strictObject({ language: z.enum(POLICY_LANGUAGES).default('en') }),
    work: async ({ core, at, query }) => policyInWords(core, at.tenant, query.language),
  }),
  operation({
    ...about,
    ...{ id: 'listClashes', method: 'get', path: `${path}/clashes`, right: 'see', status: 200 },
    summary: 'what of its numbers the dialplan that runs has for something else, in words',
    ...{ at: inTenant, query: nothing, body: null, answer: z.object({ items: z.array(text) }) },
    async work({ core, facts, at }) {
      return { items: await facts.clashes([await showTenant(core, at.tenant)]) };
    },
  }),
] as const;
