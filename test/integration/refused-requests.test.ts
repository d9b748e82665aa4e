import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { LineLimits } from '../../src/http/fewLines.ts';
import { listenHttp, type HttpLimits, type Listener } from '../../src/http/listenHttp.ts';
import { createLog } from '../../src/log.ts';
import { waitFor } from '../support/wait.ts';

const HOST = '127.0.0.1';
const TOKEN = 'AbCdEf23456789GhJkMnPqRs';

describe('A request that is no good HTTP', () => {
  let listener: Listener;
  let log: Record<string, unknown>[];
  let sockets: Socket[];

  async function start(limits: Partial<HttpLimits> = {}, lines: Partial<LineLimits> = {}): Promise<void> {
    listener = await listenHttp((_, response) => response.end('fine'), {
      ...{ host: HOST, port: 0, what: 'phones', limits, lines },
      log: createLog('info', { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
    });
  }
  beforeEach(() => {
    [log, sockets] = [[], []];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await listener.close();
    expect(JSON.stringify(log)).not.to.include(TOKEN);
  });

  function open(): Socket {
    const socket = connect(listener.port, HOST);
    sockets.push(socket);
    return socket.on('error', () => undefined);
  }

  /** Everything that comes back until the other side has ended. */
  async function say(text: string | Buffer): Promise<string> {
    const socket = open();
    socket.write(text);
    return Buffer.concat((await socket.toArray()) as Buffer[]).toString();
  }
  const statusOf = (answer: string): string => answer.split(' ')[1] ?? '';
  const lines = (): readonly object[] => log.map(({ address, status, reason }) => ({ address, status, reason }));

  const BAD: Readonly<Record<string, readonly [string, number, string]>> = {
    'that is something else': [`${TOKEN}\r\n\r\n`, 400, 'it is no HTTP: HPE_INVALID_METHOD'],
    'with a space in its target': [
      `GET /p/${TOKEN}/a b.cfg HTTP/1.1\r\nHost: x\r\n\r\n`,
      400,
      'it is no HTTP: HPE_INVALID_CONSTANT',
    ],
    'without a Host': [`GET /p/${TOKEN}/x.cfg HTTP/1.1\r\n\r\n`, 400, 'it has no Host header'],
    'with headers that are too large': [
      `GET / HTTP/1.1\r\nHost: x\r\nReferer: /p/${TOKEN}/${'x'.repeat(200_000)}\r\n\r\n`,
      431,
      'its headers are too large',
    ],
    'that takes us for a proxy': [`CONNECT ${TOKEN}:443 HTTP/1.1\r\nHost: x\r\n\r\n`, 405, 'CONNECT: this is no proxy'],
    'that expects what nobody knows': [
      `GET / HTTP/1.1\r\nHost: x\r\nExpect: ${TOKEN}\r\n\r\n`,
      417,
      'an Expect that is not known',
    ],
  };
  for (const [which, [text, status, reason]] of Object.entries(BAD)) {
    it(`gets an answer, and one line in the log that says why: one ${which}`, async () => {
      await start();
      expect(statusOf(await say(text))).to.equal(String(status));
      expect(lines()).to.deep.equal([{ address: HOST, status, reason }]);
    });
  }

  it('but TLS is called so in the log', async () => {
    await start();
    const phone = connectTls({ port: listener.port, host: HOST });
    sockets.push(phone);
    await once(phone, 'error');
    expect(lines()).to.deep.equal([{ address: HOST, status: 400, reason: 'TLS on the plain port' }]);
  });

  it('because it does not come to its end is given up', async () => {
    await start({ headers: 50, request: 50 });
    expect(statusOf(await say(`GET /p/${TOKEN}/x.cfg HTTP/1.1\r\n`))).to.equal('408');
    expect(lines()).to.deep.equal([{ address: HOST, status: 408, reason: 'it did not come in time' }]);
  });

  it('after good ones on the same connection is refused alone', async () => {
    await start();
    const answers = await say(`GET / HTTP/1.1\r\nHost: x\r\n\r\n${TOKEN}\r\n\r\n`);
    expect(answers).to.match(/^HTTP\/1\.1 (200|400) /);
    expect(lines()).to.have.length(1);
  });

  it('because there are too many connections leaves a line too', async () => {
    await start({ connections: 1 });
    await once(open(), 'connect');
    await once(open(), 'close');
    expect(lines()).to.deep.equal([{ address: HOST, status: null, reason: 'too many connections' }]);
  });

  it('is nothing to speak of when the phone has only gone', async () => {
    await start();
    const socket = open();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect(statusOf(await say(`GET / HTTP/1.0\r\n\r\n`))).to.equal('200');
    expect(log).to.deep.equal([]);
  });

  it('cannot fill the disk: of many, the first are logged and the others counted', async () => {
    await start({}, { perAddress: 3, within: 200 });
    for (let times = 0; times < 8; times++) await say('rubbish\r\n\r\n');
    expect(lines()).to.have.length(3);
    await waitFor(() => log.length > 3, { what: 'the number of those that were left out' });
    expect(log[3]).to.include({ address: HOST, leftOut: 5 });
    await say('rubbish\r\n\r\n');
    expect(log).to.have.length(5);
  });

  it('is counted when the listener is closed, too', async () => {
    await start({}, { perAddress: 1 });
    for (let times = 0; times < 3; times++) await say('rubbish\r\n\r\n');
    await listener.close();
    expect(log.at(-1)).to.include({ leftOut: 2 });
    await start();
  });
});
