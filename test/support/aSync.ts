import type { Sync } from '../../src/domain/sync.ts';

/** One that runs, of whatever devices, at the slowest pace. */
export const A_SYNC: Omit<Sync, 'id'> = {
  ...{
    tenantId: 'default',
    actor: 'test',
    what: 'devices',
    mac: null,
    rotates: false,
    reboots: false,
    state: 'running',
  },
  ...{ perMinute: 1, perAddress: 1, canary: 0, mostLost: 0, canaryWithin: 1, backWithin: 1 },
  ...{ canaryPassedAt: null, startedAt: 0, endedAt: null },
};
