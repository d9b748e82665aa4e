import { expect } from 'chai';
import express, { type NextFunction, type Request, type Response } from 'express';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { findStatic } from '../../src/provisioning/files/findStatic.ts';
import { readTarget } from '../../src/provisioning/files/requestTarget.ts';
import type { FileRequest } from '../../src/provisioning/files/serveFile.ts';
import { sharedFiles } from '../../src/staticFiles/sharedFiles.ts';
import { staticFile } from '../../src/staticFiles/staticFile.ts';
import { randomBytes } from '../support/random.ts';

const SECRET = 'not for phones';
const FIRMWARE = randomBytes(300_000, 1);

describe('The files that an administrator has put there', () => {
  let folder: string;
  let directory: string;
  let server: Server;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'files-'));
    directory = join(folder, '.hidden', 'files');
    await mkdir(join(directory, 'acme/sounds/de'), { recursive: true });
    await mkdir(join(directory, 'acme/.git'));
    await mkdir(join(directory, 'other'));
    await writeFile(join(directory, 'acme/firmware-1.2.rom'), FIRMWARE);
    await writeFile(join(directory, 'acme/sounds/de/ring one.wav'), 'ring');
    await writeFile(join(directory, 'acme/Zoë.xml'), '<xml/>');
    for (const secret of [
      'secret',
      '.hidden/secret',
      '.hidden/files/secret',
      '.hidden/files/acme/.secret',
      '.hidden/files/acme/.git/secret',
    ])
      await writeFile(join(folder, secret), SECRET);
    await writeFile(join(directory, 'acme/back\\slash'), SECRET);
    await symlink('../other', join(directory, 'acme/shared'));
    await writeFile(join(directory, 'other/common.bin'), 'common');
    await symlink('../../../secret', join(directory, 'acme/out'));
    await symlink('../../..', join(directory, 'acme/up'));
    await symlink('/etc', join(directory, 'acme/etc'));
    await symlink('/dev/zero', join(directory, 'acme/zero'));
    await symlink('loop', join(directory, 'acme/loop'));
    await symlink('/etc', join(directory, 'away'));
    await promisify(execFile)('mkfifo', [join(directory, 'acme/pipe')]);

    const app = express();
    app.use(async (request, response, next) => {
      const file = await staticFile(directory, 'acme', readTarget(request.url).path);
      if (file === undefined) response.status(404).send('Not found\n');
      else response.sendFile(file, { dotfiles: 'allow' }, next);
    });
    app.use((error: { status: number }, _: Request, response: Response, next: NextFunction) => {
      if (response.headersSent) next(error);
      else response.sendStatus(error.status);
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    await new Promise((done) => server.close(done));
    await rm(folder, { recursive: true });
  });

  interface Got {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
  }

  /** The path goes over the wire as it is. */
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Got> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const asked = request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      });
      asked.once('error', reject);
      asked.end();
    });

  it('are served whole, with their length and a tag', async () => {
    const { status, headers, body } = await get('/firmware-1.2.rom');
    expect(status).to.equal(200);
    expect(headers).to.include({ 'content-length': '300000', 'accept-ranges': 'bytes' });
    expect(headers.etag).to.be.a('string');
    expect(body.equals(FIRMWARE)).to.equal(true);
  });

  it('are served in parts', async () => {
    const { status, headers, body } = await get('/firmware-1.2.rom', { Range: 'bytes=1000-1999' });
    expect(status).to.equal(206);
    expect(headers['content-range']).to.equal('bytes 1000-1999/300000');
    expect(body.equals(FIRMWARE.subarray(1000, 2000))).to.equal(true);
    expect((await get('/firmware-1.2.rom', { Range: 'bytes=-10' })).body.equals(FIRMWARE.subarray(-10))).to.equal(true);
    expect((await get('/firmware-1.2.rom', { Range: 'bytes=300000-' })).status).to.equal(416);
  });

  it('are not sent again to who has them, nor to HEAD', async () => {
    const { headers } = await get('/firmware-1.2.rom');
    const again = await get('/firmware-1.2.rom', { 'If-None-Match': headers.etag ?? '' });
    expect([again.status, again.body.length]).to.deep.equal([304, 0]);
    const head = await get('/firmware-1.2.rom', {}, 'HEAD');
    expect([head.status, head.body.length, head.headers['content-length']]).to.deep.equal([200, 0, '300000']);
  });

  it('are found below whatever stands before the name, encoded or not, with a query', async () => {
    for (const path of [
      '/sounds/de/ring%20one.wav',
      '//sounds//de/ring%20one.wav',
      '/prov/x/sounds/de/ring%20one.wav?mac=1',
      '/sounds/de%2Fring%20one.wav',
      '/sounds\\de\\ring%20one.wav',
    ])
      expect((await get(path)).body.toString(), path).to.equal('ring');
    expect((await get('/Zo%C3%AB.xml')).headers['content-type']).to.match(/^application\/xml/);
  });

  it('may be shared by links that stay inside', async () => {
    expect((await get('/shared/common.bin')).body.toString()).to.equal('common');
  });

  const NOT_THERE: Readonly<Record<string, readonly string[]>> = {
    'a folder or a name that is not there': ['/', '/none', '/sounds', '/sounds/', '/firmware-1.2.rom/x'],
    'the way up': ['/..', '/../secret', '/../../secret', '/sounds/../../secret', '/./firmware-1.2.rom', '/..;/secret'],
    'the way up to another family or back': ['/../acme/firmware-1.2.rom', '/../other/common.bin', '/../away/passwd'],
    'the way up, encoded': ['/%2e%2e/secret', '/%2e%2e%2fother%2fcommon.bin', '/..%2fother/common.bin', '/.%2e/secret'],
    'the way up, encoded twice or badly': [
      ...['/%252e%252e/secret', '/%252e%252e%252fother/common.bin', '/%25252e%25252e/secret', '/sounds%252fde'],
      ...['/%c0%ae%c0%ae/secret', '/%c0%af', '/%uff0e%uff0e/secret', '/%', '/%zz'],
    ],
    'the way up with backslashes': ['/..\\secret', '/%2E%2E%5Csecret', '/..%5csecret', '/sounds\\..\\..\\secret'],
    'a name with a backslash in it': ['/back\\slash', '/back%5cslash'],
    'NUL and other control characters': [
      '/firmware-1.2.rom%00',
      '/firmware-1.2.rom%00.cfg',
      '/%00',
      '/firmware-1.2.rom%0a',
    ],
    'a path from the root': ['//etc/passwd', '/%2fetc%2fpasswd', '/etc/hostname', '/C:/secret', '/file:///etc/passwd'],
    'what is hidden': ['/.secret', '/.git/secret', '/%2esecret', '/.', '/...', '/sounds/.'],
    'a link that leads out': ['/out', '/up/secret', '/up/.hidden/secret', '/etc/passwd', '/loop'],
    'a device or a pipe': ['/zero', '/pipe'],
    'a name longer than any': [`/${'a'.repeat(300)}`, `/${'a/'.repeat(17)}firmware-1.2.rom`, `/${'a/'.repeat(600)}x`],
  };
  for (const [what, paths] of Object.entries(NOT_THERE)) {
    it(`are not ${what}`, async () => {
      for (const path of paths) {
        const { status, body } = await get(path);
        expect([status, body.toString()], path).to.deep.equal([404, 'Not found\n']);
      }
    });
  }

  it('belong to a family, which cannot lead out either', async () => {
    for (const family of ['', '.', '..', '../acme', 'acme/sounds', '/etc', 'none', 'away', 'acme\0', '.hidden'])
      expect(await staticFile(directory, family, '/passwd'), family).to.equal(undefined);
    expect(await staticFile(join(folder, 'none'), 'acme', '/firmware-1.2.rom')).to.equal(undefined);
    expect(await staticFile(directory, 'other', '/common.bin')).to.be.a('string');
  });

  describe('are looked for by what the phone is', () => {
    const families = loadFamilies([join(packageRoot, 'templates')]);
    const find = (path: string, asked: Partial<FileRequest> = {}): ReturnType<typeof findStatic> =>
      findStatic(
        { families: () => families, directory },
        {
          path,
          userAgent: 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:cc',
          method: 'GET',
          transport: 'http',
          claim: { token: null, address: '127.0.0.1' },
          ...asked,
        },
      );

    before(async () => {
      await mkdir(join(directory, 'yealink'));
      for (const name of ['T46S.rom', '001565aabbcc.cfg']) await writeFile(join(directory, 'yealink', name), name);
    });

    it('in the folder of its family', async () => {
      const found = await find('/prov/T46S.rom');
      expect(found).to.deep.include({ mac: '001565aabbcc', family: 'yealink' });
      expect(found?.file).to.match(/\/yealink\/T46S\.rom$/);
      expect(await find('/firmware-1.2.rom')).to.equal(undefined);
    });

    it('but not when nobody knows what it is, nor for what is written', async () => {
      expect(await find('/T46S.rom', { userAgent: null })).to.equal(undefined);
      expect(await find('/T46S.rom', { userAgent: 'curl/8.0' })).to.equal(undefined);
      expect(await find('/T46S.rom', { method: 'PUT' })).to.equal(undefined);
    });

    it('but not in the place of a file that needs a proof', async () => {
      expect(await find('/001565aabbcc.cfg')).to.equal(undefined);
    });
  });

  describe('for those who cannot stream them', () => {
    it('are read once for all who ask together, and again when they have changed', async () => {
      const file = join(directory, 'other/common.bin');
      const read = sharedFiles();
      const [first, second] = await Promise.all([read(file), read(file)]);
      expect(first?.toString()).to.equal('common');
      expect(second).to.equal(first);
      expect(await read(file)).to.equal(first);
      await utimes(file, 1, 1);
      expect(await read(file)).to.not.equal(first);
    });

    it('are left out when they are too large', async () => {
      const read = sharedFiles(FIRMWARE.length);
      expect(await read(join(directory, 'acme/firmware-1.2.rom'))).to.have.length(FIRMWARE.length);
      expect(await sharedFiles(FIRMWARE.length - 1)(join(directory, 'acme/firmware-1.2.rom'))).to.equal(undefined);
    });
  });
});
