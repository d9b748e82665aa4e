import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { addCode } from '../../src/administration/codes.ts';
import { listEvents } from '../../src/administration/events.ts';
import { addTenant, changeTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { giveDevice, moveDevice } from '../../src/administration/whoseDevice.ts';
import type { Line } from '../../src/domain/device.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { release } from '../../src/ivr/release.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { settingsFor } from '../../src/provisioning/files/settingsFor.ts';
import { viewFor } from '../../src/provisioning/files/viewFor.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { listDevices } from '../support/listDevices.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { server, shippedFamilies } from '../support/phoneFacts.ts';
import { refusalOf } from '../support/refusal.ts';
import { scriptedCall } from '../support/scriptedCall.ts';
import { enrol, HOME } from '../support/steps.ts';

const MAC = '000b82aabb02';
const [ANNS, BOS] = ['840271', '739105'];
const THROUGH = ['phone-will-restart'];
const DAY = 24 * 60 * 60_000;

describe('An adapter whose ports are for users of different tenants', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = { ...(await openTestCore()), portsOf: () => 2 };
    await addTenant(core, { id: 'acme', realm: 'acme.example' });
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: ANNS });
    await addUser(core, { tenantId: 'acme', extension: '1600', name: 'Bo', pin: BOS });
    await enrol(core, MAC, HOME, 'grandstream-ht');
  });
  afterEach(() => core.close());

  const port = async (slot: number): Promise<Line> =>
    orNotFound(
      (await core.store.lines(MAC)).find((line) => line.slot === slot),
      'port',
    );
  async function dial(slot: number, keys: string, script = selfProvision, dialled: string | null = null) {
    const { endpoint, authName } = await port(slot);
    const where = { address: HOME, contact: `sip:x@${HOME}:506${slot}` };
    const call = scriptedCall({ endpoint, authName, ...where, keys, dialled });
    await script(core, call);
    return call.heard;
  }
  const keyCode = async (slot: number, tenantId: string, extension: string): Promise<readonly string[]> => {
    const { code } = await addCode(core, [], { tenantId, extension, lasts: DAY });
    return dial(slot, '', selfProvision, code.reveal());
  };
  const endpoints = async (): Promise<readonly string[]> =>
    (await core.store.lines(MAC)).map(({ userId, endpoint }) => (userId === null ? 'nobody' : endpoint));
  const tenantOfDevice = async (): Promise<string | undefined> => (await core.store.device(MAC))?.tenantId;
  const listed = async (tenantId: string): Promise<readonly (string | null)[]> =>
    (await listDevices(core, { families: shippedFamilies }, tenantId)).map(({ extension }) => extension);

  it('is the first tenant’s first: the other one’s user has the other port by a PIN, and both list it', async () => {
    expect(await dial(1, `1500#${ANNS}#1`)).to.include.members(THROUGH);
    expect(await dial(2, `1600#${BOS}#1`)).to.include.members(THROUGH);
    expect(await endpoints()).to.deep.equal(['1500', 'acme-1600']);
    expect(await tenantOfDevice()).to.equal('default');
    expect(await listed('default')).to.deep.equal(['1500, 1600 of acme']);
    expect(await listed('acme')).to.deep.equal(['1500, 1600 of acme']);
  });

  it('is the other tenant’s first: the first one’s user has the other port by a one-time code', async () => {
    expect(await dial(1, `1600#${BOS}#1`)).to.include.members(THROUGH);
    expect(await tenantOfDevice()).to.equal('acme');
    expect(await dial(2, `1500#${ANNS}#`), 'acme’s ports know acme’s numbers').to.include('not-accepted');
    expect(await keyCode(2, 'default', '1500')).to.deep.equal(THROUGH);
    expect(await endpoints()).to.deep.equal(['acme-1600', '1500']);
    expect(await tenantOfDevice(), 'it stays acme’s').to.equal('acme');
    expect(await listed('default')).to.deep.equal(['1600, 1500 of default']);
    expect(await listed('acme')).to.deep.equal(['1600, 1500 of default']);
  });

  it('or because an administrator gives it', async () => {
    await dial(1, `1600#${BOS}#1`);
    await giveDevice(core, { mac: MAC, tenantId: 'default', extension: '1500', slot: 2 });
    expect(await endpoints()).to.deep.equal(['acme-1600', '1500']);
  });

  it('is not taken from its tenant while nobody has it: an administrator moves it', async () => {
    await moveDevice(core, MAC, 'acme');
    expect(await keyCode(1, 'default', '1500')).to.deep.equal(['other-tenant']);
    const given = giveDevice(core, { mac: MAC, tenantId: 'default', extension: '1500' });
    expect(await refusalOf(given)).to.include({ reason: 'other_tenant' });
    expect(await endpoints()).to.deep.equal(['nobody', 'nobody']);
  });

  it('comes after a move with the URL it has, and gets the new lines and no others', async () => {
    const before = await core.store.lines(MAC);
    await moveDevice(core, MAC, 'acme');
    const after = await core.store.lines(MAC);
    expect(after.map(({ authName }) => authName)).to.not.have.members(before.map(({ authName }) => authName));
    expect(after.map(({ token }) => token.reveal())).to.deep.equal(before.map(({ token }) => token.reveal()));
  });

  it('stays with the one when the other gives the port back', async () => {
    await dial(1, `1600#${BOS}#1`);
    await keyCode(2, 'default', '1500');
    await releaseDevice(core, { mac: MAC, slot: 1, actor: 'test' });
    expect(await endpoints()).to.deep.equal(['nobody', '1500']);
    expect(await listed('default')).to.deep.equal(['1500 of default']);
    await releaseDevice(core, { mac: MAC, slot: 2, actor: 'test' });
    expect(await listed('default')).to.deep.equal([]);
    expect(await listed('acme')).to.deep.equal([null]);
  });

  it('asks each user for what the user’s own tenant wants', async () => {
    await dial(1, `1600#${BOS}#1`);
    await keyCode(2, 'default', '1500');
    await changeTenant(core, 'acme', { texts: { authentication: 'none' } });
    expect(await dial(2, '', release)).to.include('enter-pin');
    expect(await dial(1, '', release)).not.to.include('enter-pin');
    expect(await dial(1, '1', release)).to.include('phone-released');
    expect(await endpoints()).to.deep.equal(['nobody', '1500']);
  });

  it('has in its file the credentials of each realm, and dials the emergency numbers of both', async () => {
    await changeTenant(core, 'acme', { emergencyNumbers: ['110'] });
    await dial(1, `1500#${ANNS}#1`);
    await giveDevice(core, { mac: MAC, tenantId: 'acme', extension: '1600', slot: 2 });
    const device = orNotFound(await core.store.device(MAC), 'device');
    const settings = await settingsFor(
      core.store,
      { ...device, says: { dialRules: ['1XX'] } },
      await core.store.lines(MAC),
    );
    const view = viewFor(shippedFamilies(), server, { ...device, family: 'spa', model: 'SPA112' }, settings, null);
    expect(view.lines.map(({ realm }) => realm)).to.deep.equal(['asterisk', 'acme.example']);
    const rules = view.settings.dial.rules.map(({ spelling }) => spelling);
    expect(rules).to.include.members(['112S0', '110S0']);
    const asterisk = core.connect();
    const auths: unknown = await asterisk('ps_auths').select('realm', 'md5_cred').orderBy('id', 'desc');
    await asterisk.destroy();
    expect(auths).to.deep.equal(
      view.lines
        .map(({ auth_name: name, realm, password }) => ({
          realm,
          md5_cred: createHash('md5').update(`${name}:${realm}:${password}`).digest('hex'),
        }))
        .toReversed(),
    );
  });

  it('takes the other port along into the tenant of its first user: context, number and credential', async () => {
    await changeTenant(core, 'acme', { texts: { defaultNumbers: '700-709' } });
    const before = await port(2);
    await dial(1, `1600#${BOS}#1`);
    const after = await port(2);
    expect([after.id, after.number]).to.deep.equal([before.id, '700']);
    const asterisk = core.connect();
    const account: unknown = await asterisk('ps_endpoints').where({ id: after.endpoint }).first('context');
    const auth: unknown = await asterisk('ps_auths').where({ id: after.authName }).first('realm', 'md5_cred');
    await asterisk.destroy();
    expect(account).to.deep.equal({ context: 'selfprov-acme-default-line' });
    const secret = before.secret.reveal();
    const digest = createHash('md5').update(`${after.authName}:acme.example:${secret}`).digest('hex');
    expect(auth).to.deep.equal({ realm: 'acme.example', md5_cred: digest });
  });

  it('gives each port that comes along a number of its own', async () => {
    core = { ...core, portsOf: () => 4 };
    await changeTenant(core, 'acme', { texts: { defaultNumbers: '700-709' } });
    await enrol(core, MAC, HOME, 'grandstream-ht');
    await dial(1, `1600#${BOS}#1`);
    const numbers = (await core.store.lines(MAC)).flatMap(({ number }) => number ?? []);
    expect(numbers).to.deep.equal(['700', '701', '702']);
  });

  it('tells both tenants what their users do there', async () => {
    await dial(1, `1500#${ANNS}#1`);
    await giveDevice(core, { mac: MAC, tenantId: 'acme', extension: '1600', slot: 2 });
    await releaseDevice(core, { mac: MAC, slot: 2, actor: 'test' });
    const steps = async (tenantId: string): Promise<readonly string[]> =>
      (await listEvents(core, tenantId, { limit: 100 })).flatMap(({ mac, step }) => (mac === MAC ? [step] : []));
    expect(await steps('acme')).to.deep.equal(['accepted', 'released']);
    expect(await steps('default')).to.deep.equal(['enrolled', 'called', 'accepted', 'released']);
  });
});
