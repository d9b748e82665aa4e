import type { Device } from '../../domain/device.ts';
import type { Secret } from '../../domain/secret.ts';
import { valuesOf } from '../../domain/settings.ts';
import type { PhoneFacts, ServerFacts } from '../../phones/view/facts.ts';
import type { Families } from '../../phones/family/family.ts';
import { bootstrapView, lineView } from '../../phones/view/view.ts';
import type { View } from '../../phones/template/viewTypes.ts';
import { deliveryUrl } from './deliveryUrl.ts';
import type { Settings } from './settingsFor.ts';

/** The view that a file is rendered from. A file that is nobody's own has no token and no lines. */
export function viewFor(
  families: Families,
  server: ServerFacts,
  device: PhoneFacts | Device,
  { tenant, device: deviceSettings, defaultLines, userLines }: Settings,
  token: Secret | null,
): View {
  // Phones of a tenant ask by its own name.
  const openUrl = tenant.urls[0] ?? server.openUrl;
  const url = token === null ? null : deliveryUrl(openUrl, token);
  const facts = {
    device,
    tenant,
    settings: valuesOf(deviceSettings),
    server: { ...server, openUrl },
    deliveryUrl: url,
  };
  const defaults = defaultLines.map(({ line, settings }) => ({ line, settings: valuesOf(settings) }));
  if (userLines.length === 0) return bootstrapView(families, { ...facts, defaultLines: defaults });
  const lines = userLines.map(({ settings, ...its }) => ({ ...its, settings: valuesOf(settings) }));
  return lineView(families, { ...facts, defaultLines: defaults, lines });
}
