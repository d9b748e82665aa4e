import type { PrivateTenantSettings } from '../../src/asterisk/private/privateConfig.ts';
import { contextsOf } from '../../src/domain/tenant.ts';

/** The first tenant, as Asterisk's files know it. */
export function firstTenant(change: Partial<PrivateTenantSettings> = {}): PrivateTenantSettings {
  return {
    id: 'default',
    contexts: contextsOf({ id: 'default' }),
    extension: '*55',
    releaseExtension: '*56',
    numberExtension: '*57',
    emergencyNumbers: ['112', '911'],
    defaultNumbers: [],
    usersContext: 'users',
    endpointPattern: '{extension}',
    ...change,
  };
}
