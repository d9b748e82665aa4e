import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

interface Imported {
  readonly imported: boolean;
  readonly counts: Readonly<Record<'new' | 'changed' | 'unchanged', number>>;
  readonly lines: readonly { readonly line: number; readonly key: string; readonly what: string }[];
  readonly mistakes: readonly { readonly line: number; readonly column: string | null; readonly at: string }[];
  readonly pins: readonly { readonly extension: string; readonly pin: string }[];
  readonly letters: { readonly contentType: string; readonly letter: string } | null;
  readonly urls: readonly { readonly mac: string; readonly url: string }[];
}
const USERS = 'extension,name,pin\n1500,Ann,\n1501,Bob,940273\n';
const DEVICES = 'mac,family,note,user\n00:15:65:00:00:01,yealink,Hall,1500\n';

describe('Tables by the API', () => {
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
  const dry = { dryRun: 'true' };

  it('of users are looked through first, and nothing is done', async () => {
    const { body, status } = await api.call<Imported>('importUsers', { body: { csv: USERS }, query: dry });
    expect(status).to.equal(200);
    expect([body.imported, body.counts, body.pins]).to.deep.equal([false, { new: 2, changed: 0, unchanged: 0 }, []]);
    expect(body.lines.map(({ line, key, what }) => `${line} ${key} ${what}`)).to.deep.equal([
      '2 1500 new',
      '3 1501 new',
    ]);
    expect((await api.call('listUsers')).body).to.deep.include({ items: [] });
  });

  it('of users are imported as JSON or as they are, and only PINs that were made up are shown, this once', async () => {
    const { body } = await api.call<Imported>('importUsers', { body: USERS });
    expect([body.imported, body.pins.map(({ extension }) => extension)]).to.deep.equal([true, ['1500']]);
    expect(JSON.stringify(body)).not.to.contain('940273');
    const pin = body.pins[0]?.pin ?? '';
    expect(pin).to.match(/^\d{6}$/);
    const shown = [await api.call('listUsers'), await api.call('listEvents'), await api.call('exportUsers')];
    expect(JSON.stringify([shown.map((each) => each.body), api.log])).not.to.match(new RegExp(`${pin}|940273`));
    const again = await api.call<Imported>('importUsers', { body: { csv: USERS.replace('Bob,940273', 'Bob B,') } });
    expect([again.body.counts, again.body.pins]).to.deep.equal([{ new: 0, changed: 1, unchanged: 1 }, []]);
  });

  it('of users are imported with a letter for each new PIN, all in one file, where that is wanted', async () => {
    const { body } = await api.call<Imported>('importUsers', { body: USERS, query: { letters: 'html' } });
    const letter = Buffer.from(body.letters?.letter ?? '', 'base64').toString();
    expect(body.letters?.contentType).to.equal('text/html; charset=utf-8');
    expect(letter.match(/<main /g)).to.have.length(2);
    expect(letter).to.contain(body.pins[0]?.pin).and.to.contain('940273');
    const none = await api.call<Imported>('importUsers', { body: USERS.replace('Ann', 'Anna').replace('940273', '') });
    expect(none.body.letters).to.equal(null);
    const query = { letters: 'pdf', dryRun: 'true' };
    const planned = await api.call<Imported>('importUsers', { body: 'extension,name\n1502,\u4e00\n', query });
    expect(planned.body.mistakes.map(({ column }) => column)).to.deep.equal(['name']);
  });

  it('are read in whatever a spreadsheet saves them', async () => {
    const text = 'sep=;\r\nextension;name\r\n1500;Jürgen\r\n';
    for (const [bytes, count] of [
      [Buffer.from(text, 'latin1'), { new: 1, changed: 0, unchanged: 0 }],
      [Buffer.from(`\uFEFF${text}`, 'utf16le'), { new: 0, changed: 0, unchanged: 1 }],
    ] as const) {
      const response = await fetch(`${api.url}/api/v1/tenants/default/users/import`, {
        ...{ method: 'POST', body: new Uint8Array(bytes) },
        headers: { 'content-type': 'text/csv', authorization: `Bearer ${await api.token(['write'])}` },
      });
      expect(((await response.json()) as Imported).counts).to.deep.equal(count);
    }
    const { body } = await api.call('getUser', { at: { tenant: 'default', extension: '1500' } });
    expect(body).to.include({ name: 'Jürgen' });
  });

  it('are imported once by a request that is sent twice, with the same PINs in both answers', async () => {
    const request = { body: { csv: USERS }, headers: { 'idempotency-key': 'k' } };
    const [one, other] = [
      await api.call<Imported>('importUsers', request),
      await api.call<Imported>('importUsers', request),
    ];
    expect(other.body).to.deep.equal(one.body);
    expect(other.body.pins).to.have.length(1);
  });

  it('with mistakes do nothing, and each mistake is named by its line and column', async () => {
    await api.close();
    api = await startApi(core, {
      checkNumbers: (_, numbers) =>
        Promise.resolve(
          new Map(numbers.map((each) => [each, each === '1500' ? { refusal: `${each} is a queue` } : {}])),
        ),
    });
    const csv = `${USERS}1502,,\n15x,Eve,1\n`;
    const planned = await api.call<Imported>('importUsers', { body: { csv }, query: dry });
    const places = planned.body.mistakes.map(({ line, column }) => `${line} ${column}`);
    expect(places).to.have.members(['2 extension', '4 name', '5 extension', '5 pin']);
    const refused = await api.call<Imported>('importUsers', { body: { csv } });
    expect(refused.status).to.equal(400);
    expect(refused.body.mistakes.map(({ at }) => at)).to.include.members(['body.csv.4.name', 'body.csv.5.pin']);
    expect((await api.call('listUsers')).body).to.deep.include({ items: [] });
    const bytes = { 'content-type': 'text/csv' };
    expect((await api.call('importUsers', { body: '', headers: bytes })).status).to.equal(400);
  });

  it('of devices are imported with the URLs of new ones only for who may see secrets', async () => {
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
    const planned = await api.call<Imported>('importDevices', { body: DEVICES, query: dry });
    expect(planned.body.lines[0]).to.include({ key: '00:15:65:00:00:01', what: 'new' });
    expect((await api.call('listDevices')).body).to.deep.include({ items: [] });
    const { body } = await api.call<Imported>('importDevices', { body: DEVICES });
    expect(body.urls[0]).to.include({ mac: '00:15:65:00:00:01' });
    expect(body.urls[0]?.url).to.match(/^http:\/\/prov/);
    const at = { tenant: 'default', mac: '00:15:65:00:00:01' };
    expect((await api.call('getDevice', { at })).body).to.include({ remark: 'Hall', extension: '1500' });
    const token = await api.token(['read', 'write']);
    const other = { token, body: DEVICES.replace('0:01', '0:02').replace('1500', '') };
    expect((await api.call<Imported>('importDevices', other)).body).to.deep.include({ imported: true, urls: [] });
  });

  it('come out as they go in', async () => {
    await api.call('addUser', { body: { extension: '1500', name: '=Ann, "the" boss', settings: { codecs: 'alaw' } } });
    await api.call('importDevices', { body: DEVICES });
    const users = await api.call<string>('exportUsers');
    expect(users.headers.get('content-type')).to.equal('text/csv; charset=utf-8');
    const devices = await api.call<string>('exportDevices');
    for (const [id, csv] of [
      ['importUsers', users.body],
      ['importDevices', devices.body],
    ] as const)
      expect((await api.call<Imported>(id, { body: csv })).body.counts).to.deep.equal({
        new: 0,
        changed: 0,
        unchanged: 1,
      });
  });

  it('of a tenant do not reach another, nor what Asterisk has for all', async () => {
    await addTenant(core, { id: 'acme' });
    await api.call('importUsers', { body: USERS });
    await api.call('importDevices', { body: DEVICES });
    const acme = { at: { tenant: 'acme' }, token: await api.token(['read', 'write', 'secrets'], 'acme') };
    const context = { ...acme, body: 'extension,name,context\n1500,Ann,users\n' };
    expect((await api.call<Imported>('importUsers', context)).body.mistakes[0]).to.include({ at: 'body.csv.2' });
    const { body } = await api.call<Imported>('importDevices', { ...acme, body: DEVICES });
    expect(body).to.include({ status: 400 });
    expect(JSON.stringify(body)).not.to.contain('default');
    for (const id of ['exportUsers', 'exportDevices'])
      expect((await api.call<string>(id, acme)).body).not.to.match(/Ann|00:15|001565/);
  });
});
