import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import pino from 'pino';
import { connectAri, type Ari, type AriOptions } from '../../src/asterisk/ari/ari.ts';
import { isRefusal } from '../../src/domain/errors.ts';
import { freePort } from '../support/freePorts.ts';
import { ARI_PASSWORD, plainAsterisk, type PlainAsterisk } from '../support/plainAsterisk.ts';
import { staysTrue, waitFor } from '../support/wait.ts';

const log = pino({ level: 'silent' });

describe('the connection to ARI', function () {
  this.timeout(60_000);
  let asterisk: PlainAsterisk;
  let opened: Ari[] = [];

  before(async () => {
    asterisk = await plainAsterisk();
    await asterisk.start();
  });
  afterEach(async () => {
    await Promise.all(opened.map((ari) => ari.close()));
    opened = [];
  });
  after(() => asterisk.close());

  function connect(options: Partial<AriOptions> = {}): Ari {
    const ari = connectAri({
      url: asterisk.ariUrl,
      user: 'selfprov',
      password: ARI_PASSWORD,
      app: 'selfprov',
      log,
      limitMs: 5000,
      heartbeatMs: 500,
      ...options,
    });
    opened.push(ari);
    return ari;
  }

  const reaches = (ari: Ari, state: string, limit = 10_000): Promise<unknown> =>
    waitFor(() => ari.state().state === state, { what: () => `ARI ${state}: ${JSON.stringify(ari.state())}`, limit });

  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) =>
        (['unavailable', 'not_found', 'conflict', 'invalid', 'unauthorized'] as const).find((code) =>
          isRefusal(error, code),
        ) ?? String(error),
    );

  it('comes up, and says since when', async () => {
    const ari = connect();
    expect(ari.state()).to.include({ state: 'connecting', error: null });
    expect(await ari.channels()).to.deep.equal([]);
    expect(ari.state()).to.include({ state: 'up', error: null });
    expect(ari.state().since).to.be.closeTo(Date.now(), 5000);
  });

  it('tells a channel that does not exist from an Asterisk that does not answer', async () => {
    const ari = connect();
    expect(await refusal(ari.hangUp('no-such-channel'))).to.equal('not_found');
    expect(await ari.variable('no-such-channel', 'X')).to.equal(null);
    expect(await refusal(ari.stopPlayback('no-such-playback'))).to.equal('not_found');
  });

  it('tells of a wrong password, without the password', async () => {
    const ari = connect({ password: 'guessed-wrong' });
    await reaches(ari, 'down');
    expect(ari.state().error).to.match(/does not accept the ARI user "selfprov"/);
    expect(JSON.stringify(ari.state())).not.to.include('guessed-wrong');
  });

  it('does what was asked before Asterisk was there', async () => {
    await asterisk.stop();
    const ari = connect({ limitMs: 20_000 });
    const asked = ari.channels();
    await reaches(ari, 'down');
    await asterisk.start();
    expect(await asked).to.deep.equal([]);
  });

  it('gives up a request when its time limit has passed', async () => {
    const ari = connect({ url: `http://127.0.0.1:${await freePort()}`, limitMs: 300 });
    expect(await refusal(ari.channels())).to.equal('unavailable');
    expect(ari.state().error).to.include('ECONNREFUSED');
  });

  it('is back after Asterisk was killed, and says what happened meanwhile', async () => {
    const ari = connect();
    const told: string[] = [];
    ari.listen({ up: () => told.push('up'), down: () => told.push('down') });
    await reaches(ari, 'up');
    await asterisk.stop('SIGKILL');
    await reaches(ari, 'down');
    await asterisk.start();
    await reaches(ari, 'up', 20_000);
    expect(await ari.channels()).to.deep.equal([]);
    expect(told).to.deep.equal(['up', 'down', 'up']);
  });

  it('notices that Asterisk is frozen, and is back when it thaws', async () => {
    const ari = connect({ limitMs: 3000 });
    await reaches(ari, 'up');
    try {
      await asterisk.freeze();
      const asked = refusal(ari.channels());
      await reaches(ari, 'down', 2000);
      expect(ari.state().error).to.match(/did not answer for 0.5 s/);
      expect(await asked).to.equal('unavailable');
    } finally {
      asterisk.kill('SIGCONT');
    }
    await reaches(ari, 'up', 20_000);
  });

  it('does not steal its app back from another process at once', async () => {
    const older = connect();
    await reaches(older, 'up');
    const newer = connect();
    await reaches(newer, 'up');
    await reaches(older, 'down');
    expect(older.state().error).to.include('taken over');
    await staysTrue(() => newer.state().state === 'up' && older.state().state === 'down', {
      what: 'the newer having the app',
      limit: 2000,
    });
  });

  it('goes on when another connection of this process to the same Asterisk has ended', async () => {
    const ari = connect();
    await reaches(ari, 'up');
    const other = connect({ app: 'another' });
    await reaches(other, 'up');
    await other.close();
    expect(await ari.modules()).to.include('res_ari.so');
  });

  it('survives handlers that throw', async () => {
    const ari = connect();
    let second = 0;
    ari.listen({
      up: () => {
        throw new Error('a handler failed');
      },
    });
    ari.listen({ up: () => (second += 1) });
    await reaches(ari, 'up');
    expect(second).to.equal(1);
  });

  it('answers hundreds of requests at once', async () => {
    const ari = connect();
    const answers = await Promise.all(Array.from({ length: 300 }, () => ari.variable('nobody', 'X')));
    expect(answers).to.deep.equal(answers.map(() => null));
  });

  it('ends at once when it is closed, also before it was up', async () => {
    const ari = connect({ url: `http://127.0.0.1:${await freePort()}` });
    const asked = refusal(ari.channels());
    await ari.close();
    expect(await asked).to.equal('unavailable');
    expect(ari.state().state).to.equal('down');
  });

  it('ends at once when it is closed while Asterisk is frozen', async () => {
    const ari = connect({ heartbeatMs: 60_000 });
    await reaches(ari, 'up');
    try {
      await asterisk.freeze();
      const asked = refusal(ari.channels());
      const began = performance.now();
      await ari.close();
      expect(await asked).to.equal('unavailable');
      expect(performance.now() - began).to.be.lessThan(500);
    } finally {
      asterisk.kill('SIGCONT');
    }
  });

  describe('with something else than Asterisk there', () => {
    let server: Server;
    let port: number;

    async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
      port = await freePort();
      server = createServer(answer ?? (() => {})).listen(port, '127.0.0.1');
      await once(server, 'listening');
      return `http://127.0.0.1:${port}`;
    }
    afterEach(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });

    for (const [what, answer] of [
      ['a web page', '<html>Welcome</html>'],
      ['broken JSON', '{"apis": ['],
      ['JSON that is no API document', '{"a": 1}'],
      ['nothing', ''],
    ] as const) {
      it(`stays down when the answer is ${what}`, async () => {
        const url = await serve((_request, response) => void response.end(answer));
        const ari = connect({ url, limitMs: 500 });
        await reaches(ari, 'down');
        expect(await refusal(ari.channels())).to.equal('unavailable');
      });
    }

    it('stays down when connections are reset', async () => {
      const url = await serve((request) => void request.socket.resetAndDestroy());
      const ari = connect({ url, limitMs: 500 });
      await reaches(ari, 'down');
      expect(await refusal(ari.channels())).to.equal('unavailable');
    });

    it('waits no longer than its limit for a server that never answers', async () => {
      const ari = connect({ url: await serve(() => {}), limitMs: 500 });
      expect(await refusal(ari.channels())).to.equal('unavailable');
    });
  });

  it('leaves out an event of a kind that it was not told of', async () => {
    const { url, close } = await proxyTo(asterisk.ariUrl, (said) => said.replaceAll('ChannelVarset', 'ChannelNews'));
    const ari = connect({ url });
    const seen: string[] = [];
    let channel = '';
    ari.listen({
      event: (event) => {
        seen.push(event.type);
        if (event.type === 'StasisStart') channel = (event['channel'] as { readonly id: string }).id;
      },
    });
    await reaches(ari, 'up');
    await command('POST', '/ari/channels?endpoint=Local/*58@phones&app=selfprov&channelId=strange');
    await waitFor(() => channel !== '', { what: 'the call' });
    await command('POST', `/ari/channels/${channel}/variable?variable=X&value=1`);
    await command('DELETE', `/ari/channels/${channel}`);
    await waitFor(() => seen.includes('StasisEnd'), { what: () => `the end of the call: ${seen.join()}` });
    expect(seen).to.include('StasisStart').and.not.to.include('ChannelVarset');
    expect(ari.state().state).to.equal('up');
    await close();
  });

  async function command(method: string, path: string): Promise<void> {
    const authorization = `Basic ${Buffer.from(`selfprov:${ARI_PASSWORD}`).toString('base64')}`;
    const answer = await fetch(asterisk.ariUrl + path, { method, headers: { authorization } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
});

/** An HTTP proxy that edits what Asterisk says of itself and passes the WebSocket on. */
async function proxyTo(
  target: string,
  edit: (said: string) => string,
): Promise<{ url: string; close(): Promise<void> }> {
  const port = await freePort();
  const { port: targetPort, hostname } = new URL(target);
  const passed: Socket[] = [];
  const proxy = createServer((request, response) => {
    const { url = '', method = 'GET' } = request;
    const headers = { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' };
    const passOn = async (): Promise<Response> =>
      fetch(target + url, { headers, method, ...(method === 'GET' ? {} : { body: await text(request) }) });
    passOn()
      .then(async (answer) => response.setHeader('content-type', 'application/json').end(edit(await answer.text())))
      .catch(() => response.destroy());
  });
  proxy.on('upgrade', (request, socket) => {
    const through = dial(Number(targetPort), hostname);
    passed.push(through);
    const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    through.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    through.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    through.pipe(socket).pipe(through);
  });
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of passed) socket.destroy();
    proxy.closeAllConnections();
    proxy.close();
    await once(proxy, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
