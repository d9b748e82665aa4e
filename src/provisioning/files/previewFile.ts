import { parseMac, type Mac } from '../../domain/mac.ts';
import { defaultLine, userLine } from '../../domain/accounts.ts';
import type { Line } from '../../domain/device.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import { didYouMean } from '../../domain/similar.ts';
import type { DeviceTemplate, LineTemplate } from '../../domain/templates.ts';
import { policyOf, type Tenant } from '../../domain/tenant.ts';
import type { User } from '../../domain/user.ts';
import type { Families, Family, FileAsked } from '../../phones/family/family.ts';
import { recognise } from '../../phones/recognise/recognise.ts';
import type { ServerFacts } from '../../phones/view/facts.ts';
import { renderFile, type RenderedFile } from '../../phones/view/render.ts';
import type { View } from '../../phones/template/viewTypes.ts';
import { MASKED, SECRET_MASK } from './masks.ts';
import { settingsFor } from './settingsFor.ts';
import { viewFor } from './viewFor.ts';

interface Needs {
  readonly store: Store;
  readonly families: Families;
  readonly server: ServerFacts;
  readonly tenantId: string;
}

export interface Preview {
  readonly family: string;
  /** As in the table of the family or matching one of its patterns; `null` for a model that nobody knows. */
  readonly model: string | null;
  /** As a phone asks for it, or the entry of `family.yaml`; `null` for the first file that is a device's own. */
  readonly file: string | null;
  /** `null` for a phone of nobody. */
  readonly extension: string | null;
  /** `null` for one with a prefix of this family. */
  readonly mac: Mac | null;
  /** Of somebody whose profile names these, as they are here; without a user, of somebody made up. */
  readonly under?: TemplatesUnder;
}

export interface TemplatesUnder {
  readonly lineTemplate?: LineTemplate;
  readonly deviceTemplate?: DeviceTemplate;
}

/** Who has such a template when nobody is named. */
const MADE_UP: Omit<User, 'tenantId' | 'profileId'> = {
  ...{ id: 'preview', extension: '1500', endpoint: '1500', name: 'Ann Lee' },
  ...{ adoption: null, loginId: null, provisioningId: null, pinHash: '', passwordHash: null },
  ...{ selfProvisioning: true, lineSays: {}, deviceSays: {}, createdAt: 0 },
};

/**
 * The file that such a phone would get, with every secret masked. Rejects with `not_found` and what there is instead
 * when there is no such family, model, file or user.
 */
export async function previewFile(
  needs: Needs,
  preview: Preview,
): Promise<RenderedFile & { readonly file: FileAsked; readonly mac: Mac }> {
  const family = needs.families.byId.get(preview.family);
  if (family === undefined || family.files.size === 0) throw noFamily(needs.families, preview.family);
  checkModel(family, preview.model);
  const mac = preview.mac ?? sampleMac(family);
  const file = fileOf(needs.families, family, preview.file);
  const view = await viewOf(needs, preview, mac, file);
  return { file, mac, ...renderFile(needs.families, file, view) };
}

function noFamily(families: Families, id: string): SelfprovError {
  const ids = families.all.filter(({ files }) => files.size > 0).map((family) => family.id);
  const why = families.byId.has(id)
    ? `family ${id} is recognised only: there are no files for it yet`
    : `there is no family ${id} with files`;
  const there = `there are: ${ids.toSorted().join(', ')}`;
  return new SelfprovError('not_found', `${why}; ${there}${families.byId.has(id) ? '' : didYouMean(id, ids)}`);
}

/** A phone that calls itself so is served all the same, as any other of its family. */
function checkModel({ id, models }: Family, model: string | null): void {
  if (model === null || models.names.length === 0 || models.has(model)) return;
  throw new SelfprovError(
    'not_found',
    `${id} has no model ${model}; there are: ${models.names.join(', ')}. Where a phone says ${model}, it is recognised by its ` +
      `family and gets what a model that nobody knows gets: see that without --model${didYouMean(model, models.names)}`,
  );
}

/** Of the family's own range where it has one, so that the file of a shared name is this family's. */
function sampleMac({ data }: Family): Mac {
  const [prefix = '020000'] = data.oui;
  return parseMac(`${prefix}aabbccdd`.slice(0, 12)) ?? '020000aabbcc';
}

