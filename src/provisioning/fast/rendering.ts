import type { Line } from '../../domain/device.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Common, Snapshot } from '../../domain/snapshot.ts';
import type { Families, FileAsked } from '../../phones/family/family.ts';
import type { LineFacts, PhoneFacts, ServerFacts } from '../../phones/view/facts.ts';
import { renderFile, templateOf, textOf } from '../../phones/view/render.ts';
import { cutStencil, presenceOf, type Stencil } from '../../phones/view/stencil.ts';
import { withMasks } from '../files/comparable.ts';
import { deliveryUrl } from '../files/deliveryUrl.ts';
import { maskedLine } from '../files/masks.ts';
import { settingsFrom, type SettingsOwner, type SettingsSource } from '../files/settingsFor.ts';
import { factsFor, textsBy, viewBy } from '../files/viewFor.ts';
import { byteCache } from './byteCache.ts';

/** Whose file it is: a device as it stands, with the lines of one holding; without a snapshot, any phone of a family. */
export interface FileOwner {
  readonly phone: PhoneFacts;
  readonly settings: SettingsOwner;
  readonly lines: readonly Line[];
  /** Missing where no line is a user's. */
  readonly snapshot: Pick<Snapshot, 'ownerOf' | 'user'> | null;
  /** What the device says of settings, as text. */
  readonly says: string;
}

export interface Rendering {
  /** The same bytes as `renderFile` gives for the view of this owner. Throws what that throws. */
  render(file: FileAsked, owner: FileOwner): Rendered;
  /** The same with a mask in the place of each secret, as text. */
  masked(file: FileAsked, owner: FileOwner): string;
}

interface Rendered {
  readonly contentType: string;
  readonly body: Buffer;
}

/** What files of phones with the same settings have in common. */
interface Mould {
  readonly facts: LineFacts;
  /** By the texts that are there; `null` for one that is rendered each time. */
  readonly stencils: Map<string, Stencil | null>;
}

const MOST_BYTES = 8 * 1024 * 1024;
/** About what a mould takes in memory: settings, and a file cut into pieces. */
const MOULD_BYTES = 40 * 1024;

/**
 * Makes files for one set of families and of what phones have in common. Settings are worked out, and a stencil is cut, when the
 * same are asked for a second time: where each phone has its own, that would only be in the way.
 */
export function rendering(families: Families, server: ServerFacts, common: Common): Rendering {
  const moulds = byteCache<Mould | 'once'>(MOST_BYTES);

  function factsOf({ phone, settings, lines, snapshot }: FileOwner, isMasked: boolean): LineFacts {
    const found = settingsFrom(sourceOf(common, snapshot), settings, lines);
    return factsFor(server, phone, isMasked ? withMasks(found) : found, lines[0]?.token ?? null);
  }

  function render(file: FileAsked, owner: FileOwner, isMasked = false): Rendered {
    const key = `${isMasked ? 'masked\n' : ''}${keyOf(file, owner)}`;
    const mould = moulds.get(key);
    if (mould === undefined) {
      moulds.put(key, 'once', key.length * 2);
      return renderFile(families, file, viewBy(families, factsOf(owner, isMasked)));
    }
    const facts = mould === 'once' ? factsOf(owner, isMasked) : recast(mould.facts, owner);
    const { stencils } = mould === 'once' ? { stencils: new Map<string, Stencil | null>() } : mould;
    if (mould === 'once') moulds.put(key, { facts, stencils }, MOULD_BYTES + key.length * 2);

    const texts = textsBy(families, facts);
    const presence = presenceOf(texts);
    let stencil = stencils.get(presence);
    if (stencil === undefined) {
      stencil = cutStencil(families, file, (marked) => viewBy(families, facts, marked)) ?? null;
      stencils.set(presence, stencil);
    }
    if (stencil === null) return renderFile(families, file, viewBy(families, facts));
    return { contentType: templateOf(families, file).entry.content_type, body: stencil.fill(texts) };
  }

  return {
    render: (file, owner) => render(file, owner),
    masked(file, owner) {
      const { body } = render(file, { ...owner, lines: owner.lines.map(maskedLine) }, true);
      return textOf(families, file, body);
    },
  };
}

/** All that settings and view depend on besides texts: what is the same here is the same in the file. */
function keyOf({ familyId, name }: FileAsked, { phone, settings, lines, snapshot, says }: FileOwner): string {
  let key = `${familyId}\n${name}\n${phone.family}\n${phone.model ?? '\0'}\n${settings.tenantId}\n${settings.profileId ?? ''}`;
  key += `\n${says}\n${lines[0] === undefined ? '' : 'own'}`;
  for (const { id, slot, userId } of lines) {
    const owner = userId === null ? undefined : snapshot?.ownerOf(id);
    key += `\n${slot}`;
    if (owner !== undefined) key += ` ${owner.tenantId} ${owner.profileId} ${owner.says}`;
  }
  return key;
}

/** The facts of another phone with the same settings. */
function recast(facts: LineFacts, { phone, lines, snapshot }: FileOwner): LineFacts {
  const [users, defaults] = [
    lines.filter(({ userId }) => userId !== null),
    lines.filter(({ userId }) => userId === null),
  ];
  const token = lines[0]?.token;
  return {
    ...facts,
    device: phone,
    deliveryUrl: token === undefined ? null : deliveryUrl(facts.server.openUrl, token),
    lines: facts.lines.map((its, at) => {
      const line = orNotFound(users[at], 'line');
      const { extension, name } = orNotFound(snapshot?.ownerOf(line.id), 'user of this line');
      return { ...its, line, user: { ...its.user, extension, name } };
    }),
    defaultLines: facts.defaultLines.map((its, at) => ({
      ...its,
      line: { ...orNotFound(defaults[at], 'line'), userId: null },
    })),
  };
}

function sourceOf(common: Common, snapshot: FileOwner['snapshot']): SettingsSource {
  return {
    tenant: (id) => common.tenants.get(id),
    profile: (id) => common.profiles.get(id),
    lineTemplate: (id) => common.lineTemplates.get(id),
    deviceTemplate: (id) => common.deviceTemplates.get(id),
    user: (id) => snapshot?.user(id),
  };
}
