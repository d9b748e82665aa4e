import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import knex from 'knex';
import * as initial from '../../migrations/001_initial.ts';
import * as second from '../../migrations/002_one_line_for_each_who_asks.ts';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { openTestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('A database of the first version in which the registration of a phone that was released was still to be removed', () => {
  it('does not take the registration of the user’s other phone away when it is upgraded', async () => {
    // What the migration makes of it.
    const directory = mkdtempSync(join(tmpdir(), 'selfprov-migration-'));
    const raw = knex({
      client: 'better-sqlite3',
      connection: { filename: join(directory, 'x') },
      useNullAsDefault: true,
    });
    await raw.transaction((inside) => initial.up(inside));
    await raw('stale_registrations').insert(staleOf(await raw('stale_registrations').columnInfo()));
    await raw.transaction((inside) => second.up(inside));
    const [made] = (await raw('farewells').select('*')) as Record<string, never>[];
    await raw.destroy();
    rmSync(directory, { recursive: true });

    const core = await openTestCore();
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await enrol(core, MAC);
    const { authName, secret } = await assign(core, MAC, user.id);
    await core.registrar.register({
      ...{ user: '1500', authName, password: secret.reveal(), address: HOME, port: 5060, viaAddress: HOME },
      ...{ viaPort: 5060, callId: '1', userAgent: 'Yealink SIP-T46S 66.86.0.15', expires: 600 },
    });
    await noteRegistrations(core, '1500');
    expect(await core.registrar.contacts('1500')).to.have.length(1);

    const { key, mac } = made ?? {};
    await core.store.addFarewell({
      ...{ key: key ?? '', aor: '1500', whole: false, mac: mac ?? '?', tenantId: 'default', family: '' },
      ...{ seenAs: null, fetchedFrom: null, notIts: [], amongOthers: false, contact: null, notify: null, told: false },
      ...{ createdAt: 0, nextAttemptAt: 0 },
    });
    await driveHandOvers(core, (error) => expect.fail(String(error)));
    const left = await core.registrar.contacts('1500');
    await core.close();
    expect(left).to.have.length(1);
  });
});

function staleOf(columns: object): Record<string, unknown> {
  const values: Record<string, unknown> = { id: 'k', aor: '1500', contact: null, uri: null };
  return Object.fromEntries(Object.keys(columns).map((name) => [name, name in values ? values[name] : 0]));
}
