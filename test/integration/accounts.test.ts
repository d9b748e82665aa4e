import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { PLAIN_DEFAULT_LINE } from '../../src/domain/lineSettings.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { addUser, removeUser } from '../../src/administration/users.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { tablesWalked } from '../support/tablesWalked.ts';
import { refusalOf } from '../support/refusal.ts';
import { assign, enrol, stateOfDevice } from '../support/steps.ts';

const MAC = '001565aabb01';
const OTHER = '001565aabb02';

describe('SIP accounts, as Asterisk reads them from the database', () => {
  let core: TestCore;
  let asterisk: Knex;

  beforeEach(async () => {
    core = await openTestCore();
    asterisk = core.connect();
  });

  afterEach(async () => {
    await asterisk.destroy();
    await core.close();
  });

  const add = (extension: string, name = 'Ann Lee') => addUser(core, { tenantId: 'default', extension, name });
  const account = async (view: string, id: string): Promise<Record<string, unknown> | undefined> =>
    (await asterisk(view).where({ id }).first()) as Record<string, unknown> | undefined;

  const nameOf = async (mac: string): Promise<string> => (await core.store.lines(mac))[0]?.endpoint ?? '';

  it('are an endpoint, an AOR and an auth of its own for a new device, in the context that reaches next to nothing', async () => {
    const { endpoint } = await enrol(core, MAC);
    expect(endpoint).to.match(new RegExp(`^phone-${MAC}-[0-9a-f]{6}$`));
    expect(await account('ps_endpoints', endpoint)).to.include({
      aors: endpoint,
      auth: endpoint,
      context: 'selfprov-default-line',
      allow: PLAIN_DEFAULT_LINE.codecs.join(','),
    });
    expect(await account('ps_aors', endpoint)).to.include({ max_contacts: 1 });
    expect(await account('ps_auths', endpoint)).to.include({ auth_type: 'md5', realm: 'asterisk' });
  });

  it('hold no secret: only the hash that digest authentication needs', async () => {
    const line = await enrol(core, MAC);
    const secret = line.secret.reveal();
    const md5 = createHash('md5').update(`${line.authName}:asterisk:${secret}`).digest('hex');
    expect(await account('ps_auths', line.authName)).to.include({ md5_cred: md5 });
    const files = readdirSync(core.directory).filter((name) => name.startsWith('selfprov.sqlite'));
    for (const file of files) expect(readFileSync(join(core.directory, file), 'latin1')).not.to.contain(secret);
  });

  it("are the user's after the assignment, and the default line is gone", async () => {
    const { endpoint } = await enrol(core, MAC);
    const { user } = await add('1500');
    await assign(core, MAC, user.id);
    expect(await account('ps_endpoints', endpoint)).to.equal(undefined);
    expect(await account('ps_auths', endpoint)).to.equal(undefined);
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
      await enrol(core, mac);
      await assign(core, mac, user.id);
    }
    expect(await account('ps_endpoints', '1500')).to.include({ auth: `1500-${MAC},1500-${OTHER}` });
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    expect(await account('ps_endpoints', '1500')).to.include({ auth: `1500-${OTHER}` });
    expect(await account('ps_auths', `1500-${MAC}`)).to.equal(undefined);
    expect(await account('ps_endpoints', await nameOf(MAC))).to.include({ context: 'selfprov-default-line' });
  });

  it('do not exist for a user without a phone: an endpoint without credentials would be open to anybody', async () => {
    const { user } = await add('1500');
    expect(await account('ps_endpoints', '1500')).to.equal(undefined);
    await enrol(core, MAC);
    await assign(core, MAC, user.id);
    await removeDevice(core, { mac: MAC, actor: 'test' });
    expect(await account('ps_endpoints', '1500')).to.equal(undefined);
    expect(await account('ps_aors', '1500')).to.equal(undefined);
  });

  it('go back to default lines when their user is removed', async () => {
    const { user } = await add('1500');
    await enrol(core, MAC);
    await assign(core, MAC, user.id);
    await removeUser(core, user);
    expect(await core.store.userByExtension('default', '1500')).to.equal(undefined);
    expect(await account('ps_endpoints', '1500')).to.equal(undefined);
    expect(await stateOfDevice(core, MAC)).to.equal('unassigned');
    expect(await account('ps_endpoints', await nameOf(MAC))).not.to.equal(undefined);
  });

  it('show a display name that no quote, semicolon or backslash can break out of', async () => {
    const { user } = await add('1500', `Ann "Boss"; Lee \\ <666>`);
    await enrol(core, MAC);
    await assign(core, MAC, user.id);
    expect(await account('ps_endpoints', '1500')).to.include({ callerid: `"Ann 'Boss', Lee / <666>" <1500>` });
  });

  it('are found by an index, however many there are', async () => {
    for (const view of ['ps_endpoints', 'ps_auths', 'ps_aors']) {
      expect(await tablesWalked(asterisk, `SELECT * FROM ${view} WHERE id = '1500'`)).to.deep.equal([]);
    }
  });

  describe('are refused', () => {
    it('to a device that has a user already', async () => {
      await enrol(core, MAC);
      const [ann, bob] = [await add('1500'), await add('1501')];
      await assign(core, MAC, ann.user.id);
      const refusal = await refusalOf(assign(core, MAC, bob.user.id));
      expect(refusal).to.include({ code: 'conflict', reason: 'already_assigned' });
      expect((await core.store.events({ mac: MAC, limit: 1 }))[0]).to.deep.include({
        step: 'refused',
        userId: bob.user.id,
      });
      expect(await account('ps_endpoints', '1501')).to.equal(undefined);
    });

    it('to a user who has all the phones of the profile', async () => {
      const { user } = await add('1500');
      for (let i = 0; i < 10; i++) {
        await enrol(core, `001565aa000${i}`);
        await assign(core, `001565aa000${i}`, user.id);
      }
      await enrol(core, MAC);
      const refusal = await refusalOf(assign(core, MAC, user.id));
      expect(refusal).to.include({ code: 'conflict', reason: 'phone_limit' });
      expect(await account('ps_endpoints', await nameOf(MAC))).not.to.equal(undefined);
    });

    it('to a user whose self-provisioning is switched off', async () => {
      const { user } = await add('1500');
      await core.store.updateUser(user.id, { selfProvisioning: false });
      await enrol(core, MAC);
      const refusal = await refusalOf(assign(core, MAC, user.id));
      expect(refusal).to.include({ code: 'conflict', reason: 'not_allowed' });
    });

    it('of an extension that Asterisk has an endpoint of its own for, and says what to do', async () => {
      const { user } = await add('1500');
      await enrol(core, MAC);
      core.registrar.foreign.add('1500');
      const refusal = await refusalOf(assign(core, MAC, user.id));
      expect(refusal).to.include({ code: 'conflict', reason: 'shadowed' });
      expect(refusal.message).to.contain('pjsip.conf');
      expect(await account('ps_endpoints', await nameOf(MAC))).not.to.equal(undefined);
      core.registrar.foreign.clear();
      expect(await assign(core, MAC, user.id)).to.include({ endpoint: '1500' });
    });

    it('while Asterisk cannot be asked', async () => {
      const { user } = await add('1500');
      await enrol(core, MAC);
      core.registrar.isDown = true;
      expect(await refusalOf(assign(core, MAC, user.id))).to.include({ code: 'unavailable' });
      expect(await stateOfDevice(core, MAC)).to.equal('unassigned');
    });

    it('for an extension that is another number of the tenant', async () => {
      for (const number of ['112', '911']) expect(await refusalOf(add(number))).to.include({ code: 'conflict' });
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
