import { expect } from 'chai';
import { stateOfDevice } from '../../support/steps.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import knex, { type Knex } from 'knex';
import * as initial from '../../../migrations/001_initial.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { sealer } from '../../../src/secrets/sealer.ts';
import { siteKey } from '../../../src/secrets/siteKey.ts';
import { openStore, type OpenStore } from '../../../src/store/open.ts';
import { tokenHash } from '../../../src/store/tokenHash.ts';
import { FIRST_TENANT } from '../../support/core.ts';

const ASSIGNED = '001565aabb01';
const UNASSIGNED = '001565aabb02';

describe('A database of the first version', () => {
  let directory: string;
  let opened: OpenStore;
  let raw: Knex;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'selfprov-migration-'));
    const files = { database: join(directory, 'selfprov.sqlite'), siteKey: join(directory, 'site.key') };
    raw = knex({ client: 'better-sqlite3', connection: { filename: files.database }, useNullAsDefault: true });
    await raw.migrate.latest({
      migrationSource: {
        getMigrations: () => Promise.resolve(['001_initial']),
        getMigrationName: (name: string) => name,
        getMigration: () => Promise.resolve(initial),
      },
    });
    const seal = sealer(siteKey(files.siteKey)).seal;
    await fill(raw, (text) => seal(new Secret(text)));
    opened = await openStore({ ...files, database: { file: files.database } }, FIRST_TENANT);
  });
  after(async () => {
    await opened.close();
    await raw.destroy();
    rmSync(directory, { recursive: true });
  });

  it('keeps its devices, with the token that their files carry', async () => {
    const { store } = opened;
    for (const [mac, token] of [
      [ASSIGNED, 'a'.repeat(24)],
      [UNASSIGNED, 'b'.repeat(24)],
    ] as const) {
      expect((await store.deviceByToken(new Secret(token)))?.mac).to.equal(mac);
      expect((await store.lines(mac))[0]?.token.reveal()).to.equal(token);
    }
    expect(await stateOfDevice({ store }, ASSIGNED)).to.equal('assigned');
    expect(await store.device(ASSIGNED)).to.include({ turnedAwayAt: null });
  });

  it('keeps its hand-overs: one that is under way still takes the earlier token', async () => {
    const handOver = await opened.store.handOver(ASSIGNED, 1);
    const [line] = await opened.store.lines(ASSIGNED);
    expect(handOver).to.include({ lineId: line?.id, state: 'failed' });
    expect((await opened.store.deviceByToken(new Secret('c'.repeat(24))))?.mac).to.equal(ASSIGNED);
  });

  it('keeps its accounts for Asterisk, and what was to be removed there', async () => {
    const ids = (await raw('ps_auths').select('id').orderBy('id')) as { id: string }[];
    expect(ids.map(({ id }) => id)).to.deep.equal([`1500-${ASSIGNED}`, `phone-${UNASSIGNED}`]);
    expect((await opened.store.dueFarewells(0)).map(({ aor, whole }) => [aor, whole])).to.deep.equal([
      [`phone-${ASSIGNED}`, true],
    ]);
  });

  it('keeps its users, its events and what they point to', async () => {
    expect(await opened.store.userByExtension('default', '1500')).to.include({ name: 'Ann Lee' });
    expect(await opened.store.events({ mac: ASSIGNED, limit: 9 })).to.have.length(1);
    expect(await raw.raw('PRAGMA foreign_key_check')).to.deep.equal([]);
  });

  it('has its users’ lines follow the SIP server’s transport from now on', async () => {
    const template = await opened.store.lineTemplate('default');
    expect(template?.says).to.include({ context: 'users' }).and.not.to.have.property('transport');
  });
});

/** One device of a user whose hand-over has failed, one of nobody, and a registration that is still to be removed. */
async function fill(raw: Knex, seal: (text: string) => string): Promise<void> {
  const own = { id: 'default', tenant_id: 'default', name: 'Default' };
  await raw('tenants').insert({
    ...{ id: 'default', name: 'Default', realm: 'asterisk', extension: '*55', release_extension: '*56' },
    ...{ emergency_numbers: '112', language: 'en', default_profile_id: 'default' },
    default_device_template_id: 'default',
  });
  await raw('line_templates').insert({
    ...own,
    ...{ context: 'users', codecs: 'g722,alaw', transport: 'udp', srtp: false, expiry: 3600 },
  });
  await raw('device_templates').insert({ ...own, language: 'en', time_zone: 'Europe/Berlin' });
  await raw('user_profiles').insert({
    ...own,
    ...{ self_provisioning: true, phone_limit: 10, line_template_id: 'default', device_template_id: 'default' },
  });
  await raw('users').insert({
    ...{ id: 'ann', tenant_id: 'default', profile_id: 'default', extension: '1500', name: 'Ann Lee' },
    ...{ pin_hash: 'x', self_provisioning: true, created_at: 1 },
  });
  for (const [mac, state, token, previous] of [
    [ASSIGNED, 'assigned', 'a'.repeat(24), 'c'.repeat(24)],
    [UNASSIGNED, 'unassigned', 'b'.repeat(24), null],
  ] as const) {
    await raw('devices').insert({
      ...{ mac, tenant_id: 'default', family: 'yealink', state, address: '10.0.0.7', seen_at: 1, created_at: 1 },
      ...{ token: seal(token), token_hash: tokenHash(new Secret(token)) },
      previous_token: previous && seal(previous),
      previous_token_hash: previous && tokenHash(new Secret(previous)),
    });
    const isUsers = state === 'assigned';
    await raw('lines').insert({
      ...{ id: `line ${mac}`, mac, slot: 1, user_id: isUsers ? 'ann' : null },
      endpoint: isUsers ? '1500' : `phone-${mac}`,
      auth_name: isUsers ? `1500-${mac}` : `phone-${mac}`,
      ...{ secret: seal('secret'), md5_credential: 'md5', contact: 'sip:x@10.0.0.7' },
    });
  }
  await raw('hand_overs').insert({
    ...{ mac: ASSIGNED, kind: 'assign', state: 'failed', failure: 'not_fetched', aor: '1500', contacts_before: '[]' },
    ...{ window_ends_at: 1, accepted_at: 1, attempts: 6 },
  });
  await raw('stale_registrations').insert({ id: 'stale', aor: `phone-${ASSIGNED}`, keep: '[]' });
  await raw('events').insert({ at: 1, step: 'accepted', tenant_id: 'default', mac: ASSIGNED, detail: '{}' });
}
