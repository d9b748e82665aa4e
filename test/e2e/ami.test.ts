import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import pino from 'pino';
import { connectAmi, type Ami, type AmiOptions } from '../../src/asterisk/ami/ami.ts';
import type { Authentication } from '../../src/asterisk/ami/authentication.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import { freePort } from '../support/freePorts.ts';
import { AMI_PASSWORD, plainAsterisk, SIP_PASSWORD, type PlainAsterisk } from '../support/plainAsterisk.ts';
import { registeringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { waitFor } from '../support/wait.ts';

const log = pino({ level: 'silent' });
const PING = { Action: 'Ping' };

describe('the connection to AMI', function () {
  this.timeout(60_000);
  let asterisk: PlainAsterisk;
  let opened: Ami[] = [];

  before(async () => {
    asterisk = await plainAsterisk();
    await asterisk.start();
  });
  afterEach(async () => {
    await Promise.all(opened.map((ami) => ami.close()));
    opened = [];
  });
  after(() => asterisk.close());

  function connect(options: Partial<AmiOptions> = {}): Ami {
    const ami = connectAmi({
      host: '127.0.0.1',
      port: asterisk.amiPort,
      user: 'selfprov',
      password: AMI_PASSWORD,
      log,
      heartbeatMs: 500,
      ...options,
    });
    opened.push(ami);
    return ami;
  }

  const reaches = (ami: Ami, state: string, limit = 10_000): Promise<unknown> =>
    waitFor(() => ami.state().state === state, { what: () => `AMI ${state}: ${JSON.stringify(ami.state())}`, limit });

  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) => (error instanceof SelfprovError ? error.code : String(error)),
    );

  it('comes up and carries out an action', async () => {
    const ami = connect();
    expect(await ami.action(PING)).to.include({ response: 'Success', ping: 'Pong' });
    expect(ami.state()).to.include({ state: 'up', error: null });
  });

  it('collects the whole of a list', async () => {
    const ami = connect();
    for (const key of ['a', 'b', 'c'])
      await ami.action({ Action: 'DBPut', Family: 'test', Key: key, Val: `of ${key}: x` });
    const found = await ami.list({ Action: 'DBGetTree', Family: 'test' });
    expect(found.map(({ key, val }) => [key, val])).to.deep.equal([
      ['/test/a', 'of a: x'],
      ['/test/b', 'of b: x'],
      ['/test/c', 'of c: x'],
    ]);
    expect(await ami.list({ Action: 'DBGetTree', Family: 'nothing' })).to.deep.equal([]);
  });

  it('tells who has proven to be which endpoint, from where, and with which request', async () => {
    const proven: Authentication[] = [];
    const ami = connect({ onAuthenticated: (told) => proven.push(told) });
    await reaches(ami, 'up');
    const phone = await registeringPhone({
      sipPort: asterisk.sipPort,
      aor: '1500',
      authName: '1500-b',
      password: SIP_PASSWORD,
    });
    try {
      expect(await phone.register(300)).to.equal(200);
      await waitFor(() => proven.length > 0, { what: 'the event' });
      const key = '1500;@%';
      const [stored] = await ami.list({ Action: 'DBGetTree', Family: 'registrar/contact', Key: key });
      const { call_id: callId } = JSON.parse(String(stored?.['val'])) as { readonly call_id: string };
      // A request that was sent twice is told of twice.
      const told = { isProven: true, endpoint: '1500', callId, address: '127.0.0.1', port: phone.port };
      for (const each of proven) expect(each).to.deep.equal(told);
    } finally {
      await phone.register(0);
      phone.close();
    }
  });

  it('passes on that Asterisk refuses', async () => {
    const refused = await connect()
      .action({ Action: 'DBDel', Family: 'test', Key: 'not there' })
      .catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(SelfprovError).and.include({ code: 'invalid', reason: 'ami_refused' });
  });

  it('lets no value become a header or an action of its own', async () => {
    const ami = connect();
    for (const value of [
      'x\r\n\r\nAction: DBPut\r\nFamily: test\r\nKey: planted\r\nVal: 1',
      'a\nB: c',
      'a\rB: c',
      'a\0',
    ])
      expect(await refusal(ami.action({ Action: 'DBDel', Family: 'test', Key: value }))).to.equal('invalid');
    expect(await refusal(ami.action({ 'Action\r\nX': 'Ping' }))).to.equal('invalid');
    expect(await refusal(ami.action({ Action: 'DBDel', Key: 'x'.repeat(2000) }))).to.equal('invalid');
    const found = await ami.list({ Action: 'DBGetTree', Family: 'test' });
    expect(found.map(({ key }) => key)).not.to.include('/test/planted');
  });

  it('keeps hundreds of answers apart', async () => {
    const ami = connect();
    const numbers = Array.from({ length: 300 }, (_, index) => String(index));
    await Promise.all(numbers.map((key) => ami.action({ Action: 'DBPut', Family: 'many', Key: key, Val: key })));
    const values = await Promise.all(
      numbers.map(async (key) => (await ami.list({ Action: 'DBGet', Family: 'many', Key: key }))[0]?.['val']),
    );
    expect(values).to.deep.equal(numbers);
  });

  it('tells of a wrong password, without the password', async () => {
    const ami = connect({ password: 'guessed-wrong' });
    await reaches(ami, 'down');
    expect(ami.state().error).to.match(/does not accept the AMI user "selfprov"/);
    expect(JSON.stringify(ami.state())).not.to.include('guessed-wrong');
  });

  it('does what was asked before Asterisk was there', async () => {
    await asterisk.stop();
    const ami = connect();
    const asked = ami.action(PING, { limit: 20_000 });
    await reaches(ami, 'down');
    await asterisk.start();
    expect(await asked).to.include({ ping: 'Pong' });
  });

  it('gives up an action when its time limit has passed, or when its caller does', async () => {
    const ami = connect({ port: await freePort() });
    expect(await refusal(ami.action(PING, { limit: 300 }))).to.equal('unavailable');
    expect(await refusal(ami.action(PING, { signal: AbortSignal.timeout(100) }))).to.equal('unavailable');
    expect(ami.state().error).to.include('ECONNREFUSED');
  });

  it('is back after Asterisk was killed, and leaves no action without an answer', async () => {
    let ups = 0;
    const ami = connect({ onUp: () => (ups += 1) });
    await reaches(ami, 'up');
    await asterisk.freeze();
    const asked = Array.from({ length: 50 }, () => refusal(ami.action(PING)));
    await asterisk.stop('SIGKILL');
    expect(new Set(await Promise.all(asked))).to.deep.equal(new Set(['unavailable']));
    await asterisk.start();
    await reaches(ami, 'up', 20_000);
    expect(await ami.action(PING)).to.include({ ping: 'Pong' });
    expect(ups).to.equal(2);
  });

  it('notices that Asterisk is frozen, and is back when it thaws', async () => {
    const ami = connect();
    await reaches(ami, 'up');
    try {
      await asterisk.freeze();
      const asked = refusal(ami.action(PING));
      await reaches(ami, 'down', 2000);
      expect(ami.state().error).to.match(/did not answer for 0.5 s/);
      expect(await asked).to.equal('unavailable');
    } finally {
      asterisk.kill('SIGCONT');
    }
    await reaches(ami, 'up', 20_000);
    expect(await ami.action(PING)).to.include({ ping: 'Pong' });
  });

  it('ends at once when it is closed, also before it was up', async () => {
    const ami = connect({ port: await freePort() });
    const asked = refusal(ami.action(PING));
    await ami.close();
    expect(await asked).to.equal('unavailable');
  });

  it('ends at once when it is closed while Asterisk is frozen', async () => {
    const ami = connect({ heartbeatMs: 60_000 });
    await reaches(ami, 'up');
    try {
      await asterisk.freeze();
      const asked = refusal(ami.action(PING));
      const began = performance.now();
      await ami.close();
      expect(await asked).to.equal('unavailable');
      expect(performance.now() - began).to.be.lessThan(500);
    } finally {
      asterisk.kill('SIGCONT');
    }
  });

  describe('with something else than Asterisk there', () => {
    for (const [what, answer] of [
      ['nothing', ''],
      ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
      ['half a message', 'Asterisk Call Manager/11.0.0\r\nResponse: Succ'],
      ['a list that never ends', 'Response: Success\r\nEventList: start\r\n\r\n'],
    ] as const) {
      it(`stays down when it says ${what}, holding no connection open`, async () => {
        const sockets = new Set<Socket>();
        const port = await freePort();
        const server = createServer((socket) => {
          sockets.add(socket);
          socket.on('close', () => sockets.delete(socket)).on('error', () => {});
          socket.resume().write(answer);
        }).listen(port, '127.0.0.1');
        await once(server, 'listening');
        const ami = connect({ port });
        expect(await refusal(ami.action(PING, { limit: 700 }))).to.equal('unavailable');
        expect(ami.state().state).not.to.equal('up');
        await ami.close();
        await waitFor(() => sockets.size === 0, { what: 'the closing of every connection' });
        server.close();
        await once(server, 'close');
      });
    }
  });
});
