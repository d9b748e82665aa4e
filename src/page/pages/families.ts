import { titleIn } from '../apiWords.ts';
import { actsFor, allowed, hiddenOf, notEmpty, wordsFor, type Looking, type Page } from '../page.ts';

const familyAt = (tenant: string, family: string): string => `/t/${tenant}/families/${family}`;

export const FAMILY_LIST: Page = {
  path: '/t/:tenant/families',
  view: 'families',
  nav: { word: 'families', right: 'see' },
  async load(looking) {
    const { ask, at, language, tenant } = looking;
    const say = wordsFor(looking);
    const [{ items }, versions] = await Promise.all([ask('listFamilies'), ask('listVersions', { at })]);
    const phonesOf = (id: string): number =>
      versions.items.reduce((sum, { family, devices }) => sum + (family === id ? devices : 0), 0);
    const shown = items.map(({ family, title, models, served }) => ({
      ...{
        family,
        title: titleIn(language, title),
        href: familyAt(tenant, family),
        phones: phonesOf(family),
        models: models.length,
      },
      served: say(served ? 'families.served' : 'families.recognised'),
    }));
    return {
      title: say('families.title'),
      // Those that are here come first.
      families: shown.toSorted((one, other) => other.phones - one.phones || (one.title < other.title ? -1 : 1)),
    };
  },
};

export const ONE_FAMILY: Page = {
  path: '/t/:tenant/families/:family',
  view: 'family',
  async load(looking) {
    const { ask, at, language, tenant, here, visitor } = looking;
    const say = wordsFor(looking);
    const id = at['family'] ?? '';
    const [files, { items: families }, { items: versions }] = await Promise.all([
      ask('listFamilyFiles', { at: { family: id } }),
      ask('listFamilies'),
      ask('listVersions', { at: { tenant } }),
    ]);
    const act = actsFor(looking);
    const family = families.find((each) => each.family === id);
    const its = versions.filter((each) => each.family === id);
    const mayHere = visitor.rights.has('policy');
    const mayFiles = mayHere && visitor.tenantId === null;
    return {
      ...{ title: titleIn(language, family?.title ?? id), id, here, leftOut: family?.leftOut ?? [] },
      abilities: Object.entries(family?.abilities ?? {}).map(([name, how]) => ({
        name: name.replaceAll('_', ' '),
        how,
      })),
      models: family?.models ?? [],
      isAny: its.length > 0,
      versions: its.map(({ model, version, devices, firmware }) => ({
        ...{ model: model ?? say('families.unknown'), version: version ?? say('families.unknown'), devices },
        ...{ firmware, href: devicesAt(tenant, id, model, version) },
      })),
      firmware: mayHere
        ? {
            models: [...new Set(its.flatMap(({ model }) => model ?? []))],
            files: files.items.map(({ name }) => name),
            hidden: hiddenOf({ tenant }, here),
          }
        : null,
      rollOuts: visitor.rights.has('change') ? rollOutsOf(looking, id, its) : [],
      isNoFile: files.items.length === 0,
      files: files.items.map((file) => ({
        ...file,
        acts: mayFiles
          ? allowed([
              act(
                'policy',
                'removeFamilyFile',
                'families.remove',
                { family: id, name: file.name },
                'families.removeSure',
              ),
            ])
          : [],
      })),
      put: mayFiles
        ? { to: `/do/putFamilyFile?${new URLSearchParams({ 'at.family': id, back: here }).toString()}` }
        : null,
    };
  },
};

interface Version {
  readonly model: string | null;
  readonly version: string | null;
  readonly devices: number;
  readonly firmware: string | null;
}

/** Models of which some phones have another version than the tenant wants, where it says which. */
function rollOutsOf({ tenant }: Looking, family: string, versions: readonly Version[]) {
  const models = [...new Set(versions.flatMap(({ model, firmware }) => (firmware === null ? [] : (model ?? []))))];
  return models.flatMap((model) => {
    const its = versions.filter((each) => each.model === model);
    const [, wanted] = /@([^@]+)$/.exec(its[0]?.firmware ?? '') ?? [];
    if (wanted === undefined) return [];
    const others = its.reduce((sum, { version, devices }) => sum + (version === wanted ? 0 : devices), 0);
    if (others === 0) return [];
    return [{ model, wanted, others, family, hidden: hiddenOf({ tenant }, `/t/${tenant}/syncs`) }];
  });
}

function devicesAt(tenant: string, family: string, model: string | null, version: string | null): string {
  const search = Object.values(notEmpty({ family, model: model ?? '', version: version ?? '' })).join(' ');
  return `/t/${tenant}/devices?${new URLSearchParams({ search }).toString()}`;
}
