import type { User } from '../../src/domain/user.ts';

/** A user of the default tenant with nothing of its own; no PIN is right. */
export function aUser(extension: string, name = 'Ann'): Omit<User, 'id'> {
  return {
    ...{ tenantId: 'default', profileId: 'default', extension, endpoint: extension, name },
    ...{
      adoption: null,
      loginId: null,
      provisioningId: null,
      pinHash: 'x',
      passwordHash: null,
      selfProvisioning: true,
    },
    ...{ lineSays: {}, deviceSays: {}, createdAt: 0 },
  };
}
