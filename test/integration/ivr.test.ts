import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { User } from '../../src/domain/user.ts';
import { CallEnded } from '../../src/ivr/call.ts';
import { release } from '../../src/ivr/release.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { scriptedCall, type Script, type ScriptedCall } from '../support/scriptedCall.ts';
import { assign, enrol, HOME, stateOfDevice } from '../support/steps.ts';

const MAC = '001565aabb01';
const OTHER = '001565aabb02';
const PIN = '840271';

describe('What a caller hears', () => {
  let core: TestCore;
  let ann: User;

  beforeEach(async () => {
    core = await openTestCore();
    ({ user: ann } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee', pin: PIN }));
  });
  afterEach(() => core.close());

  async function dial(script: typeof selfProvision, from: Script): Promise<ScriptedCall> {
    const call = scriptedCall({ contact: `sip:x@${HOME}:5060`, address: HOME, ...from });
    await script(core, call).catch((error: unknown) => {
      if (!(error instanceof CallEnded)) throw error;
    });
    return call;
  }
  const defaultLine = async (mac = MAC): Promise<string> => (await enrol(core, mac)).endpoint;
  const usersLine = async (): Promise<{ endpoint: string; authName: string }> => {
    await enrol(core, MAC);
    return assign(core, MAC, ann.id);
  };
  const setUp = async (keys: string, more: Partial<Script> = {}): Promise<ScriptedCall> =>
    dial(selfProvision, { endpoint: await defaultLine(), keys, ...more });
  const state = (): Promise<string> => stateOfDevice(core, MAC);

  describe('who sets up a phone', () => {
    it('is the way to extension, PIN and confirmation, and then that the phone restarts', async () => {
      const endpoint = await defaultLine();
      const call = await dial(selfProvision, { endpoint });
      expect(call.heard.slice(0, 2)).to.deep.equal(['welcome', 'enter-extension']);
      const done = await dial(selfProvision, { endpoint, keys: `1500#${PIN}#1` });
      expect(done.heard).to.deep.equal(['phone-will-restart']);
      expect(done.isUp).to.equal(false);
      expect(await state()).to.equal('handing_over');
      // The call is over: check-sync is due at once.
      expect(await core.store.handOver(MAC, 1)).to.include({ nextAttemptAt: core.now(), kind: 'assign' });
    });

    it('is everything that was not typed ahead', async () => {
      const call = await setUp(`1500#`, { hangsUpAt: 'enter-pin' });
      expect(call.heard).to.deep.equal(['enter-pin']);
      expect(await state()).to.equal('unassigned');
    });

    it('is asked again three times when nothing comes, then goodbye', async () => {
      expect((await setUp('')).heard).to.deep.equal([
        ...['welcome', 'enter-extension', 'nothing-entered', 'enter-extension', 'nothing-entered', 'enter-extension'],
        'goodbye',
      ]);
    });

    it('is the beginning again after a star, at each step', async () => {
      for (const keys of ['15*', '1500#12*', `1500#${PIN}#*`]) {
        const call = await setUp(keys, { hangsUpAt: 'start-over' });
        expect(call.heard.at(-1), keys).to.equal('start-over');
      }
      expect(await state()).to.equal('unassigned');
    });

    it('is that it was not accepted, the same for a wrong PIN and for an extension that does not exist, three times', async () => {
      const wrong = await setUp('1500#555123#1500#555124#1500#555125#');
      const unknown = await dial(selfProvision, {
        endpoint: (await enrol(core, OTHER)).endpoint,
        keys: '1999#555123#1999#555124#1999#555125#',
      });
      expect(wrong.heard).to.deep.equal(['too-many-tries']);
      expect(unknown.heard).to.deep.equal(wrong.heard);
    });

    it('is what to do about a key that means nothing', async () => {
      expect((await setUp(`1500#${PIN}#7`, { hangsUpAt: 'confirm' })).heard).to.deep.equal([
        'invalid-key',
        'extension-is',
        '1500',
        'confirm',
      ]);
    });

    it('is whose the phone is, when it belongs to somebody', async () => {
      const call = await dial(selfProvision, await usersLine());
      expect(call.heard).to.deep.equal(['already-assigned', '1500', 'to-give-back', '*56']);
    });

    it('is that the extension has all its phones', async () => {
      for (let i = 0; i < 10; i++) {
        await enrol(core, `001565cc000${i}`);
        await assign(core, `001565cc000${i}`, ann.id);
      }
      expect((await setUp(`1500#${PIN}#1`)).heard).to.deep.equal(['phone-limit']);
      expect(await state()).to.equal('unassigned');
    });

    it('is that this cannot be set up by a call', async () => {
      await core.store.updateUser(ann.id, { selfProvisioning: false });
      expect((await setUp(`1500#${PIN}#1`)).heard).to.deep.equal(['not-allowed']);
    });

    it('is that it cannot be set up: Asterisk has an endpoint of this name, or cannot be asked now', async () => {
      core.registrar.foreign.add('1500');
      expect((await setUp(`1500#${PIN}#1`)).heard).to.deep.equal(['not-ready']);
      const [event] = await core.store.events({ mac: MAC, limit: 1 });
      expect(event?.step).to.equal('refused');
      expect(event?.detail['why']).to.contain('pjsip.conf');
      core.registrar.foreign.clear();
      core.registrar.isDown = true;
      expect((await setUp(`1500#${PIN}#1`)).heard).to.deep.equal(['not-available']);
    });

    it('is whose it is, when somebody else was faster while the caller was asked to confirm', async () => {
      const endpoint = await defaultLine();
      const call = scriptedCall({ endpoint, keys: `1500#${PIN}#` });
      const ask = call.ask.bind(call);
      // While the caller is asked to confirm, another line of the phone is taken by somebody else.
      const slow = {
        ...call,
        ask: async (question: Parameters<typeof ask>[0]) => {
          if (question.endKey !== null) return ask(question);
          await enrol(core, MAC, '192.0.2.66');
          await assign(core, MAC, ann.id, '192.0.2.66');
          return { kind: 'digits', digits: '1' } as const;
        },
      };
      await selfProvision(core, slow);
      expect(call.heard.slice(-4)).to.deep.equal(['already-assigned', '1500', 'to-give-back', '*56']);
    });

    it('is that nothing can be done for a phone that is not ours', async () => {
      expect((await dial(selfProvision, { endpoint: 'kitchen' })).heard).to.deep.equal(['not-available']);
    });

    it('is still heard after the caller has hung up by nobody: the phone is theirs all the same', async () => {
      await setUp(`1500#${PIN}#1`, { hangsUpAt: 'phone-will-restart' });
      expect(await state()).to.equal('handing_over');
      expect(await core.store.handOver(MAC, 1)).to.include({ nextAttemptAt: core.now() });
    });
  });

  describe('who gives a phone back', () => {
    it('is the way to PIN and confirmation, and then that the phone restarts', async () => {
      const { endpoint, authName } = await usersLine();
      const asked = await dial(release, { endpoint, authName, hangsUpAt: 'enter-pin' });
      expect(asked.heard).to.deep.equal(['release-welcome', 'enter-pin']);
      const call = await dial(release, { endpoint, authName, keys: `${PIN}#1` });
      expect(call.heard).to.deep.equal(['phone-released']);
      expect(await state()).to.equal('unassigned');
    });

    it('is that there is nothing to give back', async () => {
      expect((await dial(release, { endpoint: await defaultLine() })).heard).to.deep.equal(['not-assigned']);
    });

    it('is that there is nothing to give back any more, when an administrator was faster', async () => {
      const { endpoint, authName } = await usersLine();
      const call = scriptedCall({ endpoint, authName, keys: `${PIN}#` });
      const slow = {
        ...call,
        ask: async (question: Parameters<typeof call.ask>[0]) => {
          if (question.endKey !== null) return call.ask(question);
          await releaseDevice(core, { mac: MAC, actor: 'test' });
          return { kind: 'digits', digits: '1' } as const;
        },
      };
      await release(core, slow);
      expect(call.heard).to.deep.equal(['not-assigned']);
    });

    it('is that a wrong PIN was not accepted, and that no key keeps the phone', async () => {
      const { endpoint, authName } = await usersLine();
      const wrong = await dial(release, { endpoint, authName, keys: '555123#555124#555125#' });
      expect(wrong.heard).to.deep.equal(['too-many-tries']);
      const silent = await dial(release, { endpoint, authName, keys: `${PIN}#` });
      expect(silent.heard.at(-1)).to.equal('goodbye');
      expect(await state()).to.equal('handing_over');
    });

    it('is that nothing can be done for a phone that is not ours', async () => {
      expect((await dial(release, { endpoint: 'kitchen' })).heard).to.deep.equal(['not-available']);
    });
  });
});
