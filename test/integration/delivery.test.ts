import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpLimits, Listener } from '../../src/http/listenHttp.ts';
import { listenPhones } from '../../src/http/listenPhones.ts';
import { createLog } from '../../src/log.ts';
import type { Answer } from '../../src/provisioning/files/answerRequest.ts';
import { gate } from '../support/gate.ts';
import { waitFor, within } from '../support/wait.ts';

const HOST = '127.0.0.1';
/** More than the sockets of both ends take together. */
const LARGE = Buffer.alloc(24 * 1024 * 1024, 'x');
const TOKEN_PATH = '/p/AbCdEf23456789GhJkMnPqRs';

describe('A file that a phone fetches by HTTP', () => {
  let listener: Listener | undefined;
  let folder: string;
  let delivered: string[];
  let log: string;
  let sockets: Socket[];

  async function start(
    settings: {
      readonly limits?: Partial<HttpLimits>;
      readonly wait?: Promise<unknown>;
      readonly onDelivered?: () => Promise<void>;
    } = {},
  ): Promise<void> {
    listener = await listenPhones({
      ...settings,
      host: HOST,
      port: 0,
      trustProxy: [],
      log: createLog('info', { write: (line) => void (log += line) }),
      async answer({ path }): Promise<Answer | undefined> {
        await settings.wait;
        const who = { mac: null, family: 'acme', contentType: 'text/plain' };
        if (path === '/firmware.rom') return { kind: 'static', ...who, file: join(folder, 'firmware.rom') };
        if (path === '/common.cfg') return { kind: 'rendered', ...who, body: Buffer.from('common'), private: false };
        if (path !== '/small.cfg' && path !== '/large.cfg') return undefined;
        return {
          ...{ kind: 'rendered', ...who, private: true },
          body: path === '/large.cfg' ? LARGE : Buffer.from('secret'),
          delivered: async () => {
            delivered.push(path);
            await settings.onDelivered?.();
          },
        };
      },
    });
  }

  async function close(): Promise<void> {
    await listener?.close();
    listener = undefined;
  }

  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://${HOST}:${listener?.port}${path}`, init);
  const logged = (what: string): Promise<unknown> =>
    waitFor(() => log.includes(what), { what: () => `${what} in ${log}` });

  /** A client that has begun to read its answer, and reads no more. */
  async function begin(path: string): Promise<Socket> {
    const socket = connect(listener?.port ?? 0, HOST);
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'readable');
    socket.read(1000);
    return socket;
  }

  beforeEach(async () => {
    [delivered, log, sockets] = [[], '', []];
    folder = await mkdtemp(join(tmpdir(), 'delivery-'));
    await writeFile(join(folder, 'firmware.rom'), LARGE);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await close();
    await rm(folder, { recursive: true });
  });

  it('counts once when it has been sent to its end, and for each time that it is fetched', async () => {
    await start();
    for (const path of ['/small.cfg', '/large.cfg', '/small.cfg']) {
      expect((await (await ask(path)).arrayBuffer()).byteLength).to.be.greaterThan(0);
    }
    await close();
    expect(delivered).to.deep.equal(['/small.cfg', '/large.cfg', '/small.cfg']);
    expect(log).not.to.include('"cut"');
  });

  it('counts when the phone has this very file already', async () => {
    await start();
    const etag = (await ask('/small.cfg')).headers.get('etag') ?? '';
    const again = await ask('/small.cfg', { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } });
    expect(again.status).to.equal(304);
    await waitFor(() => delivered.length === 2, { what: 'two deliveries' });
  });

  it('does not count when only its headers were asked for, or it is not there', async () => {
    await start();
    // Whoever has any file at all, which nobody can tell to be this one.
    expect(
      (await ask('/small.cfg', { headers: { 'if-none-match': '*', 'cache-control': 'max-age=0' } })).status,
    ).to.equal(304);
    await ask('/small.cfg', { method: 'HEAD' });
    await ask('/none.cfg');
    await close();
    expect(delivered).to.deep.equal([]);
  });

  const goings: Readonly<Record<string, (socket: Socket) => unknown>> = {
    resets: (socket) => socket.resetAndDestroy(),
    closes: (socket) => socket.destroy(),
  };
  for (const [how, go] of Object.entries(goings)) {
    it(`does not count when the phone reads a part of it and ${how} the connection`, async () => {
      await start();
      go(await begin('/large.cfg'));
      await logged('"cut":true');
      await close();
      expect(delivered).to.deep.equal([]);
    });

    it(`does not count when the phone ${how} the connection before it is there`, async () => {
      const { promise, resolve } = gate();
      await start({ wait: promise });
      const socket = connect(listener?.port ?? 0, HOST);
      socket.write('GET /small.cfg HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'connect');
      go(socket);
      await logged('"cut":true');
      resolve();
      await close();
      expect(delivered).to.deep.equal([]);
    });
  }

  it('is not waited for when the phone reads no more', async () => {
    await start({ limits: { stalled: 100 } });
    for (const path of ['/large.cfg', '/firmware.rom']) {
      log = '';
      await begin(path);
      await logged('"cut":true');
    }
    expect(delivered).to.deep.equal([]);
  });

  it('is the phone’s although it could not be noted', async () => {
    await start({ onDelivered: () => Promise.reject(new Error('the database is away')) });
    expect(await (await ask('/small.cfg')).text()).to.equal('secret');
    await logged('the database is away');
    expect((await ask('/small.cfg')).status).to.equal(200);
  });

  it('has been noted before the listener is closed', async () => {
    const { promise, resolve } = gate();
    let isNoted = false;
    await start({ onDelivered: () => promise.then(() => void (isNoted = true)) });
    await (await ask('/small.cfg')).text();
    const closed = close();
    resolve();
    await within(closed, { what: 'the end' });
    expect(isNoted).to.equal(true);
  });

  it('is for no cache on the way when it holds a secret, or its URL does, and is known by its tag all the same', async () => {
    await start();
    const control = async (path: string): Promise<string | null> => {
      const { headers, body } = await ask(path);
      await body?.cancel();
      return headers.get('cache-control');
    };
    expect(await control('/small.cfg')).to.equal('no-store');
    expect((await ask('/small.cfg')).headers.get('etag')).to.be.a('string');
    expect(await control('/common.cfg')).to.equal(null);
    expect(await control('/firmware.rom')).to.equal('public, max-age=0');
    for (const name of ['small.cfg', 'common.cfg', 'firmware.rom'])
      expect(await control(`${TOKEN_PATH}/${name}`)).to.equal('no-store');
    expect(await control('/none.cfg')).to.equal('no-store');
  });
});
