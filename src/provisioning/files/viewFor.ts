import type { Device } from '../../domain/device.ts';
import type { Secret } from '../../domain/secret.ts';
import type { PhoneFacts, ServerFacts } from '../../phones/view/facts.ts';
import type { Families } from '../../phones/family/family.ts';
import { bootstrapView, lineView } from '../../phones/view/view.ts';
import type { View } from '../../phones/template/viewTypes.ts';
import type { Settings } from './settingsFor.ts';

/** The view that a file is rendered from. A file that is nobody's own has no delivery URL and no lines. */
export function viewFor(
  families: Families,
  server: ServerFacts,
  device: PhoneFacts | Device,
  settings: Settings,
  deliveryUrl: Secret | null,
): View {
  const { tenant, deviceTemplate, defaultLine, userLines } = settings;
  const facts = { device, tenant, deviceTemplate, server, deliveryUrl };
  if (userLines.length === 0) return bootstrapView(families, { ...facts, defaultLine });
  return lineView(families, { ...facts, lines: userLines });
}
