import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import knex, { type Knex } from 'knex';
import { assignDevice } from '../../src/provisioning/handOver/assignDevice.ts';
import { enrolDevice } from '../../src/provisioning/files/enrolDevice.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { addUser, removeUser } from '../../src/administration/users.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';

const MAC = '001565aabb01';
const OTHER = '001565aabb02';
const CALLER = { contact: 'sip:phone@10.0.0.7:5060', address: '10.0.0.7' };

describe('SIP accounts, as Asterisk reads them from the database', () => {
  let core: TestCore;
  let asterisk: Knex;

  beforeEach(async () => {
    core = await openTestCore();
    asterisk = knex({ client: 'better-sqlite3', connection: { filename: core.database }, useNullAsDefault: true });
  });

  afterEach(async () => {
    await asterisk.destroy();
    await core.close();
  });

  const enrol = (mac: string) =>
    enrolDevice(core, {
      mac,
      tenantId: 'default',
      family: 'yealink',
      model: 'T46S',
      firmware: null,
      address: '10.0.0.7',
    });
  const add = (extension: string, name = 'Ann Lee') => addUser(core, { tenantId: 'default', extension, name });
  const account = async (view: string, id: string): Promise<Record<string, unknown> | undefined> =>
    (await asterisk(view).where({ id }).first()) as Record<string, unknown> | undefined;

  it('are an endpoint, an AOR and an auth of its own for a new device, in the context that reaches next to nothing', async () => {
    await enrol(MAC);
    expect(await account('ps_endpoints', `phone-${MAC}`)).to.include({
      aors: `phone-${MAC}`,
      auth: `phone-${MAC}`,
      context: 'selfprov-default-line',
    });
    expect(await account('ps_aors', `phone-${MAC}`)).to.include({ max_contacts: 1 });
    expect(await account('ps_auths', `phone-${MAC}`)).to.include({ auth_type: 'md5', realm: 'asterisk' });
  });

  it('hold no secret: only the hash that digest authentication needs', async () => {
    await enrol(MAC);
    const [line] = await core.store.lines(MAC);
    const secret = line?.secret.reveal() ?? '';
    const md5 = createHash('md5').update(`phone-${MAC}:asterisk:${secret}`).digest('hex');
    expect(await account('ps_auths', `phone-${MAC}`)).to.include({ md5_cred: md5 });
    const files = readdirSync(core.directory).filter((name) => name.startsWith('selfprov.sqlite'));
    for (const file of files) expect(readFileSync(join(core.directory, file), 'latin1')).not.to.contain(secret);
  });

  it("are the user's after the assignment, and the default line is gone", async () => {
    await enrol(MAC);
    const { user } = await add('1500');
    await assignDevice(core, { mac: MAC, userId: user.id, caller: CALLER });
    expect(await account('ps_endpoints', `phone-${MAC}`)).to.equal(undefined);
    expect(await account('ps_auths', `phone-${MAC}`)).to.equal(undefined);
    expect(await account('ps_endpoints', '1500')).to.include({
      aors: '1500',
      auth: `1500-${MAC}`,
      context: 'users',
      callerid: '"Ann Lee" <1500>',
    });
  });

  it('give each phone of a user a credential that can be taken away alone', async () => {
    const { user } = await add('1500');
    for (const mac of [MAC, OTHER]) {
      await enrol(mac);
      await assignDevice(core, { mac, userId: user.id, caller: CALLER });
    }
    expect(await account('ps_endpoints', '1500')).to.include({ auth: `1500-${MAC},1500-${OTHER}` });
    await releaseDevice(core, { mac: MAC });
    expect(await account('ps_endpoints', '1500')).to.include({ auth: `1500-${OTHER}` });
    expect(await account('ps_auths', `1500-${MAC}`)).to.equal(undefined);
    expect(await account('ps_endpoints', `phone-${MAC}`)).to.include({ context: 'selfprov-default-line' });
  });

  it('do not exist for a user without a phone: an endpoint without credentials would be open to anybody', async () => {
    const { user } = await add('1500');
    expect(await account('ps_endpoints', '1500')).to.equal(undefined);
    await enrol(MAC);
    await assignDevice(core, { mac: MAC, userId: user.id, caller: CALLER });
    await removeDevice(core, MAC);
    expect(await account('ps_endpoints', '1500')).to.equal(undefined);
    expect(await account('ps_aors', '1500')).to.equal(undefined);
  });

  it('go back to default lines when their user is removed', async () => {
    const { user } = await add('1500');
    await enrol(MAC);
    await assignDevice(core, { mac: MAC, userId: user.id, caller: CALLER });
    await removeUser(core, user);
    expect(await core.store.userByExtension('default', '1500')).to.equal(undefined);
    expect(await account('ps_endpoints', '1500')).to.equal(undefined);
    expect(await core.store.device(MAC)).to.include({ state: 'unassigned' });
    expect(await account('ps_endpoints', `phone-${MAC}`)).not.to.equal(undefined);
  });

  it('show a display name that no quote, semicolon or backslash can break out of', async () => {
    const { user } = await add('1500', `Ann "Boss"; Lee \\ <666>`);
    await enrol(MAC);
    await assignDevice(core, { mac: MAC, userId: user.id, caller: CALLER });
    expect(await account('ps_endpoints', '1500')).to.include({ callerid: `"Ann 'Boss', Lee / <666>" <1500>` });
  });

  it('are found by an index, however many there are', async () => {
    for (const view of ['ps_endpoints', 'ps_auths', 'ps_aors']) {
      const plan = await asterisk.raw<readonly { detail: string }[]>(
        `EXPLAIN QUERY PLAN SELECT * FROM ${view} WHERE id = '1500'`,
      );
      // The view itself is walked: its one or no row. A table must not be.
      expect(plan.map(({ detail }) => detail).filter((detail) => /^SCAN (?!ps_)/.test(detail))).to.deep.equal([]);
    }
  });

  describe('are refused', () => {
    it('to a device that has a user already', async () => {
      await enrol(MAC);
      const [ann, bob] = [await add('1500'), await add('1501')];
      await assignDevice(core, { mac: MAC, userId: ann.user.id, caller: CALLER });
      const refusal = await refusalOf(assignDevice(core, { mac: MAC, userId: bob.user.id, caller: CALLER }));
      expect(refusal).to.include({ code: 'conflict', reason: 'already_assigned' });
      expect(await account('ps_endpoints', '1501')).to.equal(undefined);
    });

    it('to a user who has all the phones of the profile', async () => {
      const { user } = await add('1500');
      for (let i = 0; i < 10; i++) {
        await enrol(`001565aa000${i}`);
        await assignDevice(core, { mac: `001565aa000${i}`, userId: user.id, caller: CALLER });
      }
      await enrol(MAC);
      const refusal = await refusalOf(assignDevice(core, { mac: MAC, userId: user.id, caller: CALLER }));
      expect(refusal).to.include({ code: 'conflict', reason: 'phone_limit' });
      expect(await account('ps_endpoints', `phone-${MAC}`)).not.to.equal(undefined);
    });

    it('to a user whose self-provisioning is switched off', async () => {
      const { user } = await add('1500');
      await core.store.updateUser(user.id, { selfProvisioning: false });
      await enrol(MAC);
      const refusal = await refusalOf(assignDevice(core, { mac: MAC, userId: user.id, caller: CALLER }));
      expect(refusal).to.include({ code: 'conflict', reason: 'not_allowed' });
    });

    it('with a second user of the same extension', async () => {
      await add('1500');
      expect(await refusalOf(add('1500', 'Bob'))).to.include({ code: 'conflict' });
    });

    for (const [extension, name] of [
      ['15x', 'Ann'],
      ['', 'Ann'],
      ['1500', ''],
      ['1500', 'Ann\nLee'],
      ['1500', 'x'.repeat(201)],
    ] as const) {
      it(`for extension ${JSON.stringify(extension)} and name ${JSON.stringify(name.slice(0, 20))}`, async () => {
        expect(await refusalOf(add(extension, name))).to.include({ code: 'invalid' });
      });
    }
  });
});
