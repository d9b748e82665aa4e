import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { playFleet, playPhone, type PlayRequest } from '../../src/virtualPhone/play.ts';

/** Of the documentation (RFC 5737): nobody is there. */
const ELSEWHERE = '203.0.113.7';

describe('A phone without hardware whose file names a SIP server on the Internet', () => {
  let files: Server;
  let request: PlayRequest;
  let output: PassThrough;

  beforeEach(async () => {
    files = createServer((asked, answer) => {
      const isOwn = asked.url === '/001565e60001.cfg';
      answer.writeHead(isOwn ? 200 : 404).end(isOwn ? fileWith(ELSEWHERE) : '');
    }).listen(0, '127.0.0.1');
    await once(files, 'listening');
    output = new PassThrough();
    request = {
      family: 'yealink',
      mac: '001565e60001',
      url: `http://127.0.0.1:${(files.address() as AddressInfo).port}/`,
      permission: { isPublic: false, run: [] },
      ...{ json: true, isInteractive: false, input: new PassThrough().end(), output },
      signal: new AbortController().signal,
    };
  });
  afterEach(() => files.close());

  const refusal = `${ELSEWHERE} is neither this machine nor in a private network`;
  const messageOf = (work: Promise<void>): Promise<string> =>
    work.then(
      () => 'played',
      (error: Error) => error.message,
    );

  it('is not played there, although its files came from this machine', async () => {
    expect(await messageOf(playPhone(request))).to.include(refusal);
    expect(String(output.read())).to.include('"status":200').and.not.to.include('registered');
  });

  it('is not played there in numbers either', async () => {
    expect(await messageOf(playFleet({ ...request, count: 1, over: 0 }))).to.include(refusal);
    expect(output.read()).to.equal(null);
  });
});

function fileWith(server: string): string {
  return [
    '#!version:1.0.0.1',
    'account.1.enable = 1',
    'account.1.user_name = 1500',
    'account.1.password = secret-1',
    `account.1.sip_server.1.address = ${server}`,
  ].join('\n');
}
