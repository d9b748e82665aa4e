import { SelfprovError } from '../../domain/errors.ts';
import type { BootstrapFacts, LineFacts, PhoneFacts } from './facts.ts';
import type { Families, Family } from '../family/family.ts';
import type { Model } from '../family/models.ts';
import { buildView } from './build.ts';
import { setUpKey, wantedKeys } from './chooseKeys.ts';
import { defaultLineView, userLineView } from './lines.ts';
import type { View } from '../template/viewTypes.ts';

/**
 * What a phone without a user gets to see. It holds the secrets of default lines at most: nothing of a user can come
 * in, nor the password of web pages, which opens the phones of users too. Throws `not_found` when the family is not loaded.
 */
export function bootstrapView(families: Families, given: BootstrapFacts): View {
  const facts = { ...given, settings: { ...given.settings, webPassword: null } };
  const { family, model } = phone(families, facts.device);
  const lineLimit = lineLimitOf(family, model);
  const lines = facts.defaultLines
    .filter(({ line }) => line.slot <= lineLimit)
    .map((entry) => defaultLineView(family, facts, entry));
  const keys = lines.slice(0, 1).map((line) => setUpKey(facts.tenant, line.index));
  return buildView({
    timeZones: families.timeZones,
    ...{ family, model, lineLimit, facts, lines, keys },
    usersTenants: [],
    isBootstrap: true,
  });
}

/** What the phone of one or several users gets to see: needs a proof. Same errors as `bootstrapView`. */
export function lineView(families: Families, facts: LineFacts): View {
  const { family, model } = phone(families, facts.device);
  const lineLimit = lineLimitOf(family, model);
  const lines = [
    ...facts.lines.map((entry) => userLineView(family, facts, entry)),
    ...facts.defaultLines.map((entry) => defaultLineView(family, facts, entry)),
  ]
    .filter(({ index }) => index <= lineLimit)
    .toSorted((one, other) => one.index - other.index);
  return buildView({
    timeZones: families.timeZones,
    family,
    model,
    lineLimit,
    facts,
    lines,
    usersTenants: facts.lines.map(({ tenant }) => tenant),
    keys: wantedKeys(facts.tenant, facts.settings.keys),
    isBootstrap: false,
  });
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
