import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { connect } from 'node:net';
import type { Listener } from '../../../src/http/listenHttp.ts';
import { listenPhones } from '../../../src/http/listenPhones.ts';
import { createLog } from '../../../src/log.ts';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import { fastPath, type FastPath } from '../../../src/provisioning/fast/fastPath.ts';
import { answerRequest } from '../../../src/provisioning/files/answerRequest.ts';
import { answerNeeds } from '../../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { waitFor } from '../../support/wait.ts';

const MAC = '001565aabb01';
/** What somebody has forwarded, believed or not, goes the long way. */
const BY_EXPRESS = ['X-Forwarded-For: 192.0.2.1'];
const AGENT = 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01';

describe('A listener that answers at once', () => {
  let core: TestCore;
  let fast: FastPath;
  let quick: Listener;
  let slow: Listener;
  let atOnce: number;
  const log: string[] = [];

  beforeEach(async () => {
    core = await openTestCore();
    const needs = answerNeeds(core);
    const failed = (error: unknown): never => {
      throw error;
    };
    fast = fastPath({ ...needs, snapshots: orNotFound(core.snapshots, 'snapshots'), failed });
    const listening = {
      ...{ host: '127.0.0.1', port: 0, trustProxy: [] },
      log: createLog('info', { write: (line: string) => void log.push(line) }),
      answer: (request: Parameters<typeof answerRequest>[1]) => answerRequest(needs, request),
    };
    atOnce = 0;
    log.length = 0;
    slow = await listenPhones(listening);
    quick = await listenPhones({
      ...listening,
      quick(request) {
        const ready = fast.answer(request);
        if (ready !== undefined) atOnce += 1;
        return ready;
      },
    });
    await ask(slow, `/${MAC}.cfg`);
  });
  afterEach(async () => {
    await quick.close();
    await slow.close();
    await fast.close();
    await core.close();
  });

  /** All that comes back, but for the time. */
  function ask({ port }: Listener, path: string, method = 'GET', headers: readonly string[] = []): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => {
        const lines = [
          `${method} ${path} HTTP/1.1`,
          'Host: x',
          `User-Agent: ${AGENT}`,
          'Connection: close',
          ...headers,
        ];
        socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      });
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => (answer += chunk));
      socket.once('error', reject);
      socket.once('close', () => resolve(inOrder(answer)));
    });
  }

  function inOrder(answer: string): string {
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    const [status = '', ...fields] = head.split('\r\n').filter((line) => !line.startsWith('Date:'));
    return [status, ...fields.toSorted(), '', body].join('\r\n');
  }

  const tag = async (): Promise<string> => /^ETag: (.*)$/m.exec(await ask(slow, `/${MAC}.cfg`))?.[1]?.trim() ?? '';
  const token = async (): Promise<string> => (await core.store.lines(MAC))[0]?.token.reveal() ?? '';

  for (const [what, path, method, headers, isQuick] of [
    ['a file', () => `/${MAC}.cfg`, 'GET', () => [], true],
    ['a file, with a token', async () => `/p/${await token()}/${MAC}.cfg`, 'GET', () => [], true],
    ['its headers', () => `/${MAC}.cfg`, 'HEAD', () => [], true],
    ['a file that it has', () => `/${MAC}.cfg`, 'GET', async () => [`If-None-Match: ${await tag()}`], true],
    ['headers of one that it has', () => `/${MAC}.cfg`, 'HEAD', async () => [`If-None-Match: ${await tag()}`], true],
    ['a file that it has not', () => `/${MAC}.cfg`, 'GET', () => ['If-None-Match: "x"'], true],
    ['one of two that it has', () => `/${MAC}.cfg`, 'GET', async () => [`If-None-Match: "x", ${await tag()}`], true],
    [
      'a file anew',
      () => `/${MAC}.cfg`,
      'GET',
      async () => [`If-None-Match: ${await tag()}`, 'Cache-Control: no-cache'],
      true,
    ],
    ['a part of a file', () => `/${MAC}.cfg`, 'GET', () => ['Range: bytes=0-9'], true],
    ['a file for all', () => '/y000000000028.cfg', 'GET', () => [], true],
    ['a file for all, with a token', async () => `/p/${await token()}/y000000000028.cfg`, 'GET', () => [], true],
    ['what is not there', () => '/none.cfg', 'GET', () => [], false],
    ['an upload', () => `/${MAC}.log`, 'PUT', () => ['Content-Length: 0'], false],
  ] as const) {
    it(`says the same as one that does not, and as Express, to a phone that asks for ${what}`, async () => {
      const [where, more] = [await path(), await headers()];
      const expected = await ask(slow, where, method, [...more, ...BY_EXPRESS]);
      expect(await ask(slow, where, method, more)).to.equal(expected);
      atOnce = 0;
      expect(await ask(quick, where, method, more)).to.equal(expected);
      expect(atOnce).to.equal(isQuick ? 1 : 0);
    });
  }

  it('gives known phones their files while another program keeps the database locked', async () => {
    const path = `/p/${await token()}/${MAC}.cfg`;
    const other = new Database(join(core.directory, 'selfprov.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    // Also when it has to be written down that they were served.
    core.pass(61_000);
    const answers = await Promise.all([ask(quick, path), ask(quick, `/${MAC}.cfg`)]);
    other.exec('ROLLBACK');
    other.close();
    for (const answer of answers) expect(answer).to.match(/^HTTP\/1\.1 200 /);
    expect(atOnce).to.equal(2);
  });

  it('writes down soon that a phone was served, and before the phone gets another answer', async () => {
    core.pass(61_000);
    await ask(quick, `/${MAC}.cfg`);
    await fast.settled({
      ...{ path: `/${MAC}.cfg`, method: 'GET', transport: 'http' },
      userAgent: AGENT,
      claim: { token: null, address: '' },
    });
    expect((await core.store.device(MAC))?.seenAt).to.equal(core.now());
    expect((await core.store.lines(MAC))[0]?.servedAt).to.equal(core.now());
  });

  it('logs the same line for it, without the token', async () => {
    const path = `/p/${await token()}/${MAC}.cfg`;
    await slow.close();
    log.length = 0;
    await ask(quick, path, 'GET', BY_EXPRESS);
    await ask(quick, path, 'GET', BY_EXPRESS);
    await ask(quick, path);
    await quick.close();
    const lines = log
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => ({ ...(JSON.parse(line) as { level: string; msg: string }), time: '', ms: 0 }));
    const warnings = lines.filter(({ level }) => level === 'warn');
    expect(
      warnings.map(({ msg }) => /SELFPROV_TRUST_PROXY/.test(msg)),
      'of a proxy, once',
    ).to.deep.equal([true]);
    const [one, , other] = lines.filter(({ level }) => level === 'info');
    expect(Object.entries(other ?? {})).to.deep.equal(Object.entries(one ?? {}));
    expect(one).to.include({ device: MAC, status: 200 });
    expect(log.join('')).to.not.contain(await token());
    quick = slow = await listenPhones({
      ...{ host: '127.0.0.1', port: 0, trustProxy: [], log: createLog('silent') },
      answer: async () => undefined,
    });
  });

  it('goes on when one phone’s secrets cannot be read: that one is told later, and can be removed', async () => {
    await ask(quick, `/${MAC}.cfg`);
    const other = core.connect();
    await other('lines').where({ mac: MAC }).update({ secret: 'damaged', token: 'damaged' });
    await other.destroy();
    await waitFor(async () => (await ask(quick, `/${MAC}.cfg`)).startsWith('HTTP/1.1 503'), { what: 'the refusal' });
    expect(await ask(quick, `/p/AAAAAAAAAAAAAAAAAAAAAAAA/${MAC}.cfg`)).to.match(/^HTTP\/1\.1 503/);
    expect(await ask(quick, '/y000000000028.cfg')).to.match(/^HTTP\/1\.1 200/);
    expect((await core.store.devices('default')).map(({ mac }) => mac)).to.deep.equal([MAC]);
    await core.store.removeDevice(MAC);
    expect(await ask(quick, `/${MAC}.cfg`)).to.match(/^HTTP\/1\.1 200/);
  });

  it('has a line in the log for each request that came behind another one and was cut off', async () => {
    const macs = Array.from({ length: 300 }, (_, at) => `001565aa${(0x1000 + at).toString(16)}`);
    const socket = connect(quick.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      macs
        .map((mac) => `GET /${mac}.cfg HTTP/1.1\r\nHost: x\r\nUser-Agent: Yealink SIP-T46S 66.86.0.15\r\n\r\n`)
        .join(''),
    );
    await waitFor(async () => (await core.store.devices('default')).length > 1, { what: 'the first of them' });
    socket.resetAndDestroy();
    const lines = (): number => new Set(log.join('').match(/001565aa1[0-9a-f]{3}\.cfg/g)).size;
    await waitFor(() => lines() === macs.length, { what: 'all lines' });
  });
});
