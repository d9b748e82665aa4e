import { addAdministrator } from '../../src/administration/administrators.ts';
import { expect } from 'chai';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook as Peer } from 'standardwebhooks';
import { addUser } from '../../src/administration/users.ts';
import { addWebhook, deadLettersOf, listWebhooks, resumeWebhook } from '../../src/administration/webhooks.ts';
import { addTenant } from '../../src/administration/tenants.ts';
import type { Event } from '../../src/domain/journal.ts';
import { Secret } from '../../src/domain/secret.ts';
import { driveWebhooks } from '../../src/webhooks/driveWebhooks.ts';
import { tellWebhook } from '../../src/webhooks/tellWebhook.ts';
import { startApi } from '../support/api.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';

interface Message {
  readonly type: string;
  readonly data: Event;
}

describe('A URL that is told of what happens', () => {
  let core: TestCore;
  let server: Server;
  let url: string;
  let statuses: number[];
  let got: { readonly headers: IncomingMessage['headers']; readonly body: string }[];

  beforeEach(async () => {
    core = await openTestCore();
    [statuses, got] = [[], []];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        got.push({ headers: request.headers, body });
        response.writeHead(statuses.shift() ?? 204, { location: 'http://127.0.0.1:1/' }).end();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=sesame`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await core.close();
  });

  const add = (more = {}) => addWebhook(core, { tenantId: 'default', url, steps: [], isConfined: false, ...more });
  const happen = (extension: string, tenantId = 'default') => addUser(core, { tenantId, extension, name: 'Ann' });
  /** Events are of this machine's clock, which the test's is behind. */
  let ahead = 0;
  let passed = 0;
  const drive = (): Promise<void> => driveWebhooks({ ...core, now: () => ahead + passed, tell: tellWebhook });
  const messages = (): readonly Message[] => got.map(({ body }) => JSON.parse(body) as Message);
  beforeEach(() => {
    [ahead, passed] = [Date.now() + 10_000, 0];
  });

  it('gets each event once, in order, signed so that the library of the standard believes it', async () => {
    const { secret } = await add();
    for (const extension of ['1500', '1501']) await happen(extension);
    await drive();
    await drive();
    const steps = messages().map(
      ({ type, data }) => `${type} ${String(data.detail['extension'] ?? data.detail['what'])}`,
    );
    expect(steps).to.deep.equal(['created webhook', 'user_added 1500', 'user_added 1501']);
    const peer = new Peer(secret.reveal());
    for (const { headers, body } of got) peer.verify(body, headers as Record<string, string>);
    const [first] = got;
    expect(() => peer.verify(`${first?.body} `, first?.headers as Record<string, string>)).to.throw();
  });

  it('hears of what it asked for, and of its tenant only', async () => {
    await addTenant(core, { id: 'acme' });
    await add({ steps: ['user_added'] });
    await happen('1700', 'acme');
    await happen('1500');
    await drive();
    expect(messages().map(({ data }) => data.detail['extension'])).to.deep.equal(['1500']);
  });

  it('is told again with the same id when it does not take one, later and later, and nothing else meanwhile', async () => {
    const { id } = await add({ steps: ['user_added'] });
    for (const extension of ['1500', '1501']) await happen(extension);
    statuses = [425, 302, 503];
    for (const pause of [0, 4000, 1000, 29_000, 1000, 120_000]) {
      passed += pause;
      await drive();
    }
    expect(messages().map(({ data }) => data.detail['extension'])).to.deep.equal([
      '1500',
      '1500',
      '1500',
      '1500',
      '1501',
    ]);
    expect(new Set(got.slice(0, 4).map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
    expect((await listWebhooks(core, 'default')).find((each) => each.id === id)).to.include({
      failure: null,
      deadLetters: 0,
    });
  });

  it('that refuses one for good has it as a dead letter, and goes on with the next', async () => {
    const { id } = await add({ steps: ['user_added'] });
    for (const extension of ['1500', '1501']) await happen(extension);
    statuses = [400, 403, 400];
    await drive();
    expect((await listWebhooks(core, 'default')).find((each) => each.id === id)).to.include({
      attempts: 1,
      waiting: 2,
    });
    // In half a minute, so that the others need not wait longer.
    for (const pause of [5000, 30_000]) {
      passed += pause;
      await drive();
    }
    expect(messages().at(-1)?.data.detail).to.include({ extension: '1501' });
    const [letter, ...others] = await deadLettersOf(core, 'default', id);
    expect(letter?.event.detail).to.include({ extension: '1500' });
    expect([letter?.why, others]).to.deep.equal(['answered 400', []]);
  });

  it('that is away for long gets all of the last day when it is back', async () => {
    await add({ steps: ['user_added'] });
    await happen('1500');
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    for (let hours = 0; hours < 20; hours++) {
      passed += 3_600_000;
      await drive();
    }
    const [webhook] = await listWebhooks(core, 'default');
    expect(webhook?.failure).to.match(/ECONNREFUSED/);
    await once(server.listen(port, '127.0.0.1'), 'listening');
    passed += 3_600_000;
    await drive();
    expect(messages().map(({ data }) => data.detail['extension'])).to.deep.equal(['1500']);
  });

  it('that says it is gone is stopped, until an administrator has it told again', async () => {
    const { id } = await add({ steps: ['user_added'] });
    await happen('1500');
    statuses = [410];
    await drive();
    passed += 3_600_000;
    await drive();
    expect(got).to.have.length(1);
    await resumeWebhook({ ...core, now: () => ahead + passed }, 'default', id.slice(0, 8));
    await drive();
    expect(got).to.have.length(2);
  });

  it('of a tenant’s own administrator reaches into no network of ours, by whatever name', async () => {
    const event =
      (await core.store.events({ limit: 1 }))[0] ?? (await happen('1500'), (await core.store.events({ limit: 1 }))[0]);
    const secret = new Secret('whsec_AAAA');
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '10.0.0.1',
      '169.254.169.254',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:0.0.0.0]',
    ]) {
      const target = `http://${host}:${(server.address() as AddressInfo).port}/`;
      const told = await tellWebhook({ url: target, secret, isConfined: true }, event as Event);
      expect(told, host).to.have.property('error').that.contains('a network of our own');
    }
    expect(got).to.deep.equal([]);
  });

  it('of an administrator of the first tenant alone is told nothing of what is above tenants', async () => {
    await add({ isConfined: true });
    await addAdministrator(core, { name: 'boss', role: 'administrator', tenantId: null });
    await happen('1500');
    // The one that listens here is in a network of our own.
    const tell: typeof tellWebhook = (webhook, event) => tellWebhook({ ...webhook, isConfined: false }, event);
    await driveWebhooks({ ...core, now: () => ahead + passed, tell });
    expect(messages().map(({ data }) => data.detail['what'] ?? data.detail['extension'])).to.deep.equal([
      'webhook',
      '1500',
    ]);
  });

  it('is shown without what may be secret in it, and its secret is in no list and no event', async () => {
    const { secret } = await add();
    const shown = JSON.stringify([await listWebhooks(core, 'default'), await core.store.events({ limit: 10 })]);
    expect(shown).not.to.contain('sesame').and.not.to.contain(secret.reveal());
    const stored = core.connect();
    const rows: unknown = await stored('webhooks');
    await stored.destroy();
    expect(JSON.stringify(rows)).not.to.contain(secret.reveal());
  });

  it('of all tenants is told of each, and is added, seen and removed by API and command above tenants only', async () => {
    await addTenant(core, { id: 'acme' });
    const api = await startApi(core);
    try {
      interface Webhook {
        readonly id: string;
        readonly tenantId: string | null;
      }
      const added = await api.call<Webhook>('addAllWebhook', { body: { url, steps: ['user_added'] } });
      const [made] = await core.store.events({ step: 'created', limit: 1 });
      expect(made?.detail['url']).to.equal(new URL(url).origin);
      expect(added.status).to.equal(201);
      expect(added.headers.get('location')).to.equal(`/api/v1/webhooks/${added.body.id}`);
      expect(added.body).to.include({ tenantId: null, isConfined: false });
      for (const [extension, tenant] of [['1500', 'default'] as const, ['1700', 'acme'] as const])
        await happen(extension, tenant);
      await drive();
      expect(messages().map(({ data }) => data.tenantId)).to.deep.equal(['default', 'acme']);

      const at = { tenant: 'default', webhook: added.body.id };
      const one = await api.call<{ items: Webhook[] }>('listWebhooks');
      expect(one.body.items).to.deep.equal([]);
      expect((await api.call('removeWebhook', { at })).status).to.equal(404);
      const its = await api.token(['read'], 'default');
      const seen = await api.call<{ items: readonly unknown[] }>('listEvents', { token: its });
      expect(JSON.stringify(seen.body)).to.contain('1500').and.not.contain(added.body.id);
      const token = await api.token(['read', 'write'], 'acme');
      for (const id of ['listAllWebhooks', 'removeAllWebhook', 'addAllWebhook'])
        expect((await api.call(id, { at, token, body: { url } })).status, id).to.equal(403);

      expect(await command(core, 'webhook', 'list')).to.equal('There are no webhooks.');
      expect(await command(core, 'webhook', 'list', '--all-tenants')).to.match(/ all +http:.*user_added +well/);
      expect(await command(core, 'webhook', 'dead-letters', added.body.id, '--all-tenants')).to.contain('everything');
      expect((await refusalOf(command(core, 'webhook', 'remove', added.body.id, '--yes'))).message).to.match(/webhook/);
      await command(core, 'webhook', 'remove', added.body.id, '--yes', '--all-tenants');
      await command(core, 'webhook', 'add', url, '--all-tenants');
      const { body } = await api.call<{ items: Webhook[] }>('listAllWebhooks');
      expect(body.items.map(({ tenantId }) => tenantId)).to.deep.equal([null]);
    } finally {
      await api.close();
    }
  });
});
