import { expect } from 'chai';
import { SelfprovError } from '../../../src/domain/errors.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { command } from '../../support/command.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

interface Tenant {
  readonly id: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}
interface Page {
  readonly items: readonly Tenant[];
}

describe('Tenants by the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    await api.call('addTenant', { body: { id: 'acme', name: 'Acme Ltd', networks: ['10.1.0.0/16'] } });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const acme = { at: { tenant: 'acme' } };

  it('are added, listed, and removed once nobody is there any more', async () => {
    const { body } = await api.call<Page>('listTenants');
    expect(body.items.map(({ id }) => id)).to.deep.equal(['acme', 'default']);
    expect((await api.call('getTenant', acme)).body).to.deep.include({
      ...{ name: 'Acme Ltd', endpointPattern: 'acme-{extension}', networks: ['10.1.0.0/16'], users: 0 },
    });
    await api.call('addUser', { ...acme, body: { extension: '1500', name: 'Ann' } });
    expect((await api.call('removeTenant', acme)).status).to.equal(409);
    await api.call('removeUser', { at: { tenant: 'acme', extension: '1500' } });
    expect((await api.call('removeTenant', acme)).status).to.equal(204);
    expect((await api.call('getTenant', acme)).status).to.equal(404);
    expect((await api.call('removeTenant', { at: { tenant: 'default' } })).status).to.equal(409);
  });

  it('are changed in their rules, numbers and templates, and it is said when Asterisk’s files must follow', async () => {
    await api.call('addLineTemplate', { ...acme, body: { name: 'Hall' } });
    const change = {
      ...{ profile: 'Default', newPhones: { lineTemplate: 'Hall' }, families: { yealink: { lineTemplate: null } } },
      settings: { takeOver: 'allow', codecs: 'alaw', timeZone: 'UTC' },
    };
    const { body, headers } = await api.call<Tenant>('changeTenant', { ...acme, body: change });
    expect(body).to.deep.include({
      filesToWrite: false,
      newPhones: { lineTemplate: 'Hall', deviceTemplate: 'Default' },
    });
    expect(body.settings).to.include({ takeOver: 'allow', codecs: 'alaw', timeZone: 'UTC', authentication: 'users' });
    expect(headers.get('etag')).to.equal(null);
    const etag = (await api.call('getTenant', acme)).headers.get('etag') ?? '';
    const numbers = { ...acme, body: { extension: '*77' }, headers: { 'if-match': etag } };
    expect((await api.call('changeTenant', numbers)).body).to.include({ filesToWrite: true, extension: '*77' });
    expect((await api.call('changeTenant', numbers)).status).to.equal(412);
    const open = await api.call<Tenant>('changeTenant', { ...acme, body: { settings: { authentication: 'none' } } });
    expect(open.body.warnings).to.have.length(1);
  });

  it('take an administrator’s code and never show it', async () => {
    const { body } = await api.call('changeTenant', { ...acme, body: { administratorCode: '8340275' } });
    expect(body).to.include({ hasAdministratorCode: true });
    expect((await core.store.tenant('acme'))?.administratorCodeHash).to.be.a('string');
    const shown = await api.call('getTenant', acme);
    const events = await api.call('listEvents', acme);
    expect(JSON.stringify([body, shown.body, events.body, api.log])).not.to.match(/8340275|Hash/);
    expect((await api.call('changeTenant', { ...acme, body: { administratorCode: '1' } })).status).to.equal(400);
    const none = await api.call('changeTenant', { ...acme, body: { administratorCode: null } });
    expect(none.body).to.include({ hasAdministratorCode: false });
  });

  it('with a mistake are not changed at all, and each mistake is named', async () => {
    const body = { name: 'Other', settings: { takeOver: 'maybe', codecs: 'g999' } };
    const refused = await api.call<{ mistakes: { at: string }[] }>('changeTenant', { ...acme, body });
    expect(refused.status).to.equal(400);
    expect(refused.body.mistakes.map(({ at }) => at)).to.have.members([
      'body.settings.codecs',
      'body.settings.takeOver',
    ]);
    expect((await api.call('getTenant', acme)).body).to.include({ name: 'Acme Ltd' });
    const family = { families: { yaelink: { lineTemplate: null } } };
    expect((await api.call('changeTenant', { ...acme, body: family })).status).to.equal(404);
  });

  it('do not get a context that Asterisk has not, and hear which of their numbers are taken', async () => {
    await api.close();
    api = await startApi(core, {
      checkContext: (context) => Promise.reject(new SelfprovError('not_found', `no context ${context}`)),
      clashes: (tenants) => Promise.resolve(tenants.map(({ id, extension }) => `${extension} of ${id} is taken`)),
    });
    const { body } = await api.call('changeTenant', { ...acme, body: { settings: { context: 'nowhere' } } });
    expect(body).to.include({ status: 404, detail: 'no context nowhere' });
    const back = { ...acme, body: { settings: { context: 'inherit' } } };
    expect((await api.call('changeTenant', back)).status).to.equal(200);
    expect((await api.call('listClashes', acme)).body).to.deep.equal({ items: ['*55 of acme is taken'] });
  });

  it('can change their own rules with a token of theirs, but not where new phones come from, nor what reaches further', async () => {
    const token = await api.token(['read', 'write'], 'acme');
    const list = await api.call<Page>('listTenants', { token });
    expect(list.body.items.map(({ id }) => id)).to.deep.equal(['acme']);
    const own = { ...acme, token };
    expect((await api.call('changeTenant', { ...own, body: { settings: { takeOver: 'allow' } } })).status).to.equal(
      200,
    );
    for (const body of [
      { networks: ['0.0.0.0/0'] },
      { urls: ['https://phones.example/'] },
      { settings: { context: 'users' } },
      { settings: { sounds: '/etc' } },
    ])
      expect((await api.call('changeTenant', { ...own, body })).status, JSON.stringify(body)).to.equal(403);
    expect((await api.call('getTenant', { token })).status).to.equal(403);
    expect((await api.call('removeTenant', own)).status).to.equal(403);
  });

  it('say their policy in sentences, with how likely somebody guesses a PIN, in either language and by the command', async () => {
    interface Policy {
      readonly sentences: readonly { readonly about: string; readonly text: string; readonly isWarning: boolean }[];
      readonly guessing: { readonly day: { readonly tries: number; readonly chance: number }; readonly users: number };
    }
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
    const { body } = await api.call<Policy>('getPolicy');
    const text = body.sentences.map((each) => each.text).join('\n');
    expect(text)
      .to.contain('they dial *55 from a new phone')
      .and.to.contain('reach 112, 911, and nobody else')
      .and.to.contain('After 5 wrong PINs in a row')
      .and.to.contain('45 tries on the first day')
      .and.to.contain('one in 21,000 guesses it within a day')
      .and.not.to.contain('{');
    expect(body.sentences.filter(({ isWarning }) => isWarning)).to.deep.equal([]);
    expect(body.guessing).to.deep.include({ users: 1 });
    const german = await api.call<Policy>('getPolicy', { query: { language: 'de' } });
    expect(german.body.sentences.map(({ about }) => about)).to.deep.equal(body.sentences.map(({ about }) => about));
    expect(german.body.sentences[0]?.text).to.contain('Sie wählen *55');
    expect(await command(core, 'tenant', 'policy')).to.equal(text.replaceAll(/^/gm, '- '));
    await api.call('changeTenant', { body: { settings: { authentication: 'none' }, emergencyNumbers: [] } });
    const open = await api.call<Policy>('getPolicy');
    expect(open.body.sentences.filter(({ isWarning }) => isWarning).map(({ about }) => about)).to.deep.equal([
      'authentication',
      'emergencyNumbers',
    ]);
    expect(open.body.sentences.some(({ about }) => about === 'guessing')).to.equal(false);
    await api.call('changeSystem', { body: { settings: { selfProvisioning: 'off' } } });
    const closed = await api.call<Policy>('getPolicy');
    expect(closed.body.sentences[0]?.text).to.match(/^Nobody sets up a phone by a call/);
  });

  it('give their events as a file, whole, without formulas, and without what happened above them', async () => {
    await api.call('addRedirect', { body: { url: 'https://elsewhere.example' } });
    await api.call('addUser', { body: { extension: '1500', name: '=1+1' } });
    await api.call('changeUser', { at: { tenant: 'default', extension: '1500' }, body: { name: '=2+2' } });
    const csv = await api.call<string>('exportEvents', { query: { extension: '1500' } });
    expect(csv.body.trim().split('\r\n')).to.have.length(3);
    expect(csv.body).not.to.match(/(?:^|,)"?=/m);
    const token = await api.token(['read'], 'default');
    const json = await api.call<string>('exportEventsAsJson', { token });
    const lines = json.body.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { step: string }).step)).to.deep.equal([
      'user_changed',
      'user_added',
    ]);
    expect((await api.call<string>('exportEventsAsJson')).body).to.contain('elsewhere');
  });

  it('do not show in their journal what happened above them', async () => {
    await api.call('addRedirect', { body: { url: 'https://elsewhere.example' } });
    await api.call('changeSystem', { body: { settings: { ivr: 'off' } } });
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
    await api.call('addAdministrator', { body: { name: 'root', role: 'viewer' } });
    const token = await api.token(['read'], 'default');
    const { body } = await api.call<{ items: { step: string }[] }>('listEvents', { token });
    expect(body.items.map(({ step }) => step)).to.deep.equal(['user_added']);
    expect(JSON.stringify((await api.call('listEvents')).body))
      .to.contain('elsewhere')
      .and.to.contain('root');
  });

  it('are below switches that hold for all of them', async () => {
    expect((await api.call('getSystem')).body).to.deep.include({
      settings: { selfProvisioning: 'on', enrolment: 'on', ivr: 'on' },
    });
    const etag = (await api.call('getSystem')).headers.get('etag') ?? '';
    const change = { body: { settings: { ivr: 'off' } }, headers: { 'if-match': etag } };
    expect((await api.call('changeSystem', change)).body).to.have.nested.property('settings.ivr', 'off');
    expect((await api.call('changeSystem', change)).status).to.equal(412);
    expect(await core.store.site()).to.include({ ivr: false });
  });
});
