import type { Device } from '../../domain/device.ts';
import type { Secret } from '../../domain/secret.ts';
import { valuesOf } from '../../domain/settings.ts';
import type { LineFacts, PhoneFacts, ServerFacts } from '../../phones/view/facts.ts';
import type { Families } from '../../phones/family/family.ts';
import type { Texts } from '../../phones/view/texts.ts';
import { bootstrapTexts, bootstrapView, lineView, lineViewTexts } from '../../phones/view/view.ts';
import type { View } from '../../phones/template/viewTypes.ts';
import { deliveryUrl } from './deliveryUrl.ts';
import type { Settings } from './settingsFor.ts';

/** The view that a file is rendered from. A file that is nobody's own has no token and no lines. */
export function viewFor(
  families: Families,
  server: ServerFacts,
  device: PhoneFacts | Device,
  settings: Settings,
  token: Secret | null,
): View {
  return viewBy(families, factsFor(server, device, settings, token));
}

/** What a view is made of: it is a bootstrap view as long as no line is a user's. */
export function factsFor(
  server: ServerFacts,
  device: PhoneFacts | Device,
  { tenant, device: deviceSettings, defaultLines, userLines }: Settings,
  token: Secret | null,
): LineFacts {
  // Phones of a tenant ask by its own name.
  const openUrl = tenant.urls[0] ?? server.openUrl;
  return {
    device,
    tenant,
    settings: valuesOf(deviceSettings),
    server: { ...server, openUrl },
    deliveryUrl: token === null ? null : deliveryUrl(openUrl, token),
    defaultLines: defaultLines.map(({ line, settings }) => ({ line, settings: valuesOf(settings) })),
    lines: userLines.map(({ settings, ...its }) => ({ ...its, settings: valuesOf(settings) })),
  };
}

export function viewBy(families: Families, facts: LineFacts, marked?: (texts: Texts) => Texts): View {
  if (facts.lines.length > 0) return lineView(families, facts, marked);
  const { lines: _, ...ofNobody } = facts;
  return bootstrapView(families, ofNobody, marked);
}

/** What of that view is this phone's own. */
export function textsBy(families: Families, facts: LineFacts): Texts {
  return facts.lines.length > 0 ? lineViewTexts(families, facts) : bootstrapTexts(families, facts);
}
