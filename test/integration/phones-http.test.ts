import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HandOver } from '../../src/domain/handOver.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { addUser } from '../../src/administration/users.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, HOME, stateOfDevice } from '../support/steps.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565aabb01';
const FILE = `/${MAC}.cfg`;
const DEFAULT_LINE = new RegExp(`^phone-${MAC}-`);
const AGENT = 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01';
const ELSEWHERE = '192.0.2.66';
const MINUTE = 60_000;

describe('The listener for phones', () => {
  let core: TestCore;
  let listener: PhonesListener;

  beforeEach(async () => {
    core = await openTestCore();
    listener = await startPhonesListener(core);
  });
  afterEach(async () => {
    await listener.close();
    await core.close();
  });

  /** A request as it comes from that address. */
  function ask(path: string, from = HOME, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${listener.port}${path}`, {
      ...init,
      headers: { 'user-agent': AGENT, 'x-forwarded-for': from, ...init.headers },
    });
  }
  /** The target goes over the wire as it is. */
  const raw = (target: string, method = 'GET', headers = {}): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const asked = request(
        {
          ...{ host: '127.0.0.1', port: listener.port, path: target, method, agent: false },
          headers: { 'user-agent': AGENT, 'x-forwarded-for': ELSEWHERE, ...headers },
        },
        (answer) =>
          void answer
            .toArray()
            .then((chunks) => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() })),
      );
      asked.once('error', reject);
      asked.end();
    });
  const text = async (path: string, from?: string): Promise<string> => (await ask(path, from)).text();
  const secretIn = (file: string): string | undefined => /^account\.1\.password = (.+)$/m.exec(file)?.[1];
  const userIn = (file: string): string | undefined => /^account\.1\.user_name = (.+)$/m.exec(file)?.[1];
  /** The path that the file sets for the next time. */
  const deliveryPath = (file: string): string =>
    new URL(/^static\.auto_provision\.server\.url = (.+)$/m.exec(file)?.[1] ?? '').pathname;

  const handOver = (): Promise<HandOver | undefined> => core.store.handOver(MAC, 1);

  async function assignTo(extension: string): Promise<void> {
    const { user } = await addUser(core, { tenantId: 'default', extension, name: 'Ann Lee' });
    await assign(core, MAC, user.id);
  }

  it('gives a new phone a default line of its own, and the same one when it asks again', async () => {
    const first = await text(FILE);
    expect(first.split('\n')[0]).to.equal('#!version:1.0.0.1');
    expect(userIn(first)).to.match(DEFAULT_LINE);
    expect(await text(FILE)).to.equal(first);
    expect(await core.store.device(MAC)).to.include({ family: 'yealink', model: 'T46S' });
    expect(await stateOfDevice(core, MAC)).to.equal('unassigned');
  });

  it('tells type and length of a file, and answers 304 to a phone that has it', async () => {
    const response = await ask(FILE);
    expect(response.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
    expect(Number(response.headers.get('content-length'))).to.equal(Buffer.byteLength(await response.text()));
    const etag = response.headers.get('etag') ?? '';
    const again = await ask(FILE, HOME, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } });
    expect(again.status).to.equal(304);
  });

  it('answers HEAD like GET, without the file', async () => {
    const got = await ask(FILE);
    const head = await ask(FILE, HOME, { method: 'HEAD' });
    expect(head.status).to.equal(200);
    expect(head.headers.get('content-length')).to.equal(got.headers.get('content-length'));
    expect(await head.text()).to.equal('');
  });

  it('gives the user’s line for the token that the file carried, wherever the phone is now', async () => {
    const path = deliveryPath(await text(FILE));
    await assignTo('1500');
    expect(userIn(await text(`${path}${MAC}.cfg`, ELSEWHERE))).to.equal('1500');
  });

  it('gives the user’s line for a token behind whatever a proxy left in front of it, or encoded', async () => {
    const path = deliveryPath(await text(FILE));
    await assignTo('1500');
    const [, , token = ''] = path.split('/');
    for (const target of [
      `/${path}${MAC}.cfg`,
      `/prov${path}${MAC}.cfg`,
      `http://127.0.0.1:${listener.port}${path}${MAC}.cfg`,
      `/%70%2F${token}%2f${MAC}.cfg`,
    ]) {
      const { status, body } = await raw(target);
      expect([status, userIn(body)], target).to.deep.equal([200, '1500']);
    }
  });

  it('shows a token in no log and no answer, wherever it stands', async () => {
    const token = 'AbCdEf23456789GhJkMnPqRs';
    const targets = [
      ...[`/${token}`, `/p/${token}`, `/x?token=${token}`, `/p/${token}-/x`, `/p/${token}/../%`, `*/p/${token}/x`],
      ...[`http://[/p/${token}/x`, `http://[::1/p/${token}/x`, `//p//${token}/${'x'.repeat(4000)}`],
    ];
    const methods = ['GET', 'OPTIONS', 'DELETE', 'PUT'];
    for (const target of targets) {
      for (const method of methods) {
        const { status, body } = await raw(target, method, { referer: token, 'x-forwarded-for': token });
        expect([status, body], `${method} ${target}`).to.deep.equal([404, 'Not found\n']);
      }
    }
    const logged = (): number => listener.log.join('').split('"path"').length - 1;
    await waitFor(() => logged() === targets.length * methods.length, { what: 'a line for each' });
    expect(listener.log.join('')).to.not.include(token);
  });

  it('gives the user’s line without a token to the address that called, and for some minutes only', async () => {
    await text(FILE);
    await assignTo('1500');
    expect((await ask(FILE, ELSEWHERE)).status).to.equal(404);
    expect(userIn(await text(FILE, HOME))).to.equal('1500');
    core.pass(15 * MINUTE);
    expect((await ask(FILE, HOME)).status).to.equal(404);
  });

  it('takes the earlier token until the new one has been used, and never again after that', async () => {
    const earlier = deliveryPath(await text(FILE));
    await assignTo('1500');
    const current = deliveryPath(await text(`${earlier}${MAC}.cfg`, ELSEWHERE));
    expect(current).not.to.equal(earlier);
    expect((await ask(`${earlier}${MAC}.cfg`, ELSEWHERE)).status).to.equal(200);
    expect((await ask(`${current}${MAC}.cfg`, ELSEWHERE)).status).to.equal(200);
    await waitFor(async () => (await handOver())?.previousToken === null, { what: 'the use being noted' });
    expect((await ask(`${earlier}${MAC}.cfg`, ELSEWHERE)).status).to.equal(404);
  });

  it('gives each address a default line of its own, and lets the one that calls become the user’s alone', async () => {
    const strangers = await text(FILE, ELSEWHERE);
    const phones = await text(FILE, HOME);
    expect(userIn(strangers)).to.match(DEFAULT_LINE).and.not.to.equal(userIn(phones));
    expect(await text(FILE, HOME)).to.equal(phones);
    await assignTo('1500');
    expect((await ask(`${deliveryPath(strangers)}${MAC}.cfg`, ELSEWHERE)).status).to.equal(404);
    expect((await ask(`${deliveryPath(phones)}${MAC}.cfg`, ELSEWHERE)).status).to.equal(200);
  });

  it('gives a released phone its default line again, and nothing of the user', async () => {
    const path = deliveryPath(await text(FILE));
    await assignTo('1500');
    const users = await text(`${path}${MAC}.cfg`);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    const file = await text(`${deliveryPath(users)}${MAC}.cfg`);
    expect(userIn(file)).to.match(DEFAULT_LINE);
    expect(file).not.to.contain(secretIn(users)).and.not.to.contain('Ann Lee');
  });

  it('gives every refusal the same answer', async () => {
    await text(FILE);
    await assignTo('1500');
    const answers = await Promise.all(
      [FILE, '/001565aabb99.txt', '/', '/p/AAAAAAAAAAAAAAAAAAAAAAAA/001565aabb01.cfg', '/%', '/../../etc/passwd'].map(
        async (path) => {
          const response = await ask(path, ELSEWHERE);
          const headers = new Headers(response.headers);
          headers.delete('date');
          return { status: response.status, headers: Object.fromEntries(headers), body: await response.text() };
        },
      ),
    );
    for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
    expect(answers[0]).to.include({ status: 404 });
  });

  it('takes no browser, tool or scanner for a phone', async () => {
    for (const agent of ['Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0', 'curl/8.5.0', 'zgrab/0.x']) {
      expect((await ask(FILE, HOME, { headers: { 'user-agent': agent } })).status, agent).to.equal(404);
    }
    expect(await core.store.device(MAC)).to.equal(undefined);
  });

  it('answers the logs and overrides that a phone uploads, and hands nothing of them out again', async () => {
    const put = await ask(`/${MAC}-local.cfg`, HOME, { method: 'PUT', body: 'account.1.label = mine' });
    expect(put.status).to.equal(200);
    expect((await ask(`/${MAC}-local.cfg`)).status).to.equal(404);
  });

  it('takes no upload under the name of a file that it serves, and HEAD for no fetch', async () => {
    const path = deliveryPath(await text(FILE));
    await assignTo('1500');
    for (const method of ['PUT', 'POST']) {
      expect((await ask(`${path}${MAC}.cfg`, HOME, { method, body: 'x' })).status).to.equal(404);
    }
    await ask(`${path}${MAC}.cfg`, HOME, { method: 'HEAD' });
    expect(await handOver()).to.include({ fetchedAt: null });
    await text(`${path}${MAC}.cfg`);
    await waitFor(async () => (await handOver())?.fetchedAt === core.now(), { what: 'the fetch being noted' });
  });

  it('gives what the administrator has put there for the family, and made files in the place of others', async () => {
    await listener.close();
    const files = await mkdtemp(join(tmpdir(), 'files-'));
    try {
      listener = await startPhonesListener(core, files);
      await mkdir(join(files, 'yealink'));
      for (const name of ['T46S.rom', `${MAC}.cfg`]) await writeFile(join(files, 'yealink', name), 'lies there');
      expect(await text('/T46S.rom')).to.equal('lies there');
      expect(userIn(await text(FILE))).to.match(DEFAULT_LINE);
      expect((await ask(FILE)).headers.get('cache-control')).to.equal('no-store');
    } finally {
      await rm(files, { recursive: true });
    }
  });

  it('refuses an upload that is too large', async () => {
    const body = Buffer.alloc(5 * 1024 * 1024);
    expect((await ask(`/${MAC}-local.cfg`, HOME, { method: 'PUT', body })).status).to.equal(413);
  });

  it('logs each request with the device, but neither the token nor a secret', async () => {
    const file = await text(FILE);
    const path = deliveryPath(file);
    await text(`${path}${MAC}.cfg`);
    const token = path.split('/')[2] ?? '';
    await waitFor(() => listener.log.join('').split(FILE).length > 2, { what: 'both lines' });
    const log = listener.log.join('');
    expect(log).to.contain(MAC);
    expect(log).not.to.contain(token).and.not.to.contain(secretIn(file));
  });
});
