import { expect } from 'chai';
import type { Knex } from 'knex';
import { planRotation, rotationsUnderWay, startRotation } from '../../src/administration/rotations.ts';
import { addTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { changeSync, USUAL_PACE, type Pace } from '../../src/administration/syncs.ts';
import { whereOf } from '../../src/domain/addresses.ts';
import { freeSlot } from '../../src/domain/adoption.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { Secret } from '../../src/domain/secret.ts';
import { callingDevice } from '../../src/provisioning/handOver/callingDevice.ts';
import { afterProof, endTrials, noteRefused } from '../../src/provisioning/handOver/formers.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { fetchOwnFile, manyDevices, type OwnPhone } from '../support/manyDevices.ts';
import { refusalOf } from '../support/refusal.ts';
import { rotatingPhone, type RotatingPhone } from '../support/rotatingPhone.ts';
import { assign, enrol } from '../support/steps.ts';

const fail = (error: unknown): never => {
  throw error;
};
const MINUTE = 60_000;

describe('New SIP passwords', () => {
  let core: TestCore;
  let asterisk: Knex;
  let drive: () => Promise<void>;

  beforeEach(async () => {
    core = await openTestCore();
    asterisk = core.connect();
    drive = syncDriver(core, fail);
  });
  afterEach(async () => {
    await asterisk.destroy();
    await core.close();
  });

  async function onePhone(): Promise<RotatingPhone> {
    const [phone] = await manyDevices(core, 1);
    const its = await rotatingPhone(core, orNotFound(phone, 'phone'));
    await its.register();
    return its;
  }
  async function rotate(pace: Partial<Pace> = {}): Promise<void> {
    await startRotation(core, 'default', { all: true }, { ...USUAL_PACE, ...pace });
    await drive();
    core.pass(1000);
  }
  const lineOf = async ({ mac }: Pick<OwnPhone, 'mac'>) => orNotFound((await core.store.lines(mac))[0], 'line');
  const auths = async (): Promise<readonly unknown[]> =>
    ((await asterisk('ps_auths').select('id').orderBy('id')) as { id: string }[]).map(({ id }) => id);
  const listed = async (): Promise<string> => {
    const row = (await asterisk('ps_endpoints').first('auth')) as { auth: string } | undefined;
    return orNotFound(row, 'endpoint').auth.split(',').toSorted().join(',');
  };
  const stepsOf = async ({ mac }: Pick<OwnPhone, 'mac'>): Promise<readonly string[]> =>
    (await core.store.events({ mac, limit: 99 })).map(({ step }) => step);
  const states = async (): Promise<readonly string[]> =>
    (await rotationsUnderWay(core, 'default')).map(({ state }) => state);
  const told = (): number => core.registrar.sent.length;

  it('are in the phone’s file at once, while Asterisk takes the old one too, and go alone when the phone has them', async () => {
    const phone = await onePhone();
    const before = await lineOf(phone);
    await rotate();
    const after = await lineOf(phone);
    expect(after.secret.reveal()).not.to.equal(before.secret.reveal());
    expect(await auths()).to.deep.equal([before.authName, after.authName]);
    expect(await listed()).to.equal(`${before.authName},${after.authName}`);
    expect(told()).to.equal(1);
    expect(await phone.register()).to.equal(200);

    await phone.fetchWhole();
    core.pass(1000);
    expect(await phone.restart('second')).to.equal(200);
    expect(await auths()).to.deep.equal([after.authName]);
    expect(await states()).to.deep.equal(['trying']);
    core.pass(10 * MINUTE);
    expect(await phone.register()).to.equal(200);
    expect((await lineOf(phone)).former).to.equal(null);
    expect(await stepsOf(phone)).to.include.members(['password_new', 'notified', 'old_password_gone']);
    expect((await core.store.syncItem(1, phone.mac))?.state).to.equal('back');
  });

  it('are taken turn about, so that the name of the first is used again', async () => {
    const phone = await onePhone();
    const { authName } = await lineOf(phone);
    for (const start of ['second', 'third']) {
      await rotate();
      await phone.fetchWhole();
      core.pass(1000);
      await phone.restart(start);
      core.pass(10 * MINUTE);
      expect(await phone.register()).to.equal(200);
      await drive();
    }
    expect((await lineOf(phone)).authName).to.equal(authName);
    expect(await auths()).to.deep.equal([authName]);
  });

  it('cut nobody off who has fetched and goes on with the old one: it is taken again at the first refusal', async () => {
    const phone = await onePhone();
    await rotate();
    await phone.fetchWhole();
    core.pass(1000);
    // Its router has restarted while it waits for the end of a call.
    expect(await phone.register('elsewhere')).to.equal(200);
    expect(await states()).to.deep.equal(['trying']);
    core.pass(30 * MINUTE);
    expect(await phone.register()).to.equal(401);
    expect(await phone.register()).to.equal(200);
    expect(await states()).to.deep.equal(['waiting']);
    expect(await stepsOf(phone)).to.include('old_password_back');
    core.pass(60 * MINUTE);
    expect(await phone.register()).to.equal(200);

    await phone.fetchWhole();
    core.pass(1000);
    await phone.restart('second');
    core.pass(10 * MINUTE);
    await phone.register();
    expect(await states()).to.deep.equal([]);
  });

  it('let a phone in that only renews its registration, and try it when that has had time to end its call', async () => {
    const phone = await onePhone();
    await rotate();
    await phone.fetchWhole();
    core.pass(MINUTE);
    await phone.register();
    expect(await states()).to.deep.equal(['fetched']);
    core.pass(20 * MINUTE);
    await phone.register();
    expect(await states()).to.deep.equal(['trying']);
  });

  it('wait for a phone that was off: it comes with the old one days later, fetches and moves on', async () => {
    const phone = await onePhone();
    core.pass(2 * 60 * MINUTE);
    await rotate();
    expect(told()).to.equal(0);
    expect((await core.store.syncItem(1, phone.mac))?.why).to.equal('it is not registered any more');
    core.pass(8 * 24 * 60 * MINUTE);
    expect(await states()).to.deep.equal(['lost']);
    expect(await phone.register('days later')).to.equal(200);
    await phone.fetchWhole();
    core.pass(1000);
    expect(await phone.restart('and on')).to.equal(200);
    core.pass(10 * MINUTE);
    expect(await phone.register()).to.equal(200);
    expect(await states()).to.deep.equal([]);
  });

  it('are no proof that a file has come which was asked for before', async () => {
    const phone = await onePhone();
    const old = await phone.fetch();
    await rotate();
    await old();
    core.pass(1000);
    expect(await phone.restart('second')).to.equal(200);
    expect(await states()).to.deep.equal(['waiting']);
  });

  it('are no proof that a file has come which had another new one', async () => {
    const phone = await onePhone();
    await rotate();
    const another = await phone.fetch();
    await command(core, 'rotate', '--all', '--force', '--yes');
    await changeSync(core, 'default', 1, 'cancel');
    await rotate();
    await another();
    expect(await states()).to.deep.equal(['waiting']);
  });

  it('are no proof by a registration that may be another phone’s', async () => {
    const phone = await onePhone();
    await rotate();
    await phone.fetchWhole();
    core.pass(1000);
    const line = await lineOf(phone);
    const [contact] = await core.registrar.contacts(phone.user.endpoint);
    const current = { ...orNotFound(contact, 'contact'), callId: 'anew' };
    core.heard(phone.user.endpoint, whereOf(current.uri));
    const heard = { places: [], all: [current], isWatched: true, away: [] };
    const place = { current, disbelieved: null, leftBehind: [] };
    expect(afterProof(line, { ...place, certain: true }, [line], heard, core)).not.to.equal(line.former);
    expect(afterProof(line, { ...place, certain: false }, [line], heard, core)).to.equal(line.former);
  });

  it('do not go back because somebody else guesses', async () => {
    const phone = await onePhone();
    await rotate();
    await phone.fetchWhole();
    core.pass(1000);
    await phone.restart('second');
    await noteRefused(core, { endpoint: phone.user.endpoint, address: '198.51.100.66', callId: 'guess' });
    expect(await states()).to.deep.equal(['trying']);
  });

  it('let a phone back in that is refused again and again from where nobody knows it, until it fetches there', async () => {
    const phone = await onePhone();
    const moved = await rotatingPhone(core, { ...phone, address: '198.51.100.77' });
    await rotate();
    await phone.fetchWhole();
    core.pass(11 * MINUTE);
    await phone.register();
    expect(await states()).to.deep.equal(['trying']);
    const answers: unknown[] = [];
    for (let tries = 0; tries < 7; tries++) {
      core.pass(MINUTE);
      answers.push(await moved.register('elsewhere'));
    }
    expect(answers).to.deep.equal([401, 401, 401, 200, 401, 200, 200]);
    expect(await states()).to.deep.equal(['waiting']);
    await moved.fetchWhole();
    core.pass(1000);
    await moved.restart('there');
    core.pass(10 * MINUTE);
    await moved.register();
    expect(await states()).to.deep.equal([]);
  });

  it('are not held up for ever by one who guesses, nor by one who has found the old one', async () => {
    for (const hasFound of [false, true]) {
      const [own] = await manyDevices(core, 1, { first: hasFound ? 31_000 : 32_000 });
      const phone = await rotatingPhone(core, orNotFound(own, 'phone'));
      await phone.register();
      const stranger = await rotatingPhone(core, { ...phone, address: '198.51.100.66' });
      await startRotation(core, 'default', { mac: phone.mac }, USUAL_PACE);
      await drive();
      core.pass(1000);
      for (let days = 0; days < 6; days++) {
        // As its --refresh-hours have it.
        await phone.fetchWhole();
        core.pass(1000);
        await phone.restart('second');
        for (let tries = 0; tries < 20; tries++) {
          core.pass(MINUTE);
          if (hasFound) await stranger.register('guess');
          else await noteRefused(core, { endpoint: phone.user.endpoint, address: stranger.address, callId: 'guess' });
          if (tries % 5 === 4) expect(await phone.register()).to.equal(200);
        }
      }
      expect((await lineOf(phone)).former).to.equal(null);
      expect(await stepsOf(phone)).to.include('old_password_back');
      expect(await stranger.register('guess')).to.equal(401);
    }
  });

  it('end no trial of a phone that is switched off in its midst: the old one is taken again after hours', async () => {
    const phone = await onePhone();
    await rotate();
    await phone.fetchWhole();
    core.pass(1000);
    await phone.restart('second');
    core.pass(2 * 60 * MINUTE);
    await endTrials(core);
    expect(await states()).to.deep.equal(['trying']);
    core.pass(2 * 60 * MINUTE);
    await endTrials(core);
    expect(await states()).to.deep.equal(['fetched']);
  });

  it('end nothing for the other phones of the same user', async () => {
    const [first, second] = await manyDevices(core, 2);
    const [one, other] = [orNotFound(first, 'phone'), orNotFound(second, 'phone')];
    await core.store.updateLine((await lineOf(other)).id, { userId: one.user.id, endpoint: one.user.endpoint });
    const its = await rotatingPhone(core, one);
    const others = await rotatingPhone(core, { ...other, user: one.user });
    await others.register();
    await startRotation(core, 'default', { mac: one.mac }, USUAL_PACE);
    await drive();
    await its.fetchWhole();
    core.pass(1000);
    expect(await others.register('second')).to.equal(200);
    expect(await states()).to.deep.equal(['fetched']);
    expect(await its.restart('second')).to.equal(200);
    expect(await states()).to.deep.equal(['trying']);
    core.pass(10 * MINUTE);
    expect(await others.register()).to.equal(200);
    expect(await states()).to.deep.equal(['trying']);
    expect(await its.register()).to.equal(200);
    expect(await states()).to.deep.equal([]);
  });

  it('tell a call with the old one whose it is', async () => {
    const phone = await onePhone();
    const { authName, endpoint } = await lineOf(phone);
    await rotate();
    const [other] = await manyDevices(core, 1, { first: 30_000 });
    await core.store.updateLine((await lineOf(orNotFound(other, 'phone'))).id, { endpoint });
    const caller = await callingDevice(core, { endpoint, authName, address: phone.address });
    expect(caller?.device.mac).to.equal(phone.mac);
  });

  it('are not given to those who wait when the first do not come back', async () => {
    await manyDevices(core, 6, { perAddress: 1 });
    await rotate({ canary: 2, mostLost: 0 });
    for (const pause of [1000, 1000, 16 * MINUTE, 1000]) {
      await drive();
      core.pass(pause);
    }
    expect((await core.store.sync(1))?.state).to.equal('stopped');
    expect(await states()).to.have.length(2);
    await changeSync(core, 'default', 1, 'cancel');
    expect((await planRotation(core, 'default', { all: true })).underWay).to.have.length(2);
  });

  it('are the same when a phone that has not come is told again', async () => {
    const phone = await onePhone();
    await rotate();
    const { secret } = await lineOf(phone);
    await changeSync(core, 'default', 1, 'cancel');
    await rotate();
    expect((await lineOf(phone)).secret.reveal()).to.equal(secret.reveal());
    expect(told()).to.equal(2);
  });

  it('are given once, and told once, when the process dies in between', async () => {
    const phone = await onePhone();
    await startRotation(core, 'default', { all: true }, USUAL_PACE);
    const { registrar } = core;
    let isSending = (): void => {};
    const sending = new Promise<void>((resolve) => (isSending = resolve));
    const notify = () => {
      isSending();
      return new Promise<void>(() => {});
    };
    void syncDriver({ ...core, registrar: { ...registrar, notify } }, fail)();
    await sending;
    const { secret } = await lineOf(phone);
    await syncDriver(core, fail)();
    expect((await lineOf(phone)).secret.reveal()).to.equal(secret.reveal());
    expect(await phone.register()).to.equal(200);
    await phone.fetchWhole();
    core.pass(1000);
    expect(await phone.restart('second')).to.equal(200);
  });

  it('are given to a phone that is just being set up when that has ended, as is said before', async () => {
    const mac = '001565aabb01';
    await enrol(core, mac);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const { secret } = await assign(core, mac, user.id);
    const phone = { mac, user, address: '10.0.0.7' };
    await fetchOwnFile(core, phone);
    const { kept } = await planRotation(core, 'default', { all: true });
    expect(kept).to.deep.equal([{ mac, why: 'it is just being set up, and gets its new one when that has ended' }]);
    await rotate();
    await drive();
    expect((await core.store.syncItem(1, mac))?.state).to.equal('waiting');
    expect((await lineOf(phone)).secret.reveal()).to.equal(secret.reveal());

    const its = await rotatingPhone(core, phone);
    expect(await its.register()).to.equal(200);
    core.pass(1000);
    await drive();
    expect((await core.store.syncItem(1, mac))?.state).to.equal('told');
    expect((await lineOf(phone)).secret.reveal()).not.to.equal(secret.reveal());
    expect(await stepsOf(phone)).to.include('password_new');
  });

  it('go with their line when the phone is released or removed in the midst', async () => {
    const phones = await manyDevices(core, 2);
    const [one, other] = [orNotFound(phones[0], 'phone'), orNotFound(phones[1], 'phone')];
    await rotate({ perMinute: 6000 });
    await releaseDevice(core, { mac: one.mac, actor: 'test' });
    await removeDevice(core, { mac: other.mac, actor: 'test' });
    const left = (await core.store.lines(one.mac)).map(({ authName }) => authName);
    expect(await auths()).to.deep.equal(left);
    expect(await states()).to.deep.equal([]);
  });

  describe('of a user whose endpoint is the administrator’s own', () => {
    async function adopted(slots: number): Promise<RotatingPhone> {
      const phone = await onePhone();
      const { id } = await lineOf(phone);
      const adoption = { kind: 'slots', slots, auths: [phone.user.endpoint] } as const;
      await core.store.updateUser(phone.user.id, { adoption });
      await core.store.updateLine(id, { authId: `${phone.user.endpoint}-s1` });
      return phone;
    }

    it('take a slot that is free, and leave that of the old one free in the end', async () => {
      const phone = await adopted(2);
      const slots = [1, 2].map((number) => `${phone.user.endpoint}-s${number}`);
      await rotate();
      expect(await auths()).to.deep.equal(slots);
      const others = await core.store.linesOfUser(phone.user.id);
      expect(freeSlot(phone.user.endpoint, 2, others)).to.equal(undefined);
      await phone.fetchWhole();
      core.pass(1000);
      await phone.restart('second');
      // Whose phone is whose shows less there: phones of the administrator's own register too.
      core.pass(10 * MINUTE);
      await phone.register();
      core.pass(10 * MINUTE);
      await phone.register();
      expect(await auths()).to.deep.equal(slots.slice(1));
    });

    it('are refused while there is no slot for them, with what to type', async () => {
      const phone = await adopted(1);
      const [kept] = (await planRotation(core, 'default', { all: true })).kept;
      expect(kept?.why).to.contain(`selfprov user adopt ${phone.user.extension} --slots 2`);
      expect((await refusalOf(rotate())).message).to.contain('--slots 2');
    });

    it('are refused where all phones have one, which is the administrator’s', async () => {
      const phone = await onePhone();
      const adoption = { kind: 'password', authName: 'ann', password: new Secret('theirs') } as const;
      await core.store.updateUser(phone.user.id, { adoption });
      await core.store.updateLine((await lineOf(phone)).id, { authId: null, authUser: 'ann' });
      expect((await refusalOf(rotate())).message).to.contain('change it in your files');
    });
  });

  describe('by the command', () => {
    const run = (...words: readonly string[]): Promise<string> => command(core, 'rotate', ...words);

    it('are shown before, begun, and followed', async () => {
      const phone = await onePhone();
      expect(await run('--all', '--dry-run')).to.match(
        /^1 phone would get a new SIP password: [0-9a-f:]{17}\.\nNothing is changed yet/,
      );
      expect(await refusalOf(run('--all'))).to.match(/--yes is needed/);
      expect(await states()).to.deep.equal([]);
      expect(await run('--user', phone.user.extension, '--yes')).to.match(/^Sync 1 gives 1 phone new SIP passwords/);
      await drive();
      expect(await run()).to.match(/ has not fetched the new one$/);
      expect(await run('--all', '--dry-run')).to.contain('Asterisk still has an older one of ');
      expect(await refusalOf(run('--all', '--user', '1'))).to.match(/say whose/);
      expect(await refusalOf(run('--mac', '00:15:65:00:00:01'))).to.match(/device 00:15:65:00:00:01/);
    });

    it('of a device are those of the tenant that is meant', async () => {
      const { mac } = await onePhone();
      await addTenant(core, { id: 'acme' });
      const ofAcme = (...words: readonly string[]) =>
        command(core, '--tenant', 'acme', 'rotate', '--mac', mac, ...words);
      for (const words of [['--yes'], ['--dry-run'], ['--force', '--yes']])
        expect(await refusalOf(ofAcme(...words))).to.match(/there is no device .* of tenant acme/);
      expect(await run('--mac', mac, '--dry-run')).to.match(/^1 phone would get/);
    });

    it('take the old one away at once when that is wanted, from those that have not come', async () => {
      const phone = await onePhone();
      expect(await run('--all', '--force', '--yes')).to.equal('No phone has an old password any more.');
      await rotate();
      const { authName } = await lineOf(phone);
      expect(await refusalOf(run('--all', '--force'))).to.match(/can neither call nor be called.*--yes is needed/);
      expect(await run('--all', '--force', '--yes')).to.match(/^The old SIP password is gone from 1 phone/);
      expect(await auths()).to.deep.equal([authName]);
      expect(await phone.register()).to.equal(401);
      await phone.fetchWhole();
      expect(await phone.restart('second')).to.equal(200);
    });
  });
});
