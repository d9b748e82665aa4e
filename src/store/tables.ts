import type * as is from '../domain/types.ts';
import type { Sealer } from '../secrets/secrets.ts';
import { table, type Table } from './table.ts';

/** A tries row with its key. */
export interface TriesRow extends is.Tries {
  readonly scope: string;
  readonly tenantId: string;
  readonly key: string;
  readonly updatedAt: is.Instant;
}

export interface Tables {
  readonly tenants: Table<is.Tenant>;
  readonly users: Table<is.User>;
  readonly profiles: Table<is.UserProfile>;
  readonly lineTemplates: Table<is.LineTemplate>;
  readonly deviceTemplates: Table<is.DeviceTemplate>;
  readonly devices: Table<is.Device>;
  readonly lines: Table<is.Line>;
  readonly handOvers: Table<is.HandOver>;
  readonly stale: Table<is.StaleRegistration>;
  readonly tries: Table<TriesRow>;
  readonly events: Table<is.Event>;
}

/** Every table: which column holds which field, and how. */
export function tables(sealer: Sealer): Tables {
  return {
    tenants: table<is.Tenant>(
      'tenants',
      {
        id: 'text',
        name: 'text',
        realm: 'text',
        extension: 'text',
        releaseExtension: 'text',
        emergencyNumbers: 'list',
        language: 'text',
        defaultProfileId: 'text',
        defaultDeviceTemplateId: 'text',
      },
      sealer,
    ),
    users: table<is.User>(
      'users',
      {
        id: 'text',
        tenantId: 'text',
        profileId: 'text',
        extension: 'text',
        name: 'text',
        pinHash: 'text',
        selfProvisioning: 'boolean',
        createdAt: 'number',
      },
      sealer,
    ),
    profiles: table<is.UserProfile>(
      'user_profiles',
      {
        id: 'text',
        tenantId: 'text',
        name: 'text',
        selfProvisioning: 'boolean',
        phoneLimit: 'number',
        families: 'list',
        lineTemplateId: 'text',
        deviceTemplateId: 'text',
      },
      sealer,
    ),
    lineTemplates: table<is.LineTemplate>(
      'line_templates',
      {
        id: 'text',
        tenantId: 'text',
        name: 'text',
        context: 'text',
        codecs: 'list',
        transport: 'text',
        srtp: 'boolean',
        expiry: 'number',
        voicemailNumber: 'text',
      },
      sealer,
    ),
    deviceTemplates: table<is.DeviceTemplate>(
      'device_templates',
      {
        id: 'text',
        tenantId: 'text',
        name: 'text',
        language: 'text',
        timeZone: 'text',
        ntpServer: 'text',
        webPassword: 'secret',
      },
      sealer,
    ),
    devices: table<is.Device>(
      'devices',
      {
        mac: 'text',
        tenantId: 'text',
        family: 'text',
        model: 'text',
        firmware: 'text',
        state: 'text',
        token: 'secret',
        previousToken: 'secret',
        address: 'text',
        seenAt: 'number',
        createdAt: 'number',
      },
      sealer,
    ),
    lines: table<is.Line>(
      'lines',
      {
        id: 'text',
        mac: 'text',
        slot: 'number',
        userId: 'text',
        endpoint: 'text',
        authName: 'text',
        secret: 'secret',
        md5Credential: 'text',
        contact: 'text',
      },
      sealer,
    ),
    handOvers: table<is.HandOver>(
      'hand_overs',
      {
        mac: 'text',
        kind: 'text',
        state: 'text',
        failure: 'text',
        aor: 'text',
        contact: 'text',
        contactsBefore: 'json',
        address: 'text',
        windowEndsAt: 'number',
        acceptedAt: 'number',
        notifiedAt: 'number',
        fetchedAt: 'number',
        registeredAt: 'number',
        attempts: 'number',
        nextAttemptAt: 'number',
      },
      sealer,
    ),
    stale: table<is.StaleRegistration>('stale_registrations', { id: 'text', aor: 'text', keep: 'json' }, sealer),
    tries: table<TriesRow>(
      'tries',
      {
        scope: 'text',
        tenantId: 'text',
        key: 'text',
        wrong: 'number',
        locks: 'number',
        lockedUntil: 'number',
        updatedAt: 'number',
      },
      sealer,
    ),
    events: table<is.Event>(
      'events',
      { id: 'text', at: 'number', step: 'text', tenantId: 'text', mac: 'text', userId: 'text', detail: 'json' },
      sealer,
    ),
  };
}
