import { Option, type Command } from 'commander';
import type { DevicesWanted } from '../administration/deviceList.ts';
import { DEVICE_STATES } from '../domain/ports.ts';

/** What devices are looked for by, as it is typed. */
export interface DeviceFilter {
  readonly search?: string;
  readonly state?: (typeof DEVICE_STATES)[number];
  readonly family?: string;
  readonly profile?: string;
  readonly own?: 'true' | 'false';
}

/** The same for each command that is about those that fit; those of the API and of the page. */
export function deviceFilterOptions(command: Command): Command {
  return command
    .option('--search <words>', 'those that fit: number, MAC, family, model, address, serial, note, extension, name')
    .addOption(new Option('--state <state>', 'those that are so').choices(DEVICE_STATES))
    .option('--family <family>', 'those of a family')
    .option('--profile <name>', 'those of users with a profile, or entered with it')
    .addOption(new Option('--own <own>', 'the tenant’s own, or only those with a line of its users').choices(OWN));
}

const OWN = ['true', 'false'] as const;

/** As far as it is said. */
export function filterSaid({
  search,
  state,
  family,
  profile,
  own,
}: DeviceFilter): Omit<DevicesWanted, 'limit' | 'tenantId'> {
  return {
    ...(search === undefined ? {} : { text: search }),
    ...(state === undefined ? {} : { state }),
    ...(family === undefined ? {} : { family }),
    ...(profile === undefined ? {} : { profile }),
    ...(own === undefined ? {} : { isOwn: own === 'true' }),
  };
}
