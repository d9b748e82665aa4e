import { SelfprovError } from '../../domain/errors.ts';
import type { BootstrapFacts, LineFacts, PhoneFacts } from './facts.ts';
import type { Families, Family } from '../family/family.ts';
import type { Model } from '../family/models.ts';
import { buildView } from './build.ts';
import type { SlotLimits } from './build.ts';
import { setUpKey, spelledOut } from './keys.ts';
import { defaultLineView, userLineView } from './lines.ts';
import type { View } from '../template/viewTypes.ts';

/**
 * What a phone without a user gets to see. It holds the secrets of default lines at most: nothing of a user can come
 * in. Throws `not_found` when the family is not loaded.
 */
export function bootstrapView(families: Families, facts: BootstrapFacts): View {
  const { family, model } = phone(families, facts.device);
  const limits = slotLimits(family, model);
  const lines = facts.defaultLines
    .filter(({ line }) => line.slot <= limits.lines)
    .map((entry) => defaultLineView(family, facts, entry));
  const keys = lines.slice(0, 1).map((line) => setUpKey(facts.tenant, line.index));
  return buildView({ timeZones: families.timeZones, family, model, limits, facts, lines, keys, isBootstrap: true });
}

/** What the phone of one or several users gets to see: needs a proof. Same errors as `bootstrapView`. */
export function lineView(families: Families, facts: LineFacts): View {
  const { family, model } = phone(families, facts.device);
  const limits = slotLimits(family, model);
  const lines = [
    ...facts.lines.map((entry) => userLineView(family, facts, entry)),
    ...facts.defaultLines.map((entry) => defaultLineView(family, facts, entry)),
  ]
    .filter(({ index }) => index <= limits.lines)
    .toSorted((one, other) => one.index - other.index);
  return buildView({
    timeZones: families.timeZones,
    family,
    model,
    limits,
    facts,
    lines,
    keys: spelledOut(facts.tenant, facts.settings.keys),
    isBootstrap: false,
  });
}

function slotLimits(family: Family, model: Model): SlotLimits {
  const { lines, keys } = family.data.fields;
  return {
    lines: lines.length === 0 ? model.lines : Math.min(model.lines, lines.length),
    keys: keys.length === 0 ? model.keys : Math.min(model.keys, keys.length),
  };
}

function phone(families: Families, facts: PhoneFacts): { readonly family: Family; readonly model: Model } {
  const family = families.byId.get(facts.family);
  if (family === undefined) throw new SelfprovError('not_found', `There is no family ${facts.family}.`);
  return { family, model: family.models.get(facts.model) };
}
