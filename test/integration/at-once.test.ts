import { expect } from 'chai';
import { addCode } from '../../src/administration/codes.ts';
import { addProfile, changeProfile } from '../../src/administration/profiles.ts';
import { addTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { assignDevice } from '../../src/provisioning/handOver/assignDevice.ts';
import { logIn } from '../../src/provisioning/handOver/hotDesk.ts';
import { checkUser } from '../../src/provisioning/secrets/checkSecret.ts';
import { openStore, type OpenStore } from '../../src/store/open.ts';
import { FIRST_TENANT, openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';
import { ON_POSTGRES } from '../support/testDatabase.ts';

const PIN = '840271';

/** What happens at the same moment in several processes comes to what it would one after the other. */
describe('Several processes of selfprov with one database', function () {
  this.timeout(30_000);
  let core: TestCore;
  let others: OpenStore[];
  /** One for each process. */
  let cores: TestCore[];

  beforeEach(async () => {
    core = await openTestCore();
    others = [await openStore(core.place, FIRST_TENANT), await openStore(core.place, FIRST_TENANT)];
    cores = [core, ...others.map((other) => ({ ...core, ...other }))];
  });
  afterEach(async () => {
    await Promise.all(others.map((other) => other.close()));
    await core.close();
  });

  /** So many times at once, each in another process than the one before; what has become of each. */
  async function atOnce<T>(times: number, work: (its: TestCore, index: number) => Promise<T>): Promise<(T | string)[]> {
    // Of a SQLite file one process serves, and the commands of an administrator come beside it.
    const its = ON_POSTGRES || times < 10 ? cores : [core];
    const settled = await Promise.allSettled(
      Array.from({ length: times }, async (_, index) => work(its[index % its.length] ?? core, index)),
    );
    return settled.map((each) => (each.status === 'fulfilled' ? each.value : wordsOf(each.reason)));
  }
  const ann = () => addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: PIN });

  it('enrol a hundred phones at once: each has a number of its own, and nobody is sent away', async () => {
    const lines = await atOnce(100, (its, index) => enrol(its, macOf(index), `10.0.0.${index}`));
    expect(lines.filter((line) => typeof line === 'string')).to.deep.equal([]);
    const numbers = (await core.store.devices('default'))
      .map(({ number }) => number)
      .toSorted((one, other) => one - other);
    expect(numbers).to.deep.equal(Array.from({ length: 100 }, (_, index) => 1001 + index));
  });

  it('know a phone that asks several of them at once as one device with one line', async () => {
    const lines = await atOnce(9, (its) => enrol(its, macOf(1)));
    const names = lines.map((line) => (typeof line === 'string' ? line : line.authName));
    expect(new Set(names).size, names.join()).to.equal(1);
    expect(await core.store.lines(macOf(1))).to.have.length(1);
    expect((await core.store.events({ step: 'enrolled', limit: 99 })).length).to.equal(1);
  });

  it('count the PINs that are keyed at once: five wrong ones, and no more is looked at', async () => {
    const { user } = await ann();
    const asker = { device: { tenantId: 'default', mac: macOf(1), family: 'yealink' }, line: 'phone-x' };
    const key = (its: TestCore, pin: string): Promise<boolean> =>
      checkUser(its, asker, { user, number: '1500', secret: new Secret(pin) });
    const answers = await atOnce(20, (its, index) => key(its, String(840_300 + index)));
    expect(new Set(answers)).to.deep.equal(new Set([false]));
    const reasons = (await core.store.events({ step: 'refused', limit: 99 })).map(({ detail }) => detail['reason']);
    expect(reasons.filter((reason) => reason === 'wrong_secret')).to.have.length(5);
    expect(reasons.filter((reason) => reason === 'locked')).to.have.length(15);
    expect(await key(core, PIN)).to.equal(false);
  });

  it('give a user as many phones as the user may have, and no more', async () => {
    const { user } = await ann();
    await changeProfile(core, [], 'default', 'Default', { phoneLimit: 2 });
    for (let index = 0; index < 6; index++) await enrol(core, macOf(index));
    const given = await atOnce(6, (its, index) => assign(its, macOf(index), user.id));
    expect(await core.store.linesOfUser(user.id)).to.have.length(2);
    expect(given.filter((each) => each === 'conflict: phone_limit')).to.have.length(4);
  });

  it('take a one-time code once', async () => {
    const { user } = await ann();
    const { id: codeId } = await addCode(core, [], { tenantId: 'default', extension: '1500', lasts: 600_000 });
    for (let index = 0; index < 6; index++) await enrol(core, macOf(index));
    const given = await atOnce(6, async (its, index) => {
      const [line] = await its.store.lines(macOf(index));
      const caller = { contact: `sip:phone@${HOME}:5060`, address: HOME, identity: null };
      await assignDevice(its, {
        ...{ mac: macOf(index), slot: 1, userId: user.id, actor: 'phone', codeId },
        call: { lineId: line?.id ?? '', caller },
      });
    });
    expect(given.filter((each) => each === undefined)).to.have.length(1);
    expect(await core.store.linesOfUser(user.id)).to.have.length(1);
  });

  it('give one number, name or tenant to one of those who ask at once, and tell the others the same', async () => {
    const user = await atOnce(6, (its) => addUser(its, { tenantId: 'default', extension: '1500', name: 'Ann' }));
    const profile = await atOnce(6, (its) => addProfile(its, [], 'default', { name: 'Sales' }));
    const tenant = await atOnce(6, (its) => addTenant(its, { id: 'acme' }));
    for (const [answers, words] of [
      [user, 'conflict: extension 1500 exists already'],
      [profile, 'conflict: there is a profile Sales already'],
      [tenant, 'conflict: tenant acme exists already'],
    ] as const) {
      expect(answers.filter((each) => typeof each === 'string')).to.deep.equal(Array(5).fill(words));
    }
  });

  it('let several people log in at shared phones at once', async () => {
    const users: Awaited<ReturnType<typeof addUser>>[] = [];
    for (let index = 0; index < 8; index++) {
      const extension = String(1500 + index);
      users.push(await addUser(core, { tenantId: 'default', extension, name: 'Ann', pin: PIN }));
      await enrol(core, macOf(index));
      await assign(core, macOf(index), users.at(-1)?.user.id ?? '');
      await enrol(core, macOf(100 + index), '10.0.1.1');
    }
    const logged = await atOnce(8, async (its, index) => {
      const [line] = await its.store.lines(macOf(100 + index));
      const caller = { contact: null, address: '10.0.1.1', identity: null };
      await logIn(its, {
        ...{ mac: macOf(100 + index), slot: 1, userId: users[index]?.user.id ?? '', actor: 'phone' },
        call: { lineId: line?.id ?? '', caller },
      });
    });
    expect(logged.filter((each) => each !== undefined)).to.deep.equal([]);
    for (const { user } of users) expect(await core.store.hotDeskOf(user.id)).to.include({ userId: user.id });
  });

  it('show the lines of a phone in one order: the one that it never asked for comes first', async () => {
    const asked = await enrol(core, macOf(1), '10.0.0.1');
    const more = await enrol(core, macOf(1), '10.0.0.2');
    await core.store.updateLine(more.id, { servedAt: null });
    for (const its of cores)
      expect((await its.store.lines(macOf(1))).map(({ id }) => id)).to.deep.equal([more.id, asked.id]);
  });

  it('write down what happened under numbers of its own: a page after the other shows all of it once', async () => {
    const written = await atOnce(60, (its, index) =>
      its.store.addEvent({ step: 'called', tenantId: 'default', mac: macOf(index) }),
    );
    expect(written.filter((each) => each !== undefined)).to.deep.equal([]);
    const macs: string[] = [];
    for (let beforeId: string | undefined; ;) {
      const page = await core.store.events({
        step: 'called',
        limit: 7,
        ...(beforeId === undefined ? {} : { beforeId }),
      });
      if (page.length === 0) break;
      macs.push(...page.map(({ mac }) => String(mac)));
      beforeId = page[0]?.id;
    }
    expect(macs.toSorted()).to.deep.equal(Array.from({ length: 60 }, (_, index) => macOf(index)).toSorted());
  });
});

function macOf(index: number): string {
  return `001565${index.toString(16).padStart(6, '0')}`;
}

function wordsOf(reason: unknown): string {
  if (!(reason instanceof SelfprovError)) return String(reason);
  return `${reason.code}: ${reason.reason ?? reason.message}`;
}
