import { expect } from 'chai';
import type { Event } from '../../../src/domain/journal.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { startApi, type TestApi } from '../../support/api.ts';

interface User {
  readonly extension: string;
  readonly name: string;
  readonly pin: string;
  readonly warning: string | null;
}
interface Page {
  readonly items: readonly User[];
  readonly next: string | null;
}
interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly mistakes: readonly { readonly at: string }[];
}

describe('Users by the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const ann = { extension: '1500', name: 'Ann Lee' };
  const at = { tenant: 'default', extension: '1500' };

  it('are added, with a PIN that is shown this once, found where the answer says, and in the list', async () => {
    const added = await api.call<User>('addUser', { body: { ...ann, settings: { codecs: 'g722,alaw' } } });
    expect(added).to.have.property('status', 201);
    expect(added.body.pin).to.match(/^\d{6}$/);
    expect(added.headers.get('location')).to.equal('/api/v1/tenants/default/users/1500');
    const shown = await api.call('getUser', { at });
    const { pin, warning, ...rest } = added.body;
    expect([shown.body, warning]).to.deep.equal([rest, null]);
    const list = await api.call('listUsers');
    expect(list.body).to.deep.equal({ items: [rest], next: null });
    expect(JSON.stringify([shown.body, list.body, api.log])).not.to.contain(pin);
    const { body: settings } = await api.call('getUserSettings', { at });
    expect(settings).to.deep.include({ name: 'codecs', value: 'g722,alaw', from: 'user 1500' });
    const [event] = await core.store.events({ tenantId: 'default', limit: 1 });
    expect(event).to.include({ step: 'user_added', actor: 'api:test-1' });
  });

  it('are changed from somewhere: events, as a list, as a table and of a change under a condition, say from where', async () => {
    await api.call('addUser', { body: ann });
    // In a transaction of the request.
    const headers = { 'if-match': (await api.call('getUser', { at })).headers.get('etag') ?? '' };
    await api.call('changeUser', { at, headers, body: { name: 'Ann Wu' } });
    const { body } = await api.call<{ items: Event[] }>('listEvents');
    const done = body.items.map(({ step, address }) => `${step} from ${address}`);
    expect(done).to.include.members(['user_added from 127.0.0.1', 'user_changed from 127.0.0.1']);
    const table = await api.call<string>('exportEvents', { query: { step: 'user_changed' } });
    expect(table.body).to.match(/,1500,api:test-1,127\.0\.0\.1,/);
  });

  it('are listed a page at a time, none twice and none left out', async () => {
    for (const extension of ['1502', '1500', '1501']) await api.call('addUser', { body: { ...ann, extension } });
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const query = { limit: '2', ...(after === '' ? {} : { after }) };
      const page: { body: Page } = await api.call<Page>('listUsers', { query });
      seen.push(...page.body.items.map((user) => user.extension));
      after = page.body.next;
    }
    expect(seen).to.deep.equal(['1500', '1501', '1502']);
    const found = await api.call<Page>('listUsers', { query: { search: 'ANN', locked: 'false', limit: '1' } });
    expect(found.body.items.map((user) => user.extension)).to.deep.equal(['1500']);
    // More words than a database takes.
    const search = 'a '.repeat(3000);
    for (const id of ['listUsers', 'listDevices'])
      expect((await api.call(id, { query: { search } })).status, id).to.equal(400);
  });

  it('are changed in what is named, and stay as they are in the rest', async () => {
    await api.call('addUser', { body: { ...ann, loginId: '77' } });
    const { body: before } = await api.call('getUser', { at });
    const changed = await api.call('changeUser', { at, body: { name: 'Ann Berg', selfProvisioning: false } });
    expect(changed.body).to.deep.equal({ ...before, name: 'Ann Berg', selfProvisioning: false });
    expect((await api.call('changeUser', { at, body: { loginId: null } })).body).to.include({ loginId: null });
  });

  it('are not changed by somebody who has seen them as they are no more', async () => {
    await api.call('addUser', { body: ann });
    const etag = (await api.call('getUser', { at })).headers.get('etag') ?? '';
    expect((await api.call('getUser', { at, headers: { 'if-none-match': etag } })).status).to.equal(304);
    const change = { at, body: { name: 'Ann Berg' }, headers: { 'if-match': etag } };
    expect((await api.call('changeUser', change)).status).to.equal(200);
    const late = await api.call('changeUser', { ...change, body: { name: 'Ann Lost' } });
    expect(late.body).to.include({ status: 412, type: 'urn:selfprov:problem:changed_meanwhile' });
    expect((await api.call('removeUser', { at, headers: { 'if-match': etag } })).status).to.equal(412);
    expect((await api.call('getUser', { at })).body).to.include({ name: 'Ann Berg' });
    const both = { 'if-match': etag, 'idempotency-key': 'k0' };
    expect((await api.call('newPin', { at, body: {}, headers: both })).status).to.equal(400);
    // Half of a character.
    expect((await api.call('changeUser', { at, body: { name: 'Ann \uD800' } })).status).to.equal(400);
  });

  it('are added once by a request that is sent twice, at the same time or later, with the same PIN in both answers', async () => {
    const request = { body: ann, headers: { 'idempotency-key': 'k1' } };
    const both = await Promise.all([api.call<User>('addUser', request), api.call<User>('addUser', request)]);
    const later = await api.call<User>('addUser', request);
    expect(new Set([...both, later].map(({ status, body }) => `${status} ${body.pin}`)).size).to.equal(1);
    const other = await api.call('addUser', { ...request, body: { ...ann, extension: '1501' } });
    expect(other.body).to.include({ status: 409, reason: 'key_used' });
    const stored = core.connect();
    const [row] = await stored('api_answers').select('answer');
    await stored.destroy();
    expect(JSON.stringify(row)).not.to.contain(both[0].body.pin);
  });

  it('are not added by a key whose request was refused: the same key does it once the mistake is mended', async () => {
    const headers = { 'idempotency-key': 'k2' };
    expect((await api.call('addUser', { body: { ...ann, name: ' ' }, headers })).status).to.equal(400);
    expect((await api.call('addUser', { body: ann, headers })).status).to.equal(201);
  });

  it('are removed, and gone', async () => {
    await api.call('addUser', { body: ann });
    expect((await api.call('removeUser', { at })).status).to.equal(204);
    expect((await api.call('getUser', { at })).body).to.include({ status: 404 });
  });

  it('whose endpoint is of the administrator’s own files are removed by the command, which tells Asterisk too', async () => {
    await api.call('addUser', { body: ann });
    const { id = '' } = (await core.store.userByExtension('default', '1500')) ?? {};
    await core.store.updateUser(id, { adoption: { kind: 'slots', slots: 1, auths: [] } });
    expect((await api.call('removeUser', { at })).body).to.include({ status: 409 });
    expect((await api.call('getUser', { at })).body).to.include({ adopted: 'slots' });
  });

  it('get a new PIN, and are unlocked', async () => {
    await api.call('addUser', { body: ann });
    expect((await api.call('newPin', { at, body: { pin: '940273' } })).body).to.deep.equal({
      extension: '1500',
      pin: '940273',
    });
    expect((await api.call('unlockUser', { at })).body).to.include({ locked: false });
  });

  it('say of every mistake where it is and what is right, and nothing is done', async () => {
    const { body } = await api.call<Problem>('addUser', {
      body: { extension: 1500, nmae: 'Ann', settings: { codec: 'g722' } },
    });
    expect(body.status).to.equal(400);
    expect(body.mistakes.map(({ at: where }) => where)).to.have.members([
      ...['body.extension', 'body.name', 'body.nmae', 'body.settings.codec'],
    ]);
    const wrong = await api.call<Problem>('addUser', { body: { ...ann, settings: { codecs: 'g999' } } });
    expect(wrong.body.mistakes).to.have.length(1);
    expect(wrong.body.mistakes[0]).to.include({ at: 'body.settings.codecs' });
    for (const query of [{ limit: '0' }, { serach: 'x' }])
      expect((await api.call('listUsers', { query })).body).to.have.nested.property(
        'mistakes[0].at',
        `query.${Object.keys(query)[0]}`,
      );
    expect((await api.call('listUsers')).body).to.deep.include({ items: [] });
  });

  it('are refused where Asterisk has something else of that number, which is said', async () => {
    await api.close();
    api = await startApi(core, {
      checkNumbers: (_, numbers) =>
        Promise.resolve(new Map(numbers.map((number) => [number, { refusal: `${number} is a queue` }]))),
    });
    expect((await api.call('addUser', { body: ann })).body).to.include({ status: 409, detail: '1500 is a queue' });
  });
});
