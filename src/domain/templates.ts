import type { DeviceSettings } from './deviceSettings.ts';
import type { LineSettings } from './lineSettings.ts';
import type { Said } from './settings.ts';

interface Template<Settings> {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** What it says; the rest is as the tenant has it. */
  readonly says: Said<Settings>;
}

/** Settings of a line, applied when it is given to a user. */
export type LineTemplate = Template<LineSettings>;

/** Settings of a phone. */
export type DeviceTemplate = Template<DeviceSettings>;
