import { expect } from 'chai';
import {
  addAdministrator,
  changeAdministrator,
  invite,
  listAdministrators,
  removeAdministrator,
} from '../../src/administration/administrators.ts';
import {
  changePassword,
  choosePassword,
  invitedBy,
  signIn,
  signOut,
  visitorIn,
} from '../../src/administration/signIn.ts';
import { signInAs } from '../../src/administration/signInElsewhere.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { Secret } from '../../src/domain/secret.ts';
import { personIn } from '../../src/openId/person.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';

const PASSWORD = new Secret('correct horse battery');
const HOUR = 60 * 60_000;

describe('An administrator who signs in', function () {
  // Each password takes a good part of a second.
  this.timeout(30_000);
  let core: TestCore;
  const address = '10.0.0.1';
  const ann = { name: 'ann', password: PASSWORD, address };

  beforeEach(async () => {
    core = await openTestCore();
    await addAdministrator(core, { name: 'Ann', role: 'administrator', tenantId: null });
    const { token } = await invite(core, null, 'ann');
    await choosePassword(core, { token, password: PASSWORD, address });
  });
  afterEach(() => core.close());

  const isSignedIn = async (session: Secret): Promise<boolean> =>
    (await visitorIn(core, { shown: session, address })) !== undefined;
  const wrong = (more = {}) => refusalOf(signIn(core, { ...ann, password: new Secret('wrong'), ...more }));

  it('may do what the role says, and is named in the journal', async () => {
    const { session } = await signIn(core, { ...ann, name: ' ANN ' });
    const found = await visitorIn(core, { shown: session, address });
    expect(found?.visitor).to.include({ actor: 'page:ann', tenantId: null });
    expect([...(found?.visitor.rights ?? [])]).to.include('access');
    const [event] = await core.store.events({ tenantId: 'default', limit: 1 });
    expect(event).to.deep.include({ step: 'signed_in', actor: 'page:ann', address, detail: { what: 'sign-in' } });
    await addAdministrator(core, { name: 'bob', role: 'viewer', tenantId: null });
    expect(await listAdministrators(core, null)).to.deep.include({
      ...{ name: 'bob', role: 'viewer', tenantId: null, createdAt: core.now(), hasPassword: false },
    });
  });

  it('is refused in the same words with a wrong password, an unknown name, and a name that has none yet', async () => {
    await addAdministrator(core, { name: 'bob', role: 'helpdesk', tenantId: null });
    const said = [
      await wrong(),
      await wrong({ name: 'nobody' }),
      await wrong({ name: 'bob', password: new Secret('') }),
    ];
    expect(new Set(said.map(({ message, code, reason }) => `${code} ${reason} ${message}`)).size).to.equal(1);
  });

  it('is locked out after five wrong passwords from one address, the right one included, and not elsewhere', async () => {
    await Promise.all(Array.from({ length: 7 }, () => wrong()));
    expect(await refusalOf(signIn(core, ann))).to.have.property('reason', 'too_many');
    expect(await refusalOf(signIn(core, { ...ann, name: 'bob' }))).to.have.property('reason', 'too_many');
    expect((await signIn(core, { ...ann, address: '10.0.0.2' })).administrator.name).to.equal('ann');
    core.pass(5 * 60_000);
    expect((await signIn(core, ann)).administrator.name).to.equal('ann');
  });

  it('is counted with all addresses of its network where each has more than can be counted', async () => {
    for (const host of ['::1', ':0:0:0:2', ':a::3', ':dead:beef:0:4', '::5'])
      await wrong({ address: `2001:db8:0:7${host}` });
    expect(await refusalOf(signIn(core, { ...ann, address: '2001:db8:0:7::9' }))).to.have.property(
      'reason',
      'too_many',
    );
    expect((await signIn(core, { ...ann, address: '2001:db8:0:8::9' })).administrator.name).to.equal('ann');
  });

  it('is not somebody whose name elsewhere only looks alike, nor whose address nobody has verified there', async () => {
    const from = { address, by: 'id.example.com' };
    await addAdministrator(core, { name: 'kate', role: 'administrator', tenantId: null });
    expect((await signInAs(core, { name: ' Kate ' }, from)).administrator.name).to.equal('kate');
    // The sign of the kelvin.
    for (const vouched of [{ name: '\u212Aate' }, { name: 'fran\u212A', role: 'administrator' as const }])
      expect(await refusalOf(signInAs(core, vouched, from)), vouched.name).to.have.property('code');
    expect((await listAdministrators(core, null)).map(({ name }) => name)).to.deep.equal(['ann', 'kate']);
    const wanted = { nameClaim: 'email', roles: undefined };
    for (const verified of [false, 'false'])
      expect(() => personIn({ email: 'kate@example.com', email_verified: verified }, wanted, 'it')).to.throw(
        'verified',
      );
    expect(personIn({ email: 'kate@example.com', email_verified: 'true' }, wanted, 'it').name).to.contain('kate');
  });

  it('has no work made of a link that is none: strangers could keep everybody from signing in by it', async () => {
    const hashPassword = (): Promise<never> => Promise.reject(new Error('hashed'));
    const idle = { ...core, secrets: { ...core.secrets, hashPassword } };
    const token = new Secret('nonsense');
    expect(await refusalOf(choosePassword(idle, { token, password: PASSWORD, address }))).to.include({
      code: 'unauthorized',
    });
  });

  it('is signed out by going, after two hours of nothing, and after twelve in any case', async () => {
    const first = (await signIn(core, ann)).session;
    await signOut(core, first);
    expect(await isSignedIn(first)).to.equal(false);
    const { session } = await signIn(core, ann);
    for (let hours = 0; hours < 11; hours++) {
      core.pass(HOUR);
      expect(await isSignedIn(session), `after ${hours + 1} hours`).to.equal(true);
    }
    core.pass(HOUR);
    expect(await isSignedIn(session)).to.equal(false);
    const idle = (await signIn(core, ann)).session;
    core.pass(2 * HOUR);
    expect(await isSignedIn(idle)).to.equal(false);
  });

  it('has another password by the one of now, stays in here and is out elsewhere; five wrong ones lock it', async () => {
    const newPassword = new Secret('another long password');
    const [here, elsewhere] = [(await signIn(core, ann)).session, (await signIn(core, ann)).session];
    const visitor = orNotFound(await visitorIn(core, { shown: here, address }), 'visitor').visitor;
    const { token } = await invite(core, null, 'ann');
    expect((await refusalOf(changePassword(core, visitor, { password: newPassword, newPassword }))).code).to.equal(
      'invalid',
    );
    const short = { password: PASSWORD, newPassword: new Secret('short') };
    expect((await refusalOf(changePassword(core, visitor, short))).message).to.contain('12 to 200');
    await changePassword(core, visitor, { password: PASSWORD, newPassword });
    expect([await isSignedIn(here), await isSignedIn(elsewhere)]).to.deep.equal([true, false]);
    expect(await invitedBy(core, token)).to.equal(undefined);
    await signIn(core, { ...ann, password: newPassword });
    for (let tries = 0; tries < 5; tries++)
      await refusalOf(changePassword(core, visitor, { password: PASSWORD, newPassword }));
    expect(await refusalOf(changePassword(core, visitor, { password: newPassword, newPassword }))).to.include({
      reason: 'too_many',
    });
    // Who signs in elsewhere has none here.
    const { session: hash, ...byProxy } = visitor;
    expect(hash).to.be.a('string');
    const refused = await refusalOf(changePassword(core, byProxy, { password: newPassword, newPassword }));
    expect(refused.message).to.contain('where you sign in');
  });

  it('is out at once, everywhere, when removed or when a new password is chosen', async () => {
    const { session } = await signIn(core, ann);
    const { token } = await invite(core, null, 'ann');
    await choosePassword(core, { token, password: new Secret('another long password'), address });
    expect(await isSignedIn(session)).to.equal(false);
    expect((await wrong({ password: PASSWORD })).message).to.match(/wrong/);
    const again = await signIn(core, { ...ann, password: new Secret('another long password') });
    await addAdministrator(core, { name: 'bob', role: 'administrator', tenantId: null });
    await removeAdministrator(core, null, 'ann');
    expect(await isSignedIn(again.session)).to.equal(false);
  });

  it('chooses a password by a link that works once, for a day, and not after another one was made', async () => {
    const first = await invite(core, null, 'ann');
    const { token } = await invite(core, null, 'ann');
    expect(await invitedBy(core, first.token)).to.equal(undefined);
    expect(await refusalOf(choosePassword(core, { token, password: new Secret('short'), address }))).to.have.property(
      'code',
      'invalid',
    );
    const both = await Promise.allSettled(
      ['first password', 'other password'].map((text) =>
        choosePassword(core, { token, password: new Secret(text), address }),
      ),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const late = await invite(core, null, 'ann');
    core.pass(24 * HOUR);
    expect(await refusalOf(choosePassword(core, { token: late.token, password: PASSWORD, address }))).to.have.property(
      ...(['code', 'unauthorized'] as const),
    );
  });

  it('stays the last one who decides who may', async () => {
    expect(await refusalOf(removeAdministrator(core, null, 'ann'))).to.have.property('code', 'conflict');
    expect(await refusalOf(changeAdministrator(core, null, 'ann', { role: 'viewer' }))).to.have.property(
      'code',
      'conflict',
    );
    await addAdministrator(core, { name: 'bob', role: 'administrator', tenantId: null });
    const { session } = await signIn(core, ann);
    await changeAdministrator(core, null, 'ann', { role: 'help desk' });
    expect([...((await visitorIn(core, { shown: session, address }))?.visitor.rights ?? [])]).to.deep.equal([
      'see',
      'help',
    ]);
  });

  it('leaves no password, link or session in the database as it was typed or shown', async () => {
    const { token } = await invite(core, null, 'ann');
    const { session } = await signIn(core, ann);
    const stored = core.connect();
    const rows = [];
    for (const table of ['administrators', 'invitations', 'sessions', 'events']) rows.push(await stored(table));
    await stored.destroy();
    for (const secret of [token, session, PASSWORD]) expect(JSON.stringify(rows)).not.to.contain(secret.reveal());
  });
});
