import type { Tenant } from '../../domain/tenant.ts';
import type { Family } from '../family/family.ts';
import type { Model } from '../family/models.ts';
import { plain } from './plain.ts';
import type { TimeZoneRules } from '../template/timeZone.ts';
import type { ViewFacts } from './facts.ts';
import { authorityView, provisioningView, settingsView } from './settings.ts';
import type { Texts } from './texts.ts';
import type { WantedKey } from './chooseKeys.ts';
import { keyRoom, keyViews } from './keys.ts';
import { setUpLabel, unusedLineViews } from './lines.ts';
import { shareProfiles } from './profiles.ts';
import { markEnds } from './slots.ts';
import type { LineView, View } from '../template/viewTypes.ts';

export interface ViewParts {
  readonly timeZones: TimeZoneRules;
  readonly family: Family;
  readonly model: Model;
  /** How many lines can be written for the model. */
  readonly lineLimit: number;
  readonly facts: ViewFacts;
  readonly texts: Omit<Texts, 'lines'>;
  /** Of users who have a line; the device's is among the facts. */
  readonly usersTenants: readonly Tenant[];
  readonly lines: readonly LineView[];
  /** Beside the line keys. */
  readonly keys: readonly WantedKey[];
  readonly isBootstrap: boolean;
}

/** Puts a view together, for `bootstrapView` and `lineView`. */
export function buildView(parts: ViewParts): View {
  const { family, model, lineLimit, facts, texts, isBootstrap } = parts;
  const { lines, ...profiles } = shareProfiles(family, parts.lines);
  const keys = keyRoom(family, model).onPhone;
  const tenants = [...new Map([facts.tenant, ...parts.usersTenants].map((each) => [each.id, each])).values()];
  return plain<View>({
    family: { id: family.id, vendor: family.data.vendor },
    device: texts.device,
    model: { name: model.name, code: model.code, lines: lineLimit, keys, quirks: model.quirks },
    settings: settingsView(parts.timeZones, family, { ...facts, tenants, night: texts.night }),
    provisioning: provisioningView(facts.server.openUrl, facts.deliveryUrl, texts.url),
    authority: authorityView(facts.server, lines),
    self_provisioning: {
      extension: facts.tenant.extension,
      release_extension: facts.tenant.releaseExtension,
      label: setUpLabel(facts.tenant),
    },
    is_bootstrap: isBootstrap,
    lines: markEnds(lines),
    ...profiles,
    has_outbound_proxy: lines.some((line) => line.outbound_proxy.is_set),
    unused_lines: unusedLineViews(family, lineLimit, lines),
    ...keyViews(family, model, lines, parts.keys, isBootstrap),
  });
}
