import { SelfprovError } from '../../domain/errors.ts';
import type { BootstrapFacts, LineFacts, PhoneFacts, ViewFacts } from './facts.ts';
import type { Families, Family } from '../family/family.ts';
import type { Model } from '../family/models.ts';
import { buildView } from './build.ts';
import { setUpKey, wantedKeys } from './chooseKeys.ts';
import { defaultLineItem, lineViewOf, userLineItem, type LineItem } from './lines.ts';
import { phoneTexts, type Texts } from './texts.ts';
import type { View } from '../template/viewTypes.ts';

/**
 * What a phone without a user gets to see. It holds the secrets of default lines at most: nothing of a user can come
 * in, nor the password of web pages, which opens the phones of users too. Throws `not_found` when the family is not loaded.
 */
export function bootstrapView(
  families: Families,
  given: BootstrapFacts,
  marked: (texts: Texts) => Texts = (texts) => texts,
): View {
  const facts = { ...given, settings: { ...given.settings, webPassword: null } };
  return viewOf(families, facts, bootstrapLines(families, facts), marked, true);
}

/** What the phone of one or several users gets to see: needs a proof. Same errors as `bootstrapView`. */
export function lineView(
  families: Families,
  facts: LineFacts,
  marked: (texts: Texts) => Texts = (texts) => texts,
): View {
  return viewOf(families, facts, userLines(families, facts), marked, false);
}

/** What of these views is one phone's own. */
export function bootstrapTexts(families: Families, facts: BootstrapFacts): Texts {
  return textsOf(facts, bootstrapLines(families, facts));
}

/** @see bootstrapTexts */
export function lineViewTexts(families: Families, facts: LineFacts): Texts {
  return textsOf(facts, userLines(families, facts));
}

function textsOf({ device, server, deliveryUrl }: ViewFacts, lines: readonly LineItem[]): Texts {
  return { ...phoneTexts(device, server.openUrl, deliveryUrl), lines: lines.map(({ texts }) => texts) };
}

function viewOf(
  families: Families,
  facts: BootstrapFacts | LineFacts,
  items: readonly LineItem[],
  marked: (texts: Texts) => Texts,
  isBootstrap: boolean,
): View {
  const { family, model } = phone(families, facts.device);
  const texts = marked(textsOf(facts, items));
  const lines = items.map((item, at) =>
    lineViewOf(family, facts.server, { ...item, texts: texts.lines[at] ?? item.texts }),
  );
  const setUpKeys = lines.slice(0, 1).map((line) => setUpKey(facts.tenant, line.index));
  return buildView({
    timeZones: families.timeZones,
    ...{ family, model, lineLimit: lineLimitOf(family, model), facts, texts, lines, isBootstrap },
    usersTenants: 'lines' in facts ? facts.lines.map(({ tenant }) => tenant) : [],
    keys: isBootstrap ? setUpKeys : wantedKeys(facts.tenant, facts.settings.keys),
  });
}

function bootstrapLines(families: Families, { device, tenant, defaultLines }: BootstrapFacts): readonly LineItem[] {
  const { family, model } = phone(families, device);
  const limit = lineLimitOf(family, model);
  return defaultLines.filter(({ line }) => line.slot <= limit).map((entry) => defaultLineItem(tenant, entry));
}

function userLines(families: Families, { device, tenant, defaultLines, lines }: LineFacts): readonly LineItem[] {
  const { family, model } = phone(families, device);
  const limit = lineLimitOf(family, model);
  return [...lines.map(userLineItem), ...defaultLines.map((entry) => defaultLineItem(tenant, entry))]
    .filter(({ line }) => line.slot <= limit)
    .toSorted((one, other) => one.line.slot - other.line.slot);
}

function lineLimitOf(family: Family, model: Model): number {
  const { lines } = family.data.fields;
  return lines.length === 0 ? model.lines : Math.min(model.lines, lines.length);
}

function phone(families: Families, facts: PhoneFacts): { readonly family: Family; readonly model: Model } {
  const family = families.byId.get(facts.family);
  if (family === undefined) throw new SelfprovError('not_found', `There is no family ${facts.family}.`);
  return { family, model: family.models.get(facts.model) };
}
