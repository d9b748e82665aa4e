import type { Family } from '../family/family.ts';
import type { Model } from '../family/models.ts';
import { plain } from './plain.ts';
import type { TimeZoneRules } from '../template/timeZone.ts';
import type { ViewFacts } from './facts.ts';
import { deviceView, provisioningView, settingsView } from './settings.ts';
import { keyViews, unusedKeyViews, type SpelledKey } from './keys.ts';
import { setUpLabel, unusedLineViews } from './lines.ts';
import { markEnds } from './slots.ts';
import type { LineView, View } from '../template/viewTypes.ts';

/** How many lines and keys can be written for a model. */
export interface SlotLimits {
  readonly lines: number;
  readonly keys: number;
}

export interface ViewParts {
  readonly timeZones: TimeZoneRules;
  readonly family: Family;
  readonly model: Model;
  readonly limits: SlotLimits;
  readonly facts: ViewFacts;
  readonly lines: readonly LineView[];
  /** Beside the line keys. */
  readonly keys: readonly SpelledKey[];
  readonly isBootstrap: boolean;
}

/** Puts a view together, for `bootstrapView` and `lineView`. */
export function buildView(parts: ViewParts): View {
  const { family, model, limits, facts, lines, isBootstrap } = parts;
  const keys = keyViews(family, limits.keys, lines, parts.keys);
  return plain<View>({
    family: { id: family.id, vendor: family.data.vendor },
    device: deviceView(facts.device),
    model: { name: model.name, code: model.code, lines: limits.lines, keys: limits.keys, quirks: model.quirks },
    settings: settingsView(parts.timeZones, family, facts),
    provisioning: provisioningView(facts.server.openUrl, facts.deliveryUrl),
    self_provisioning: {
      extension: facts.tenant.extension,
      release_extension: facts.tenant.releaseExtension,
      label: setUpLabel(facts.tenant),
    },
    is_bootstrap: isBootstrap,
    lines: markEnds(lines),
    unused_lines: unusedLineViews(family, limits.lines, lines),
    keys,
    line_keys: markEnds(keys.filter((key) => key.is_line)),
    feature_keys: markEnds(keys.filter((key) => !key.is_line)),
    unused_keys: unusedKeyViews(family, limits.keys, keys.length, isBootstrap),
  });
}
