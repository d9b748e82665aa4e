import { createHmac, scryptSync } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import { addCode } from '../../src/administration/codes.ts';
import { Secret } from '../../src/domain/secret.ts';
import { checkUser } from '../../src/provisioning/secrets/checkSecret.ts';
import { unlockDevice } from '../../src/administration/whoseDevice.ts';
import { addUser, newPin, unlockUser } from '../../src/administration/users.ts';
import type { User } from '../../src/domain/user.ts';
import { REFUSED_AFTER, secrets } from '../../src/secrets/secrets.ts';
import { siteKey } from '../../src/secrets/siteKey.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { everythingIn } from '../support/everythingIn.ts';
import { enrol } from '../support/steps.ts';
import { refusalOf } from '../support/refusal.ts';

const MINUTE = 60_000;

describe('Keying a PIN', () => {
  let core: TestCore;
  let user: User;
  let pin: Secret;

  beforeEach(async () => {
    core = await openTestCore();
    ({ user, pin } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' }));
  });

  afterEach(() => core.close());

  /** From the line that the phone of this MAC has, or would have. */
  const key = async (keyed: string, mac = '001565aabb01', extension = '1500') => {
    const [line] = await core.store.lines(mac);
    const device = { tenantId: 'default', mac, family: 'yealink' };
    const asker = { device, line: line?.authName ?? `phone-${mac}-abcdef` };
    const named = await core.store.userByExtension('default', extension);
    const isRight = await checkUser(core, asker, { user: named, number: extension, secret: new Secret(keyed) });
    return isRight ? named : undefined;
  };
  const wrongPin = () => (pin.reveal() === '840271' ? '840272' : '840271');

  it('right tells who it is', async () => {
    expect(await key(pin.reveal())).to.include({ extension: '1500' });
  });

  it('wrong, or for an extension that does not exist, tells nothing', async () => {
    expect(await key(wrongPin())).to.equal(undefined);
    expect(await key(pin.reveal(), '001565aabb01', '1999')).to.equal(undefined);
  });

  it('is refused as late when it is wrong, right but locked, or for an extension that does not exist', async () => {
    const pauses: number[] = [];
    const pause = (ms: number): Promise<void> => Promise.resolve(void pauses.push(ms));
    core = { ...core, secrets: secrets(siteKey(join(core.directory, 'site.key')), { now: () => 0, pause }) };
    await key(pin.reveal());
    expect(pauses).to.deep.equal([]);
    await key(pin.reveal(), '001565aabb01', '1999');
    for (let i = 0; i < 5; i++) await key(wrongPin());
    await key(pin.reveal());
    expect(pauses).to.deep.equal(Array.from({ length: 7 }, () => REFUSED_AFTER));
  });

  it('right puts a hash of today’s cost in the place of a dearer one, and the PIN stays right', async () => {
    const [salt, key32] = [Buffer.alloc(16), siteKey(join(core.directory, 'site.key'))];
    const keyed = createHmac('sha256', key32).update(pin.reveal()).digest();
    const hash = scryptSync(keyed, salt, 32, { N: 2 ** 14, r: 8, p: 5, maxmem: 64 * 1024 * 1024 });
    const before = `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`;
    await core.store.updateUser(user.id, { pinHash: before });
    const stored = async () => (await core.store.user(user.id))?.pinHash;
    await key(wrongPin());
    expect(await stored()).to.equal(before);
    expect(await key(pin.reveal())).to.include({ extension: '1500' });
    expect(await stored()).to.match(/^\$scrypt\$ln=8,/);
    expect(await key(pin.reveal())).to.include({ extension: '1500' });
    expect(await key(wrongPin())).to.equal(undefined);
  });

  it('wrong five times locks the extension for every device, even with the right PIN, until the time is over', async () => {
    for (let i = 0; i < 5; i++) await key(wrongPin(), `00156500000${i}`);
    expect(await key(pin.reveal(), '001565ffffff')).to.equal(undefined);
    core.pass(5 * MINUTE);
    expect(await key(pin.reveal(), '001565ffffff')).to.include({ extension: '1500' });
  });

  it('wrong five times locks the device for every extension', async () => {
    await addUser(core, { tenantId: 'default', extension: '1600', name: 'Bob', pin: '840271' });
    for (const extension of ['1', '2', '3', '4', '5']) await key('555123', '001565aabb01', extension);
    expect(await key('840271', '001565aabb01', '1600')).to.equal(undefined);
    expect(await key('840271', '001565aabb02', '1600')).to.include({ extension: '1600' });
  });

  it('many times at once gives no more than five tries', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => key(wrongPin(), `0015650000${i + 10}`)));
    expect(await key(pin.reveal())).to.equal(undefined);
  });

  it('right begins the count anew', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) await key(wrongPin());
      expect(await key(pin.reveal())).to.include({ extension: '1500' });
    }
  });

  it('is possible again at once after an unlock or a new PIN', async () => {
    for (let i = 0; i < 5; i++) await key(wrongPin(), `00156500000${i}`);
    await unlockUser(core, user);
    expect(await key(pin.reveal())).to.include({ extension: '1500' });
    for (let i = 0; i < 5; i++) await key(wrongPin(), `00156500000${i}`);
    const fresh = await newPin(core, user);
    expect(await key(fresh.reveal())).to.include({ extension: '1500' });
    expect(await key(pin.reveal())).to.equal(undefined);
  });

  it('is possible again from the phone that locked itself, when its administrator unlocks the user or the phone', async () => {
    await enrol(core, '001565aabb01');
    for (const unlock of [() => unlockUser(core, user), () => unlockDevice(core, '001565aabb01')]) {
      for (let i = 0; i < 5; i++) await key(wrongPin());
      await core.store.forgiveTries('extension', 'default', '1500');
      expect(await key(pin.reveal())).to.equal(undefined);
      await unlock();
      expect(await key(pin.reveal())).to.include({ extension: '1500' });
    }
  });

  it('writes down each refusal, but neither the PIN nor an extension that does not exist', async () => {
    await key('555123');
    await key('555123', '001565aabb01', '737411');
    const events = await core.store.events({ limit: 10 });
    expect(events.filter(({ step }) => step === 'refused')).to.have.length(2);
    expect(JSON.stringify(events)).not.to.match(/555123|737411/);
    for (let i = 0; i < 5; i++) await key(wrongPin());
    await key(pin.reveal());
    const reasons = (await core.store.events({ step: 'refused', limit: 10 })).map(({ detail }) => detail['reason']);
    expect([reasons[0], reasons.at(-1)], 'for an administrator').to.deep.equal(['wrong_secret', 'locked']);
  });

  it('leaves nothing in the database of a PIN or a code that is keyed in the place of the extension', async () => {
    await enrol(core, '001565aabb01');
    const bound = await addCode(core, ['snom'], {
      ...{ tenantId: 'default', extension: '1500', lasts: 60 * MINUTE, family: 'snom' },
    });
    const keyed = [pin.reveal(), bound.code.reveal()];
    for (const number of keyed) await key('1500', '001565aabb01', number);
    const tables = await everythingIn(core.place.database);
    expect(tables).to.include(user.pinHash);
    for (const number of keyed) expect(tables.includes(number)).to.equal(false);
  });

  it('is still counted for an extension that does not exist', async () => {
    for (let i = 0; i < 5; i++) await key('555123', `00156500000${i}`, '1999');
    ({ user, pin } = await addUser(core, { tenantId: 'default', extension: '1998', name: 'Bob' }));
    const events = await core.store.events({ limit: 20 });
    expect(events.map(({ step, detail }) => [step, detail['locked']])).to.deep.include(['locked', 'extension']);
  });

  it('refuses an easy PIN that somebody chooses', async () => {
    expect(await refusalOf(newPin(core, user, '123456'))).to.include({ code: 'invalid' });
    expect(await refusalOf(newPin(core, user, '001500'))).to.include({ code: 'invalid' });
  });
});
