import type { Device } from '../../domain/device.ts';
import type { Families, FileAsked } from '../../phones/family/family.ts';
import type { PhoneFacts, ServerFacts } from '../../phones/view/facts.ts';
import { renderFile, textOf } from '../../phones/view/render.ts';
import { withMasks } from './comparable.ts';
import { MASKED } from './masks.ts';
import type { Settings } from './settingsFor.ts';
import { viewFor } from './viewFor.ts';

interface Needs {
  readonly families: Families;
  readonly server: ServerFacts;
}

/** A device's own file with a mask in the place of each secret, as text. */
export function maskedFile(
  { families, server }: Needs,
  file: FileAsked,
  device: PhoneFacts | Device,
  settings: Settings,
): string {
  const view = viewFor(families, server, device, withMasks(settings), MASKED);
  return textOf(families, file, renderFile(families, file, view).body);
}
