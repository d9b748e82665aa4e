import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { waitFor } from '../../support/wait.ts';

/** Reads a stream as a browser does, so far. */
interface Reader {
  readonly text: () => string;
  readonly ids: () => readonly string[];
  close(): void;
}

describe('The stream of events', () => {
  let core: TestCore;
  let api: TestApi;
  let token: string;
  const readers: Reader[] = [];

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    token = await api.token(['read']);
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
    await api.close();
    await core.close();
  });

  async function read(
    headers: Readonly<Record<string, string>> = {},
    tenant = 'default',
    shown = token,
  ): Promise<Reader> {
    const gone = new AbortController();
    const response = await fetch(`${api.url}/api/v1/tenants/${tenant}/events/stream`, {
      headers: { authorization: `Bearer ${shown}`, ...headers },
      signal: gone.signal,
    });
    expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const piece of response.body ?? []) text += decoder.decode(piece as Uint8Array, { stream: true });
    })().catch(() => undefined);
    const reader = {
      text: () => text,
      ids: () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id = '']) => id),
      close: () => gone.abort(),
    };
    void reading;
    readers.push(reader);
    await waitFor(() => text.startsWith('retry: '), { what: 'the first bytes' });
    return reader;
  }
  const add = (extension: string): Promise<unknown> => api.call('addUser', { body: { extension, name: 'Ann' } });
  const heard = ({ text }: Reader, what: string): Promise<unknown> =>
    waitFor(() => text().includes(what), { what: () => `${what} in ${text()}` });

  it('tells what happens as it happens, under its name, and nothing of other tenants', async () => {
    await addTenant(core, { id: 'acme' });
    const reader = await read();
    await api.call('addUser', { at: { tenant: 'acme' }, body: { extension: '1700', name: 'Bob' } });
    await add('1500');
    await heard(reader, '"extension":"1500"');
    expect(reader.text())
      .to.match(/^event: user_added\ndata: \{.*"actor":"api:test-1"/m)
      .and.not.contain('1700');
  });

  it('goes on where who comes again has left, and tells nothing twice', async () => {
    const first = await read();
    await add('1500');
    await heard(first, '1500');
    first.close();
    for (const extension of ['1501', '1502']) await add(extension);
    const second = await read({ 'last-event-id': first.ids().at(-1) ?? '' });
    await heard(second, '"extension":"1502"');
    await add('1503');
    await heard(second, '"extension":"1503"');
    expect(new Set(second.ids()).size).to.equal(second.ids().length);
    expect(second.text()).to.contain('"extension":"1501"').and.not.contain('"extension":"1500"');
  });

  it('tells who is for the first tenant alone nothing of what is above tenants', async () => {
    const its = await api.token(['read'], 'default');
    await api.call('addAdministrator', { body: { name: 'boss', role: 'viewer' } });
    await add('1500');
    const all = await read({ 'last-event-id': '0' });
    const own = await read({ 'last-event-id': '0' }, 'default', its);
    for (const reader of [all, own]) await heard(reader, '"extension":"1500"');
    expect(all.text()).to.contain('boss');
    expect(own.text()).not.to.contain('boss').and.not.contain('"what":"token"');
  });

  it('is for nobody who may not look', async () => {
    const { status } = await fetch(`${api.url}/api/v1/tenants/default/events/stream`);
    expect(status).to.equal(401);
    const other = await api.token(['read'], 'default');
    const response = await fetch(`${api.url}/api/v1/tenants/acme/events/stream`, {
      headers: { authorization: `Bearer ${other}` },
    });
    expect(response.status).to.equal(403);
  });
});
