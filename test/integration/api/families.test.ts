import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

interface Letter {
  readonly letter: string;
  readonly contentType: string;
}
const bytesOf = ({ letter }: Letter): string => Buffer.from(letter, 'base64').toString('latin1');

describe('Families, DHCP, languages and letters by the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core, {
      sounds: () => [
        ...[{ language: 'en', complete: true, ownDigits: true, missingPrompts: [], missingDigits: [] }],
        ...[
          {
            language: 'xx',
            complete: false,
            ownDigits: false,
            missingPrompts: [{ name: 'welcome', khz: [8] }],
            missingDigits: [],
          },
        ],
      ],
    });
    await api.call('addUser', { body: { extension: '1500', name: 'Ann Lee', pin: '940273' } });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });

  it('say what each family can do, and which is only recognised', async () => {
    const { body } = await api.call<{ items: { family: string; served: boolean; models: object[] }[] }>('listFamilies');
    const yealink = body.items.find(({ family }) => family === 'yealink');
    expect(yealink).to.include({ served: true });
    expect(yealink?.models.length).to.be.greaterThan(5);
    expect(body.items.map(({ family }) => family)).to.deep.equal(body.items.map(({ family }) => family).toSorted());
  });

  it('tell what phone a request comes from', async () => {
    const body = { userAgent: 'Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:01' };
    expect((await api.call('identifyPhone', { body })).body).to.include({
      ...{ family: 'yealink', model: 'T46S', mac: '00:15:65:00:00:01' },
    });
    expect((await api.call('identifyPhone', { body: { userAgent: 'curl' } })).body).to.include({ family: null });
  });

  it('print what a DHCP server needs, with the tenant’s own URL where it has one', async () => {
    const at = { tenant: 'default', server: 'dnsmasq' };
    const { body } = await api.call('getDhcpSnippet', { at });
    expect(body['snippet']).to.contain('http://prov.example.net/');
    await addTenant(core, { id: 'acme', urls: ['https://acme.example/'] });
    const acme = await api.call('getDhcpSnippet', { at: { ...at, tenant: 'acme' } });
    expect(acme.body['snippet']).to.contain('https://acme.example/');
    expect((await api.call('getDhcpSnippet', { at: { ...at, server: 'bind' } })).status).to.equal(400);
  });

  it('show which languages callers can hear', async () => {
    const { body } = await api.call<{ items: { language: string; complete: boolean }[] }>('listLanguages');
    expect(body.items.map(({ language, complete }) => `${language} ${complete}`)).to.deep.equal([
      'en true',
      'xx false',
    ]);
    await api.close();
    api = await startApi(core);
    expect((await api.call('listLanguages')).status).to.equal(404);
  });

  it('print a letter with a new PIN, which stands nowhere else, and the one before is worth nothing', async () => {
    const at = { tenant: 'default', extension: '1500' };
    const before = await core.store.userByExtension('default', '1500');
    const { body } = await api.call<Letter>('printLetter', {
      at,
      body: { pin: '580316', format: 'html', language: 'de' },
    });
    expect(body).to.include({ name: 'Ann Lee', language: 'de', contentType: 'text/html; charset=utf-8' });
    expect(bytesOf(body).replaceAll(/<[^>]+>|\s/g, '')).to.contain('580316');
    expect(JSON.stringify([(await api.call('listEvents')).body, api.log])).not.to.contain('580316');
    expect((await core.store.userByExtension('default', '1500'))?.pinHash).not.to.equal(before?.pinHash);
    const pdf = await api.call<Letter>('printLetter', { at, body: {} });
    expect(bytesOf(pdf.body).slice(0, 5)).to.equal('%PDF-');
    expect((await api.call('printLetter', { at, body: { language: 'tlh' } })).status).to.equal(400);
  });

  it('print a one-time code on a letter, once for a request that is sent twice', async () => {
    const request = { body: { extension: '1500', format: 'html' }, headers: { 'idempotency-key': 'k' } };
    const [one, other] = [await api.call<Letter>('printCode', request), await api.call<Letter>('printCode', request)];
    expect(one.body).to.include({ extension: '1500', usedAt: null });
    expect(other.body.letter).to.equal(one.body.letter);
    expect((await api.call<{ items: object[] }>('listCodes')).body.items).to.have.length(1);
    await addTenant(core, { id: 'acme' });
    const acme = { at: { tenant: 'acme', extension: '1500' }, token: await api.token(['write'], 'acme') };
    expect((await api.call('printCode', { ...acme, body: request.body })).status).to.equal(404);
    expect((await api.call('printLetter', { ...acme, body: {} })).status).to.equal(404);
  });
});
