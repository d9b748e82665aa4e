import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLog } from '../../src/log.ts';
import type { FileRequest } from '../../src/provisioning/files/serveFile.ts';
import { listenTftp, type TftpLimits, type TftpListener } from '../../src/tftp/listenTftp.ts';
import { gate } from '../support/gate.ts';
import { lossyRelay } from '../support/lossyRelay.ts';
import { randomBytes } from '../support/random.ts';
import { ack, readRequest, tftpGet } from '../../src/virtualPhone/tftpClient.ts';
import { waitFor, within } from '../support/wait.ts';

const run = promisify(execFile);
const HOST = '127.0.0.1';
const FILES: Readonly<Record<string, Buffer>> = {
  '/empty.cfg': Buffer.alloc(0),
  '/small.cfg': Buffer.from('#!version:1.0.0.1\nname = Zoë\n'),
  '/exact.bin': randomBytes(2048, 1),
  '/phone.xml': randomBytes(20_000, 2),
  '/folder/deep.cfg': Buffer.from('deep\n'),
  '/firmware.rom': randomBytes(3_000_000, 3),
};

describe('A phone that asks by TFTP', function () {
  this.timeout(60_000);
  let server: TftpListener;
  let asked: FileRequest[];
  let log: string;
  let delivered: string[];
  let folder: string;

  async function start(limits: Partial<TftpLimits> = {}, wait?: Promise<unknown>): Promise<void> {
    server = await listenTftp({
      host: HOST,
      port: 0,
      limits,
      log: createLog('info', { write: (line) => void (log += line) }),
      async answer(request) {
        asked.push(request);
        await wait;
        if (request.path === '/broken.cfg') throw new Error('the database is away');
        const body = FILES[request.path.replace(/\?.*/, '')];
        if (request.path === '/lying.rom')
          return { kind: 'static', mac: null, family: 'acme', file: join(folder, 'rom') };
        return (
          body && {
            ...{ kind: 'rendered', mac: null, family: 'acme', contentType: 'text/plain', private: true, body },
            delivered: async () => {
              delivered.push(request.path);
              if (request.path === '/small.cfg') throw new Error('the database went away');
            },
          }
        );
      },
    });
  }

  const get = (name: string, options: Readonly<Record<string, number>> = {}): ReturnType<typeof tftpGet> =>
    tftpGet({ port: server.port, name, options });
  const refusal = (name: string, mode?: string): Promise<string> =>
    tftpGet({ port: server.port, name, ...(mode === undefined ? {} : { mode }) }).then(
      () => 'served',
      (error: Error) => error.message,
    );

  beforeEach(async () => {
    [asked, delivered, log] = [[], [], ''];
    folder = await mkdtemp(join(tmpdir(), 'tftp-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  describe('with a client that is in use', () => {
    beforeEach(() => start());

    const clients: Readonly<Record<string, (file: string, to: string) => Promise<unknown>>> = {
      curl: (file, to) => run('curl', ['-sS', '-o', to, `tftp://${HOST}:${server.port}/${file}`]),
      'curl, blocks of 1428': (file, to) =>
        run('curl', ['-sS', '--tftp-blksize', '1428', '-o', to, `tftp://${HOST}:${server.port}/${file}`]),
      'curl without options': (file, to) =>
        run('curl', ['-sS', '--tftp-no-options', '-o', to, `tftp://${HOST}:${server.port}/${file}`]),
      'tftp-hpa': (file, to) =>
        run('tftp', ['-m', 'binary', HOST, String(server.port), '-c', 'get', file, to], { cwd: folder }),
      atftp: (file, to) => run('atftp', ['-g', '-r', file, '-l', to, HOST, String(server.port)]),
      'atftp, every option': (file, to) =>
        run('atftp', [
          ...['--option', 'blksize 1024', '--option', 'tsize', '--option', 'timeout 2', '--option', 'windowsize 16'],
          ...['-g', '-r', file, '-l', to, HOST, String(server.port)],
        ]),
    };
    for (const [name, fetch] of Object.entries(clients)) {
      it(`gets every file whole: ${name}`, async () => {
        for (const [path, body] of Object.entries(FILES)) {
          const to = join(folder, 'got');
          await fetch(path.slice(1), to);
          expect((await readFile(to)).equals(body), path).to.equal(true);
          await rm(to);
        }
      });
    }

    it('gets text with the line ends of its own system: tftp-hpa in netascii', async () => {
      const to = join(folder, 'got');
      await run('tftp', ['-m', 'ascii', HOST, String(server.port), '-c', 'get', 'small.cfg', to]);
      expect(await readFile(to, 'utf8')).to.equal(FILES['/small.cfg']?.toString());
    });

    it('is told that there is no such file: curl', async () => {
      const failed = await run('curl', ['-sS', `tftp://${HOST}:${server.port}/none.cfg`]).catch(
        (error: unknown) => error,
      );
      expect(failed).to.have.property('code', 68);
    });

    it('cannot write: tftp-hpa', async () => {
      const { stdout } = await run('tftp', [
        '-m',
        'binary',
        HOST,
        String(server.port),
        '-c',
        'put',
        '/etc/hostname',
        'x.cfg',
      ]);
      expect(stdout).to.match(/Error code 2: This server is read-only/);
    });
  });

  describe('for the same file as by HTTP', () => {
    beforeEach(() => start());

    it('may leave out the first slash, or write backslashes', async () => {
      for (const name of [
        'folder/deep.cfg',
        '/folder/deep.cfg',
        'folder\\deep.cfg',
        '\\folder\\deep.cfg',
        '//folder/deep.cfg',
      ]) {
        expect((await get(name)).body.toString()).to.equal('deep\n');
      }
    });

    it('brings its token in the path, which no log shows', async () => {
      await get('p/AbCdEf0123456789AbCdEf/small.cfg');
      expect(asked[0]?.claim.token?.reveal()).to.equal('AbCdEf0123456789AbCdEf');
      expect(asked[0]).to.deep.include({ path: '/small.cfg', transport: 'tftp', method: 'GET', userAgent: null });
      await waitFor(() => log !== '', { what: 'a line in the log' });
      expect(log).to.include('"path":"/small.cfg"').and.not.include('AbCdEf');
    });

    it('brings it behind other folders, with backslashes or encoded too', async () => {
      for (const name of ['\\prov\\p\\AbCdEf0123456789AbCdEf\\small.cfg', '//p/%41bCdEf0123456789AbCdEf//small.cfg']) {
        await get(name);
        expect(asked.at(-1)?.claim.token?.reveal()).to.equal('AbCdEf0123456789AbCdEf');
        expect(asked.at(-1)?.path).to.equal('/small.cfg');
      }
    });

    it('gets the same answer for everything that is not served', async () => {
      for (const name of ['none.cfg', '../../etc/passwd', '/etc/passwd', 'a'.repeat(500), '%00', '\u0007'])
        expect(await refusal(name)).to.equal('1 File not found');
    });

    it('gets what the administrator has put there', async () => {
      await writeFile(join(folder, 'rom'), FILES['/firmware.rom'] ?? '');
      expect((await get('lying.rom', { blksize: 1428 })).body).to.deep.equal(FILES['/firmware.rom']);
    });

    it('is told only that it did not work when something is broken', async () => {
      expect(await refusal('broken.cfg')).to.equal('0 Not available');
    });

    it('must ask in a mode that there is', async () => {
      expect(await refusal('small.cfg', 'mail')).to.match(/^4 /);
      expect(await refusal('small.cfg', 'image')).to.match(/^4 /);
      expect(await refusal('small.cfg', 'OcTeT')).to.equal('served');
    });

    it('learns the size, and has its block size, window and pause confirmed', async () => {
      const { options, packets, body } = await get('/phone.xml', {
        blksize: 1000,
        tsize: 0,
        timeout: 2,
        windowsize: 7,
      });
      expect(options).to.deep.equal({ blksize: '1000', tsize: '20000', timeout: '2', windowsize: '7' });
      expect(packets).to.equal(21);
      expect(body.equals(FILES['/phone.xml'] ?? Buffer.alloc(0))).to.equal(true);
    });

    it('gets a file of more than 65535 blocks', async () => {
      const { body } = await get('/firmware.rom', { blksize: 32, windowsize: 32 });
      expect(body.equals(FILES['/firmware.rom'] ?? Buffer.alloc(0))).to.equal(true);
    });

    it('gets each block once although it says everything twice', async () => {
      const { packets } = await tftpGet({ port: server.port, name: 'phone.xml', twice: true });
      expect(packets).to.equal(40);
      expect(asked).to.have.length(1);
    });
  });

  describe('and the packets on the wire', () => {
    let client: Socket;
    let got: { readonly bytes: Buffer; readonly port: number }[];

    beforeEach(async () => {
      got = [];
      client = await udp((bytes, port) => got.push({ bytes, port }));
    });
    afterEach(() => new Promise<void>((resolve) => client.close(resolve)));

    const udp = async (onMessage: (bytes: Buffer, port: number) => void): Promise<Socket> => {
      const socket = createSocket('udp4');
      socket.on('message', (bytes, { port }) => onMessage(bytes, port));
      socket.bind(0, HOST);
      await once(socket, 'listening');
      return socket;
    };
    const received = (count: number): Promise<unknown> =>
      waitFor(() => got.length >= count, { what: () => `${got.length} of ${count} packets` });

    it('are sent again when they are not acknowledged, more slowly each time, from the same port', async () => {
      await start();
      client.send(readRequest({ name: 'phone.xml' }), server.port, HOST);
      await received(2);
      expect(got[1]).to.deep.equal(got[0]);
      client.send(ack(1), got[0]?.port, HOST);
      await received(3);
      const began = performance.now();
      await received(5);
      expect(performance.now() - began).to.be.within(1400, 2500);
      expect(new Set(got.map(({ port }) => port)).size).to.equal(1);
      expect(got[0]?.port).to.not.equal(server.port);
      expect(got[4]).to.deep.equal(got[2]);
    });

    it('are two at most for who never answers, whatever was asked in its name', async () => {
      await start();
      const requests = [
        readRequest({ name: 'phone.xml' }),
        readRequest({ name: 'phone.xml', mode: 'netascii' }),
        readRequest({ name: 'firmware.rom', options: { blksize: 65_464, windowsize: 64, tsize: 0 } }),
      ];
      const victims = await Promise.all(
        requests.map(async (request) => {
          const all: Buffer[] = [];
          const socket = await udp((bytes) => all.push(bytes));
          socket.send(request, server.port, HOST);
          return { all, request, socket };
        }),
      );
      await waitFor(() => log.split('"outcome":"silent"').length > 3, { what: 'three ends', limit: 12_000 });
      const sizes = victims.map(({ all }) => all.map(({ length }) => length));
      expect(sizes.slice(0, 2)).to.deep.equal([
        [516, 516],
        [516, 516],
      ]);
      expect(sizes[2]).to.have.length(2);
      expect(sizes[2]?.[0]).to.be.at.most(requests[2]?.length ?? 0);
      await Promise.all(victims.map(({ socket }) => new Promise<void>((resolve) => socket.close(resolve))));
    });

    it('start anew when all that was sent unasked is lost and the phone asks again', async () => {
      await start();
      client.send(readRequest({ name: 'small.cfg' }), server.port, HOST);
      await received(2);
      client.send(readRequest({ name: 'small.cfg' }), server.port, HOST);
      await received(3);
      expect(got[2]?.port).to.not.equal(got[0]?.port);
    });

    it('wait for others of the same address to be acknowledged when too many are not', async () => {
      await start({ unanswered: 2 });
      for (const name of ['phone.xml', 'exact.bin', 'small.cfg']) client.send(readRequest({ name }), server.port, HOST);
      await received(2);
      client.send(ack(1), got[0]?.port, HOST);
      await waitFor(() => got.some(({ bytes }) => bytes[3] === 2), { what: 'block 2' });
      client.send(readRequest({ name: 'small.cfg' }), server.port, HOST);
      await waitFor(() => asked.length > 2, { what: 'the third request' });
      expect(asked.map(({ path }) => path)).to.deep.equal(['/phone.xml', '/exact.bin', '/small.cfg']);
    });

    it('are one for each request for what is not there', async () => {
      await start();
      for (let times = 0; times < 3; times++) client.send(readRequest({ name: 'none.cfg' }), server.port, HOST);
      await received(1);
      await waitFor(() => log.includes('not_found'), { what: 'a line in the log' });
      expect(got.length).to.be.at.most(3);
      expect(got[0]?.bytes.toString()).to.equal('\0\u0005\0\u0001File not found\0');
    });

    it('belong to one transfer when the request is repeated, also while the file is being made', async () => {
      const { promise, resolve } = gate();
      await start({}, promise);
      for (let times = 0; times < 3; times++) client.send(readRequest({ name: 'small.cfg' }), server.port, HOST);
      await waitFor(() => asked.length > 0, { what: 'a request' });
      resolve();
      await received(1);
      for (let times = 0; times < 3; times++) client.send(readRequest({ name: 'small.cfg' }), server.port, HOST);
      await received(2);
      expect(asked).to.have.length(1);
      expect(new Set(got.map(({ port }) => port)).size).to.equal(1);
    });

    it('start anew when a phone that has restarted asks from the same port', async () => {
      await start();
      client.send(readRequest({ name: 'phone.xml' }), server.port, HOST);
      await received(1);
      client.send(ack(1), got[0]?.port, HOST);
      await received(2);
      client.send(readRequest({ name: 'phone.xml' }), server.port, HOST);
      await received(3);
      expect(got[2]?.bytes).to.deep.equal(got[0]?.bytes);
      expect(got[2]?.port).to.not.equal(got[0]?.port);
    });

    it('are refused from another port, and the transfer goes on', async () => {
      await start();
      client.send(readRequest({ name: 'phone.xml' }), server.port, HOST);
      await received(1);
      const stranger: Buffer[] = [];
      const other = await udp((bytes) => stranger.push(bytes));
      other.send(ack(1), got[0]?.port, HOST);
      await waitFor(() => stranger.length > 0, { what: 'the refusal' });
      expect(stranger[0]?.subarray(0, 4)).to.deep.equal(Buffer.from([0, 5, 0, 5]));
      expect(got).to.have.length(1);
      client.send(ack(1), got[0]?.port, HOST);
      await received(2);
      expect(got[1]?.bytes.subarray(0, 4)).to.deep.equal(Buffer.from([0, 3, 0, 2]));
      await new Promise<void>((resolve) => other.close(resolve));
    });

    it('count as a delivery, once, when the last one is acknowledged', async () => {
      await start();
      await tftpGet({ port: server.port, name: 'phone.xml', twice: true });
      await waitFor(() => log.includes('"outcome":"sent"'), { what: 'the end of the transfer' });
      expect(delivered).to.deep.equal(['/phone.xml']);
    });

    it('count although the delivery cannot be noted', async () => {
      await start();
      await get('small.cfg');
      await waitFor(() => log.includes('"outcome":"sent"'), { what: 'the end of the transfer' });
      expect(log).to.include('the database went away');
    });

    it('are no delivery when all but the last acknowledgement come', async () => {
      await start();
      client.send(readRequest({ name: 'exact.bin' }), server.port, HOST);
      for (const block of [1, 2, 3, 4]) {
        await received(block);
        client.send(ack(block), got[0]?.port, HOST);
      }
      await received(5);
      expect(got[4]?.bytes).to.deep.equal(Buffer.from([0, 3, 0, 5]));
      await server.close();
      expect(log).to.include('"outcome":"closed"');
      expect(delivered).to.deep.equal([]);
      await start();
    });

    it('are no delivery when the phone only looks how large the file is', async () => {
      await start();
      client.send(readRequest({ name: 'phone.xml', options: { tsize: 0 } }), server.port, HOST);
      await received(1);
      client.send(Buffer.from('\0\u0005\0\u0008\0'), got[0]?.port, HOST);
      await waitFor(() => log.includes('"outcome":"refused"'), { what: 'the end of the transfer' });
      expect(delivered).to.deep.equal([]);
    });

    it('end when the phone refuses the file', async () => {
      await start();
      client.send(readRequest({ name: 'phone.xml' }), server.port, HOST);
      await received(1);
      client.send(Buffer.from('\0\u0005\0\u0003Disk full\0'), got[0]?.port, HOST);
      await waitFor(() => log.includes('"outcome":"refused"'), { what: 'the end of the transfer' });
    });

    it('mean nothing when they are no TFTP', async () => {
      await start();
      for (const bytes of [
        '',
        '\0',
        '\0\u0001',
        '\0\u0004\0\u0001',
        '\0\u0009xxxx',
        '\u0001\u0001a\0octet\0',
        'SUBSCRIBE sip:x',
      ])
        client.send(Buffer.from(bytes), server.port, HOST);
      expect((await get('small.cfg')).body.length).to.be.greaterThan(0);
      expect(got).to.deep.equal([]);
      expect(asked).to.have.length(1);
    });
  });

  describe('among many', () => {
    it('waits while there are too many transfers, and then gets its file', async () => {
      const { promise, resolve } = gate();
      await start({ perAddress: 2 }, promise);
      const all = [1, 2, 3].map((repeatAfter) =>
        tftpGet({ port: server.port, name: 'small.cfg', repeatAfter: 100 + repeatAfter }),
      );
      await waitFor(() => asked.length === 2, { what: 'two requests' });
      resolve();
      for (const { body } of await Promise.all(all)) expect(body).to.deep.equal(FILES['/small.cfg']);
      expect(asked).to.have.length(3);
    });

    it('gets its file as all 500 do that ask at once', async () => {
      await start();
      const began = performance.now();
      const all = await Promise.all(
        Array.from({ length: 500 }, () => tftpGet({ port: server.port, name: 'phone.xml' })),
      );
      report('500 at once, 20 kB in 512-byte blocks', began);
      expect(all.every(({ body }) => FILES['/phone.xml']?.equals(body))).to.equal(true);
    });

    it('gets its file as all 500 do that curl fetches', async () => {
      await start();
      const began = performance.now();
      const url = `tftp://${HOST}:${server.port}/phone.xml?[1-500]`;
      await run('curl', ['-sS', '-Z', '--parallel-max', '300', '--max-time', '50', '-o', join(folder, '#1'), url]);
      report('500 by curl', began);
      for (let at = 1; at <= 500; at++)
        expect(FILES['/phone.xml']?.equals(await readFile(join(folder, String(at))))).to.equal(true);
    });

    it('gets its file as all 500 do while one packet in twenty is lost each way', async () => {
      await start();
      const relay = await lossyRelay(server.port, 0.05, 42);
      try {
        const began = performance.now();
        const all = await Promise.all(
          Array.from({ length: 500 }, (_, at) =>
            tftpGet({
              port: relay.port,
              name: 'phone.xml',
              options: at % 2 === 0 ? {} : { blksize: 1428, windowsize: 4 },
            }),
          ),
        );
        report(`500 at once, 20 kB, 5 % lost each way: ${JSON.stringify(relay.count())}`, began);
        expect(all.every(({ body }) => FILES['/phone.xml']?.equals(body))).to.equal(true);
        expect(relay.count().lost / relay.count().passed).to.be.within(0.03, 0.07);
      } finally {
        await relay.close();
      }
    });

    it('gets its file through the same loss with real clients', async () => {
      await start();
      const relay = await lossyRelay(server.port, 0.05, 7);
      try {
        const port = String(relay.port);
        const fetches = Array.from({ length: 8 }, (_, at) => join(folder, String(at))).flatMap((to) => [
          run('curl', [
            '-sS',
            '--max-time',
            '50',
            '--tftp-no-options',
            '-o',
            `${to}-curl`,
            `tftp://${HOST}:${port}/phone.xml`,
          ]),
          run('tftp', ['-m', 'binary', HOST, port, '-c', 'get', 'phone.xml', `${to}-hpa`]),
          run('atftp', ['-g', '-r', 'phone.xml', '-l', `${to}-atftp`, HOST, port]),
        ]);
        await Promise.all(fetches);
        for (let at = 0; at < 8; at++)
          for (const client of ['curl', 'hpa', 'atftp'])
            expect(
              (await readFile(join(folder, `${at}-${client}`))).equals(FILES['/phone.xml'] ?? Buffer.alloc(0)),
              client,
            ).to.equal(true);
      } finally {
        await relay.close();
      }
    });
  });

  it('is not waited for when the server is closed', async () => {
    await start();
    const client = createSocket('udp4');
    client.bind(0, HOST);
    await once(client, 'listening');
    client.send(readRequest({ name: 'phone.xml' }), server.port, HOST);
    await once(client, 'message');
    await within(server.close(), { what: 'the end', limit: 500 });
    expect(log).to.include('"outcome":"closed"');
    await new Promise<void>((resolve) => client.close(resolve));
    await start();
  });

  it('cannot be served on a port that is taken', async () => {
    await start();
    const second = listenTftp({
      host: HOST,
      port: server.port,
      log: createLog('silent'),
      answer: () => Promise.resolve(undefined),
    });
    expect(await second.catch((error: unknown) => error)).to.have.property('code', 'unavailable');
  });
});

function report(what: string, began: number): void {
  process.stdout.write(`      ${what}: ${Math.round(performance.now() - began)} ms\n`);
}
