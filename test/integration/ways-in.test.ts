import { expect } from 'chai';
import { addCode, removeCode } from '../../src/administration/codes.ts';
import { changeSite } from '../../src/administration/site.ts';
import { addTenant, changeTenant, setAdministratorCode } from '../../src/administration/tenants.ts';
import { addUser, changeUser, unlockUser } from '../../src/administration/users.ts';
import { blockDevice, giveDevice, moveDevice } from '../../src/administration/whoseDevice.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { User } from '../../src/domain/user.ts';
import { phoneNumber } from '../../src/ivr/phoneNumber.ts';
import { release } from '../../src/ivr/release.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';
import { scriptedCall, type Script, type ScriptedCall } from '../support/scriptedCall.ts';
import { assign, enrol, HOME, stateOfDevice } from '../support/steps.ts';

const MAC = '001565aabb01';
const PIN = '840271';
const DAY = 24 * 60 * 60_000;
const THROUGH = ['phone-will-restart'];

describe('A phone becomes a user’s by a call', () => {
  let core: TestCore;
  let ann: User;
  beforeEach(async () => {
    core = await openTestCore();
    ({ user: ann } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: PIN }));
  });
  afterEach(() => core.close());

  async function dial(keys: string, more: Partial<Script> = {}, script = selfProvision): Promise<ScriptedCall> {
    const lines = await core.store.lines(MAC);
    const line = lines[0] ?? (await enrol(core, MAC));
    const call = scriptedCall({
      ...{ endpoint: line.endpoint, authName: line.authName, address: HOME, contact: `sip:x@${HOME}:5060`, keys },
      ...more,
    });
    await script(core, call);
    return call;
  }
  const heard = async (keys: string, more?: Partial<Script>): Promise<readonly string[]> =>
    (await dial(keys, more)).heard;
  const policy = (texts: Record<string, string>): Promise<unknown> => changeTenant(core, 'default', { texts });
  const holder = async (): Promise<string | undefined> => {
    const line = (await core.store.lines(MAC)).find(({ userId }) => userId !== null);
    return line?.userId == null ? undefined : (await core.store.user(line.userId))?.extension;
  };
  const last = async (): Promise<unknown> => (await core.store.events({ mac: MAC, limit: 1 }))[0]?.detail['reason'];

  describe('whose user says who it is', () => {
    it('by the user ID, when the tenant wants that', async () => {
      await changeUser(core, ann, { loginId: '4711' });
      await policy({ identifyBy: 'user_id' });
      expect((await heard('')).slice(0, 2)).to.deep.equal(['welcome', 'enter-user-id']);
      expect(await heard(`1500#${PIN}#`)).to.include('not-accepted');
      expect(await heard(`4711#${PIN}#1`)).to.deep.equal(THROUGH);
      expect(await holder()).to.equal('1500');
    });

    it('by the user ID, which nobody locks who knows the extension alone', async () => {
      await changeUser(core, ann, { loginId: '4711' });
      await policy({ identifyBy: 'user_id' });
      const line = await enrol(core, MAC);
      for (let i = 0; i < 5; i++) await heard(`1500#00000${i}#`);
      await core.store.forgiveTries('line', 'default', line.authName);
      expect(await heard(`4711#${PIN}#1`)).to.deep.equal(THROUGH);
    });

    it('by the self-provisioning ID, which is another number', async () => {
      await changeUser(core, ann, { loginId: '4711', provisioningId: '99' });
      await policy({ identifyBy: 'provisioning_id' });
      expect((await heard('')).slice(0, 2)).to.deep.equal(['welcome', 'enter-provisioning-id']);
      expect(await heard(`99#${PIN}#1`)).to.deep.equal(THROUGH);
    });

    it('that may be as long as a one-time code, and is none: only a wrong PIN counts', async () => {
      await policy({ identifyBy: 'provisioning_id' });
      await changeUser(core, ann, { provisioningId: '550000001500' });
      for (let i = 0; i < 4; i++) await heard(`550000001500#00000${i}#`);
      expect(await heard(`550000001500#${PIN}#1`)).to.deep.equal(THROUGH);
    });

    it('and shows it by a numeric password as well as by the PIN', async () => {
      ann = await changeUser(core, ann, { password: '73190528' });
      expect(await heard('1500#73190528#1')).to.deep.equal(THROUGH);
    });

    it('and shows nothing where nothing is wanted', async () => {
      await policy({ authentication: 'none' });
      expect(await heard('1500#1')).to.deep.equal(THROUGH);
    });

    it('and is not accepted where nothing is wanted, when there is no such user', async () => {
      await policy({ authentication: 'none' });
      expect(await heard('1999#')).to.include('not-accepted');
      expect(await holder()).to.equal(undefined);
    });
  });

  describe('of another tenant', () => {
    beforeEach(async () => {
      await addTenant(core, { id: 'other', name: 'Other' });
      await addUser(core, { tenantId: 'other', extension: '1700', name: 'Cem', pin: '739105' });
    });

    it('by that one’s PIN', async () => {
      expect(await heard('1700#739105#1')).to.deep.equal(THROUGH);
    });

    it('but not because the phone’s tenant wants nothing to be proven', async () => {
      await policy({ authentication: 'none' });
      expect(await heard('1700#1')).to.include('not-accepted');
      expect(await heard('', { dialled: '1700' })).to.deep.equal(['not-accepted']);
      expect(await holder()).to.equal(undefined);
    });

    it('nor by the code of the administrators of the phone’s tenant', async () => {
      await policy({ authentication: 'users_and_administrators' });
      await setAdministratorCode(core, 'default', new Secret('558813'));
      expect(await heard('0#558813#1700#')).to.include('not-accepted');
      expect(await holder()).to.equal(undefined);
    });
  });

  describe('with one dial string', () => {
    it('of extension and PIN: only the result is spoken', async () => {
      expect(await heard('', { dialled: `1500*${PIN}` })).to.deep.equal(THROUGH);
      expect(await holder()).to.equal('1500');
    });

    it('that is wrong: one word, and nothing has changed', async () => {
      expect(await heard('', { dialled: '1500*111222' })).to.deep.equal(['not-accepted']);
      expect(await heard('', { dialled: '1999*111222' })).to.deep.equal(['not-accepted']);
      expect(await heard('', { dialled: '1500' })).to.deep.equal(['not-accepted']);
      expect(await holder()).to.equal(undefined);
    });
  });

  describe('with a one-time code', () => {
    const code = async (more = {}): Promise<string> => {
      const made = await addCode(core, ['yealink', 'snom'], {
        tenantId: 'default',
        extension: '1500',
        lasts: 7 * DAY,
        ...more,
      });
      return made.code.reveal();
    };

    it('at the question or behind the number that is dialled, and once', async () => {
      const [one, other] = [await code(), await code()];
      expect(await heard(`${one}#1`)).to.deep.equal(THROUGH);
      await core.store.removeDevice(MAC);
      expect(await heard('', { dialled: one })).to.deep.equal(['not-accepted']);
      expect(await heard('', { dialled: other })).to.deep.equal(THROUGH);
    });

    it('which is still good when the caller hangs up before it is confirmed', async () => {
      const one = await code();
      await heard(`${one}#`, { hangsUpAt: 'confirm' }).catch(() => undefined);
      expect(await heard(`${one}#1`)).to.deep.equal(THROUGH);
    });

    it('which is worth nothing after its time, on another phone, or taken back', async () => {
      const late = await code({ lasts: DAY });
      core.pass(2 * DAY);
      expect(await heard('', { dialled: late })).to.deep.equal(['not-accepted']);
      expect(await heard('', { dialled: await code({ mac: '001565ffffff' }) })).to.deep.equal(['not-accepted']);
      const back = await addCode(core, [], { tenantId: 'default', extension: '1500', lasts: DAY });
      await removeCode(core, 'default', back.id);
      expect(await heard('', { dialled: back.code.reveal() })).to.deep.equal(['not-accepted']);
      expect(await holder()).to.equal(undefined);
    });

    it('for phones of its family, though a stranger has asked in its name as another before', async () => {
      await enrol(core, MAC, '192.0.2.66', 'snom');
      const { endpoint, authName } = await enrol(core, MAC);
      const from = { endpoint, authName };
      expect(await heard('', { ...from, dialled: await code({ family: 'snom' }) })).to.deep.equal(['not-accepted']);
      expect(await heard('', { ...from, dialled: await code({ family: 'yealink' }) })).to.deep.equal(THROUGH);
    });

    it('is asked for a PIN when it is wrong, like a wrong extension', async () => {
      const call = await heard('123456789012#');
      expect(call.slice(0, 2)).to.deep.equal(['enter-pin', 'nothing-entered']);
    });
  });

  describe('of an administrator', () => {
    beforeEach(async () => {
      await policy({ authentication: 'users_and_administrators' });
      await setAdministratorCode(core, 'default', new Secret('558813'));
    });

    it('who keys 0, the code, and for whom it is', async () => {
      expect(await heard('0#558813#1500#1')).to.deep.equal(THROUGH);
      expect(await holder()).to.equal('1500');
      const events = await core.store.events({ mac: MAC, limit: 10 });
      expect(events.map(({ step }) => step)).to.include('administrator_code_used');
      expect(events.find(({ step }) => step === 'accepted')?.actor).to.equal('administrator');
    });

    it('and of nobody else: a wrong code is counted, and locks that way for all', async () => {
      for (let i = 0; i < 5; i++) expect(await heard(`0#000${i}#`)).to.include('not-accepted');
      await core.store.forgiveTries('line', 'default', (await core.store.lines(MAC))[0]?.authName ?? '');
      expect(await heard('0#558813#')).to.include('not-accepted');
    });

    it('whose code is as hard to guess as a user’s password: it gives away the line of any user', async () => {
      for (const easy of ['1', '5588', '000000', '123456', '774411'])
        expect(await refusalOf(setAdministratorCode(core, 'default', new Secret(easy))), easy).to.include({
          code: 'invalid',
        });
      expect(await heard('0#558813#1500#1')).to.deep.equal(THROUGH);
    });

    it('and not where users alone may call, nor where there is no code', async () => {
      await setAdministratorCode(core, 'default', null);
      expect(await heard('0##')).to.include('nothing-entered');
      expect(await heard('0#558813#')).to.include('not-accepted');
      await policy({ authentication: 'users' });
      expect((await heard('0#'))[0]).to.equal('enter-pin');
    });
  });

  describe('and refusals are said, noted, and change nothing', () => {
    it('switched off for all, or for the tenant: before anything is asked', async () => {
      await changeSite(core, { selfProvisioning: 'off' });
      expect(await heard(`1500#${PIN}#1`)).to.deep.equal(['switched-off']);
      expect(await last()).to.equal('switched_off');
      await changeSite(core, { selfProvisioning: 'on' });
      await policy({ selfProvisioning: 'off' });
      expect(await heard(`1500#${PIN}#1`)).to.deep.equal(['switched-off']);
    });

    it('no calls are answered at all while that is off', async () => {
      await policy({ ivr: 'off' });
      expect(await heard(`1500#${PIN}#1`)).to.deep.equal(['switched-off']);
      expect((await dial('', {}, release)).heard).to.deep.equal(['switched-off']);
    });

    it('a family that the profile does not allow', async () => {
      await core.store.updateProfile(ann.profileId, { families: ['snom'] });
      expect(await heard(`1500#${PIN}#1`)).to.deep.equal(['kind-not-allowed']);
      expect(await last()).to.equal('kind_not_allowed');
    });

    it('a phone that an administrator has blocked', async () => {
      await enrol(core, MAC);
      await blockDevice(core, MAC);
      expect(await heard(`1500#${PIN}#1`)).to.deep.equal(['phone-blocked']);
      expect(await last()).to.equal('blocked');
      expect(await refusalOf(giveDevice(core, { mac: MAC, tenantId: 'default', extension: '1500' }))).to.include({
        reason: 'blocked',
      });
    });

    it('a phone of another tenant, for who has a code of this one', async () => {
      await addTenant(core, { id: 'acme' });
      await enrol(core, MAC);
      await moveDevice(core, MAC, 'acme');
      const { code } = await addCode(core, [], { tenantId: 'default', extension: '1500', lasts: DAY });
      expect(await heard('', { dialled: code.reveal() })).to.deep.equal(['other-tenant']);
      expect(await last()).to.equal('other_tenant');
      expect(await heard(`1500#${PIN}#`), 'its users are not even looked for').to.include('not-accepted');
    });

    it('a blocked phone is taken from whoever has it', async () => {
      await enrol(core, MAC);
      await assign(core, MAC, ann.id);
      await blockDevice(core, MAC);
      expect(await stateOfDevice(core, MAC)).to.equal('unassigned');
    });
  });

  describe('that is somebody’s already', () => {
    beforeEach(async () => {
      await addUser(core, { tenantId: 'default', extension: '1501', name: 'Bo', pin: '739105' });
      await enrol(core, MAC);
      await assign(core, MAC, ann.id);
    });

    it('is not given away, unless the tenant allows it', async () => {
      expect(await heard(`${PIN}#1501#739105#1`)).to.deep.equal(['already-assigned', '1500', 'to-give-back', '*56']);
      expect(await last()).to.equal('already_assigned');
      expect(await holder()).to.equal('1500');
    });

    it('is given away by whoever has it, to whoever proves to be who they are', async () => {
      await policy({ takeOver: 'allow' });
      expect(await heard(`${PIN}#1501#739105#1`)).to.deep.equal(['already-assigned', '1500', ...THROUGH]);
      expect(await holder()).to.equal('1501');
    });

    it('is not given away by others', async () => {
      await policy({ takeOver: 'allow' });
      expect(await heard('111333#739105#')).to.include('not-accepted');
      expect(await holder()).to.equal('1500');
    });

    it('is given away by an administrator, where those may call', async () => {
      await policy({ takeOver: 'allow', authentication: 'users_and_administrators' });
      await setAdministratorCode(core, 'default', new Secret('558813'));
      expect(await heard('0#558813#1501#739105#1')).to.include('phone-will-restart');
      expect(await holder()).to.equal('1501');
    });

    it('and was reset, is its user’s again by a call from the default line that it gets, where the tenant wants that', async () => {
      const ask = async (address: string) => enrol(core, MAC, address).catch(() => undefined);
      expect(await ask(HOME), 'refused as long as the policy says so').to.not.equal(undefined);
      core.pass(20 * 60_000);
      expect(await ask('10.0.0.99')).to.equal(undefined);
      await policy({ factoryReset: 'default_line' });
      const line = await ask('10.0.0.99');
      expect(await holder(), 'nothing has changed for the user yet').to.equal('1500');
      const from = { endpoint: line?.endpoint ?? '', authName: line?.authName ?? '' };
      expect(await heard('1501#739105#1', from), 'nobody else gets it').to.deep.equal([
        'already-assigned',
        '1500',
        'to-give-back',
        '*56',
      ]);
      expect(await heard(`1500#${PIN}#1`, from)).to.deep.equal(THROUGH);
      const lines = await core.store.lines(MAC);
      expect(lines.map(({ userId }) => userId)).to.deep.equal([ann.id]);
    });
  });

  describe('in another language', () => {
    beforeEach(async () => {
      core = { ...core, languages: ['en', 'de', 'fr'] };
      await policy({ prompts: 'en,de' });
    });

    it('that one key chooses, however often, and that is offered in itself', async () => {
      const call = await dial(`###1500#${PIN}#1`);
      expect(call.spoken).to.deep.equal(['en', 'de', 'en', 'de']);
      expect((await dial('')).heard.slice(0, 4)).to.deep.equal(['already-assigned', '1500', 'to-give-back', '*56']);
    });

    it('is offered behind the question, and the question is asked again in it', async () => {
      const call = await dial('#');
      expect(call.heard.slice(0, 3)).to.deep.equal(['enter-extension', 'language (en)', 'nothing-entered']);
      expect((await dial('')).heard.slice(0, 3)).to.deep.equal(['welcome', 'enter-extension', 'language (de)']);
    });

    it('that is the user’s own, as soon as the user is known', async () => {
      await changeUser(core, ann, { texts: { language: 'fr-CA' } });
      const call = await dial(`1500#${PIN}#1`);
      expect(call.spoken.at(-1)).to.equal('fr');
    });

    it('only when there are prompts in it', async () => {
      core = { ...core, languages: ['en'] };
      expect((await dial('')).heard.slice(0, 2)).to.deep.equal(['welcome', 'enter-extension']);
      expect((await dial('')).heard).to.not.include('language (de)');
    });
  });

  it('and says its number, which the list of devices has too', async () => {
    const call = await dial('', {}, phoneNumber);
    const { number } = (await core.store.device(MAC)) ?? {};
    expect(call.heard.slice(0, 2)).to.deep.equal(['phone-id-is', String(number)]);
  });

  describe('of another tenant than the phone is enrolled in', () => {
    beforeEach(async () => {
      await addTenant(core, { id: 'acme', name: 'Acme' });
      await addUser(core, { tenantId: 'acme', extension: '1500', name: 'Cy', pin: '739105' });
      await addUser(core, { tenantId: 'acme', extension: '1600', name: 'Di', pin: '662914' });
    });

    it('when nobody of its own is meant, and moves there', async () => {
      expect(await heard('1600#662914#1')).to.deep.equal(THROUGH);
      expect((await core.store.device(MAC))?.tenantId).to.equal('acme');
      const [line] = await core.store.lines(MAC);
      expect(line?.endpoint).to.equal('acme-1600');
    });

    it('not by guessing: an extension that both have is that of the phone’s own tenant', async () => {
      expect(await heard('1500#739105#')).to.include('not-accepted');
      expect(await heard(`1500#${PIN}#1`)).to.deep.equal(THROUGH);
    });

    it('with a secret as long as that tenant wants one, whatever the phone’s own tenant does', async () => {
      await policy({ authentication: 'none' });
      expect(await heard('1600#')).to.include('enter-pin');
      expect(await heard('', { dialled: '1600' })).to.deep.equal(['not-accepted']);
      expect(await holder()).to.equal(undefined);
      await changeTenant(core, 'acme', { texts: { authentication: 'none' } });
      expect(await heard('1600#1')).to.deep.equal(THROUGH);
    });

    it('and whose lock ends when that tenant’s administrator unlocks the user', async () => {
      for (let i = 0; i < 5; i++) await heard(`1600#00000${i}#`);
      expect(await heard('1600#662914#')).to.include('not-accepted');
      await unlockUser(core, orNotFound(await core.store.userByExtension('acme', '1600'), 'user'));
      expect(await heard('1600#662914#1')).to.deep.equal(THROUGH);
    });

    it('not by an administrator of the phone’s own tenant', async () => {
      await policy({ authentication: 'users_and_administrators' });
      await setAdministratorCode(core, 'default', new Secret('748291'));
      expect(await heard('0#748291#1600#')).to.include('not-accepted');
      expect(await holder()).to.equal(undefined);
    });

    it('and stays in that tenant when it is given back', async () => {
      await heard('1600#662914#1');
      expect((await dial('662914#1', {}, release)).heard).to.include('phone-released');
      expect((await core.store.device(MAC))?.tenantId).to.equal('acme');
      expect(await heard('1500#739105#1'), 'and its 1500 is meant there').to.deep.equal(THROUGH);
    });
  });
});
