import { expect } from 'chai';
import { formatMac } from '../../src/domain/mac.ts';
import { showDevice } from '../../src/administration/deviceList.ts';
import { addDevice, newUrl } from '../../src/administration/devices.ts';
import { forgetTheOld } from '../../src/administration/retention.ts';
import { changeTenant, showTenant } from '../../src/administration/tenants.ts';
import type { DialplanStep } from '../../src/domain/dialplan.ts';
import { addUser, checkNumberAt, type NumbersAsked } from '../../src/administration/users.ts';
import { linesIn } from '../../src/phones/family/models.ts';
import { blockDevice, giveDevice } from '../../src/administration/whoseDevice.ts';
import { Secret } from '../../src/domain/secret.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { listDevices } from '../support/listDevices.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import { refusalOf } from '../support/refusal.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const HOUR = 60 * 60_000;
const facts = { families: shippedFamilies, openUrl: () => 'http://prov.example.net/' };

describe('What an administrator is told, and may do', () => {
  let core: TestCore;
  let listener: PhonesListener;

  beforeEach(async () => {
    core = await openTestCore();
    listener = await startPhonesListener(core);
  });
  afterEach(async () => {
    await listener.close();
    await core.close();
  });

  const ask = (path: string, agent: string, from = '10.0.0.7'): Promise<Response> =>
    fetch(`http://127.0.0.1:${listener.port}${path}`, { headers: { 'user-agent': agent, 'x-forwarded-for': from } });
  const stepsOf = async (mac: string): Promise<readonly string[]> =>
    (await core.store.events({ mac, limit: 99 })).map(({ step }) => step);
  const user = async (extension: string): Promise<string> =>
    (await addUser(core, { tenantId: 'default', extension, name: 'Ann Lee' })).user.id;

  it('a phone that was reset is refused: once an hour that is told, with its user and what to type', async () => {
    await enrol(core, MAC);
    await assign(core, MAC, await user('1500'));
    core.pass(HOUR);
    const agent = `Yealink SIP-T46S 66.86.0.15 ${MAC}`;
    for (let i = 0; i < 3; i++) expect((await ask(`/${MAC}.cfg`, agent)).status).to.equal(404);
    expect((await stepsOf(MAC)).filter((step) => step === 'turned_away')).to.have.length(1);
    const [event] = await core.store.events({ mac: MAC, limit: 1 });
    expect(event?.detail).to.include({ address: '10.0.0.7', extension: '1500' });
    const [shown] = await listDevices(core, facts, 'default');
    expect(shown?.note).to.contain(`selfprov device release ${formatMac(MAC)}`);

    core.pass(HOUR);
    await ask(`/${MAC}.cfg`, agent);
    expect((await stepsOf(MAC)).filter((step) => step === 'turned_away')).to.have.length(2);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    expect((await showDevice(core, facts, MAC, 1)).note).to.equal(null);
    expect((await ask(`/${MAC}.cfg`, agent)).status).to.equal(200);
  });

  it('a phone that was reset, and gets a default line, needs no release: a call from it is enough', async () => {
    await enrol(core, MAC);
    await assign(core, MAC, await user('1500'));
    await changeTenant(core, 'default', { texts: { factoryReset: 'default_line' } });
    core.pass(HOUR);
    expect((await ask(`/${MAC}.cfg`, `Yealink SIP-T46S 66.86.0.15 ${MAC}`)).status).to.equal(200);
    const { note, events } = await showDevice(core, facts, MAC, 1);
    for (const said of [note, events[0]?.detail['advice']])
      expect(said).to.contain('by a call from it').and.to.not.contain('release');
  });

  it('a token of an assigned phone that comes from another address is told once an hour, and served', async () => {
    await enrol(core, MAC);
    const { token } = await assign(core, MAC, await user('1500'));
    const from = (address: string): Promise<Response> =>
      ask(`/p/${token.reveal()}/${MAC}.cfg`, `Yealink SIP-T46S 66.86.0.15 ${MAC}`, address);
    for (const address of ['10.0.0.7', '192.0.2.66', '10.0.0.7', '192.0.2.66'])
      expect((await from(address)).status).to.equal(200);
    const moves = (await core.store.events({ mac: MAC, limit: 99 })).filter(({ step }) => step === 'moved');
    expect(moves.map(({ detail }) => detail)).to.deep.equal([{ from: '10.0.0.7', to: '192.0.2.66' }]);
  });

  it('a phone of a family without files is listed, with what is missing', async () => {
    const family = shippedFamilies().all.find(({ files, data }) => files.size === 0 && data.oui.length > 0);
    if (family === undefined) throw new Error('every family has files');
    const mac = `${family.data.oui[0] ?? ''}aabbccddee`.slice(0, 12).toLowerCase();
    expect((await ask(`/${mac}.cfg`, '')).status).to.equal(404);
    const [shown] = await listDevices(core, facts, 'default');
    expect(shown).to.include({ mac, family: family.id, extension: null });
    expect(shown?.note).to.contain(family.id);
    expect(await stepsOf(mac)).to.deep.equal(['enrolled']);
    await ask(`/${mac}.cfg`, '');
    expect(await stepsOf(mac)).to.deep.equal(['enrolled']);
  });

  it('an app that has lost its URL gets a new one, and the old one is worth nothing', async () => {
    const { mac, url } = await addDevice(core, facts, { tenantId: 'default', family: 'linphone' });
    const tokenOf = (text: string): Secret => new Secret(/\/p\/(\w+)\//.exec(text)?.[1] ?? '');
    const fresh = await newUrl(core, facts, mac);
    expect(fresh).to.match(/^http:\/\/prov\.example\.net\/p\/\w{24}\/linphone\.xml$/);
    expect(await core.store.deviceByToken(tokenOf(url))).to.equal(undefined);
    expect(await core.store.deviceByToken(tokenOf(fresh))).to.include({ mac });
    expect((await refusalOf(newUrl(core, facts, '020000000001'))).code).to.equal('not_found');
  });

  it('a family that is only recognised, or not known, cannot be added', async () => {
    const without = shippedFamilies().all.find(({ files }) => files.size === 0);
    for (const family of [without?.id ?? '', 'acne'])
      expect((await refusalOf(addDevice(core, facts, { tenantId: 'default', family }))).code).to.equal('not_found');
  });

  it('a tenant takes nothing that breaks things later, and says what has changed', async () => {
    await user('1500');
    for (const [change, code] of [
      [{ extension: '*56' }, 'conflict'],
      [{ releaseExtension: '1500' }, 'conflict'],
      [{ emergencyNumbers: ['112', '112'] }, 'conflict'],
      [{ emergencyNumbers: ['1500'] }, 'conflict'],
      [{ texts: { defaultNumbers: '1490-1509' } }, 'conflict'],
      [{ texts: { defaultNumbers: '110-119' } }, 'conflict'],
      [{ extension: 'set up' }, 'invalid'],
      [{ texts: { defaultNumbers: '1490-1510' } }, 'conflict'],
      [{ texts: { defaultNumbers: '100-199' } }, 'conflict'],
      [{ texts: { prompts: 'xx' } }, 'invalid'],
      [{ name: ' ' }, 'invalid'],
    ] as const) {
      const before = await showTenant(core, 'default');
      expect((await refusalOf(changeTenant(core, 'default', change))).code, JSON.stringify(change)).to.equal(code);
      expect(await showTenant(core, 'default')).to.deep.equal(before);
    }
    await changeTenant(core, 'default', { extension: '*77', name: 'Default' });
    const [event] = await core.store.events({ limit: 1 });
    expect(event).to.deep.include({ step: 'tenant_changed', actor: 'test', detail: { extension: '*55 → *77' } });
  });

  it('a range of numbers is for phones that are there already too; those that have one of it keep it', async () => {
    const macs = ['001565aabb01', '001565aabb02', '001565aabb03'];
    const numbers = async (): Promise<readonly (string | null | undefined)[]> =>
      Promise.all(macs.map(async (mac) => (await core.store.lines(mac))[0]?.number));
    const range = (defaultNumbers: string) => changeTenant(core, 'default', { texts: { defaultNumbers } });
    for (const mac of macs) await enrol(core, mac);
    await range('9001-9002');
    expect(await numbers()).to.deep.equal(['9001', '9002', null]);
    const [event] = await core.store.events({ step: 'numbers_used_up', limit: 1 });
    expect(event?.detail).to.deep.equal({ from: '9001', to: '9002' });
    await range('9000-9002');
    expect(await numbers()).to.deep.equal(['9001', '9002', '9000']);
    await range('8000-8009');
    expect(await numbers()).to.deep.equal(['8000', '8001', '8002']);
    await range('none');
    expect(await numbers()).to.deep.equal([null, null, null]);
  });

  it('a phone gives nobody a line that it does not have', async () => {
    for (const extension of ['1500', '1501']) await user(extension);
    core = { ...core, linesOf: (kind) => linesIn(shippedFamilies(), kind) };
    await enrol(core, MAC);
    const give = (extension: string, slot?: number): Promise<number> =>
      giveDevice(core, { mac: MAC, tenantId: 'default', extension, ...(slot === undefined ? {} : { slot }) });
    expect((await refusalOf(give('1500', 99))).message).to.contain('16 lines');
    expect(await give('1500', 16)).to.equal(16);
    expect(await give('1501')).to.equal(1);
  });

  describe('a new user’s number is looked for in Asterisk first', () => {
    const nothing = { endpoint: () => Promise.resolve(undefined), steps: () => Promise.resolve([]) };
    const check = (asterisk: Partial<NumbersAsked>, extension = '1500') =>
      checkNumberAt({ ...nothing, ...asterisk }, core, 'default', extension);
    const step = (extension: string, context = 'users') => ({ context, extension, application: 'Queue', data: '' });

    it('an endpoint that is the administrator’s own is refused: it can be adopted', async () => {
      const facts = { name: '1500', auths: ['1500'], aors: ['1500'], identifyBy: ['username'] };
      const endpoint = () =>
        Promise.resolve({ ...facts, context: 'users', callerName: '', mostContacts: 1, foreignSlots: [] });
      expect((await refusalOf(check({ endpoint }))).message).to.contain('selfprov user adopt 1500');
      const ours = () => endpoint().then((its) => ({ ...its, auths: [`1500-${MAC}`] }));
      expect(await check({ endpoint: ours })).to.contain('nobody can call');
    });

    it('an extension that means something else is refused, a pattern that fits others too is what is wanted', async () => {
      const refusal = await refusalOf(check({ steps: () => Promise.resolve([step('_15XX'), step('1500')]) }));
      expect(refusal.message).to.contain('1500 is an extension of [users] already (Queue)');
      expect(await check({ steps: () => Promise.resolve([step('_15XX')]) })).to.equal(undefined);
    });

    it('an extension that leads to the new user’s endpoint, or a lamp for it, is what an administrator has prepared', async () => {
      const as = (application: string, data: string) => ({ ...step('1500'), application, data });
      const taken = async (...steps: readonly DialplanStep[]): Promise<boolean> =>
        check({ steps: () => Promise.resolve([...steps, step('_15XX')]) }).then(
          () => false,
          () => true,
        );
      expect(await taken(as('Dial', 'PJSIP/1500,20'))).to.equal(false);
      expect(await taken(as('NoOp', ''), as('Gosub', 'ring,${EXTEN},1'))).to.equal(false);
      expect(await taken(as('PJSIP/1500', ''))).to.equal(false);
      expect(await taken(as('Dial', 'PJSIP/15001&PJSIP/715001'))).to.equal(true);
      expect(await taken(as('ConfBridge', '1500'))).to.equal(true);
      expect(await taken(as('PJSIP/1700', ''))).to.equal(true);
    });

    it('where nothing leads to it that is said, and so is that Asterisk does not let us look', async () => {
      expect(await check({ steps: () => Promise.resolve([step('_1XXX', 'selfprov-users')]) })).to.contain(
        'nobody can call',
      );
      const refused = () => Promise.reject(new SelfprovError('invalid', 'no', { reason: 'ami_refused' }));
      expect(await check({ steps: refused })).to.contain('asterisk-files');
    });
  });

  describe('is forgotten after its time', () => {
    const retention = { events: 10 * HOUR, unusedDevices: 10 * HOUR, offers: HOUR, usedOffers: 5 * HOUR };

    it('when it is a device that never registered; not one that did, or has a user', async () => {
      const [unused, registered, assigned] = ['001565aabb01', '001565aabb02', '001565aabb03'];
      await enrol(core, unused);
      const line = await enrol(core, registered, '10.0.0.8');
      await core.store.updateLine(line.id, { contact: 'sip:x@10.0.0.8:5060' });
      await enrol(core, assigned, '10.0.0.9');
      await assign(core, assigned, await user('1500'), '10.0.0.9');
      core.pass(11 * HOUR);
      await forgetTheOld(core, retention);
      const left = (await core.store.devices('default')).map(({ mac }) => mac);
      expect(left).to.deep.equal([registered, assigned]);
    });

    it('never when an administrator has entered it, or blocked it', async () => {
      const { mac: entered } = await addDevice(core, facts, { tenantId: 'default', family: 'yealink', note: 'Room 7' });
      await enrol(core, MAC);
      await blockDevice(core, MAC);
      core.pass(11 * HOUR);
      await forgetTheOld(core, retention);
      expect(await core.store.device(entered)).to.include({ note: 'Room 7' });
      expect(await core.store.device(MAC)).to.include({ isBlocked: true });
    });

    it('when it is a default line that nobody uses, beside a newer one', async () => {
      const first = await enrol(core, MAC);
      core.pass(2 * HOUR);
      const second = await enrol(core, MAC, '192.0.2.66');
      await forgetTheOld(core, retention);
      expect((await core.store.lines(MAC)).map(({ id }) => id)).to.deep.equal([second.id]);
      expect(await core.store.line(first.id)).to.equal(undefined);
    });
  });
});