function fileOf(families: Families, family: Family, name: string | null): FileAsked {
  const all = [...family.files.values()];
  const asked = name === null ? null : askedFor(families, family, name);
  const entry =
    name === null
      ? (all.find(({ role }) => role === 'device') ?? all[0])
      : all.find((file) => file.name === name || file.name === asked?.name);
  if (entry === undefined) {
    const names = [...family.files.keys()].join(', ');
    throw new SelfprovError('not_found', `${family.id} has no file ${name}; there are: ${names}`);
  }
  return { familyId: family.id, kind: 'template', name: entry.name, role: entry.role };
}

function askedFor(families: Families, family: Family, path: string): FileAsked | null {
  const request = { path, userAgent: null, method: 'GET', transport: 'http', family: family.id } as const;
  const { file } = recognise(families, request);
  return file?.familyId === family.id && file.kind === 'template' ? file : null;
}

async function viewOf(needs: Needs, preview: Preview, mac: Mac, file: FileAsked): Promise<View> {
  const { families, server } = needs;
  const tenant = orNotFound(await needs.store.tenant(needs.tenantId), 'tenant');
  const { extension, under } = preview;
  const store = under === undefined ? needs.store : storeUnder(needs.store, tenant, under);
  const device = { family: preview.family, model: preview.model, firmware: null, mac };
  const isOwn = file.role === 'device';
  const isMadeUp = extension === null && under !== undefined;
  const lines = isOwn ? [await lineOf(store, tenant, mac, isMadeUp ? MADE_UP.extension : extension)] : [];
  const settings = await settingsFor(store, { ...device, tenantId: tenant.id }, lines);
  const { webPassword } = settings.device;
  const masked = { ...webPassword, value: webPassword.value === null ? null : MASKED };
  return viewFor(
    families,
    server,
    device,
    { ...settings, device: { ...settings.device, webPassword: masked } },
    isOwn ? MASKED : null,
  );
}

/** The same store, where every profile names these templates, and where there is somebody made up. */
function storeUnder(store: Store, tenant: Tenant, { lineTemplate, deviceTemplate }: TemplatesUnder): Store {
  const { id: tenantId, defaultProfileId: profileId } = tenant;
  const madeUp = { ...MADE_UP, tenantId, profileId };
  return {
    ...store,
    user: async (id) => (id === madeUp.id ? madeUp : store.user(id)),
    userByExtension: async (of, extension) =>
      (await store.userByExtension(of, extension)) ?? (extension === madeUp.extension ? madeUp : undefined),
    async profile(id) {
      const profile = await store.profile(id);
      return (
        profile && {
          ...profile,
          ...(lineTemplate === undefined ? {} : { lineTemplateId: lineTemplate.id }),
          ...(deviceTemplate === undefined ? {} : { deviceTemplateId: deviceTemplate.id }),
        }
      );
    },
    lineTemplate: async (id) => (id === lineTemplate?.id ? lineTemplate : store.lineTemplate(id)),
    deviceTemplate: async (id) => (id === deviceTemplate?.id ? deviceTemplate : store.deviceTemplate(id)),
  };
}

/** The line that such a phone would have, with a mask for each secret. */
async function lineOf(store: Store, tenant: Tenant, mac: Mac, extension: string | null): Promise<Line> {
  const masked = { id: 'preview', secret: MASKED, md5Credential: SECRET_MASK };
  const credentials = { secret: MASKED, token: MASKED, now: 0 };
  const number = policyOf(tenant).defaultNumbers?.from ?? null;
  if (extension === null) return { ...defaultLine(mac, 1, tenant, credentials), ...masked, number };
  const user = await store.userByExtension(tenant.id, extension);
  if (user === undefined) throw await noUser(store, tenant, extension);
  return { ...userLine(mac, 1, user, tenant, credentials), ...masked };
}

async function noUser(store: Store, tenant: Tenant, extension: string): Promise<SelfprovError> {
  const users = await store.users(tenant.id);
  const there = users.map((user) => user.extension).join(', ') || 'none';
  return new SelfprovError('not_found', `there is no user with extension ${extension}; there are: ${there}`);
}
