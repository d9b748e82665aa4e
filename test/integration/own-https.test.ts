import { expect } from 'chai';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import type { IncomingMessage } from 'node:http';
import { ownAuthorityFile, ownCertificate } from '../../src/certificates/ownCertificate.ts';
import { readConfig } from '../../src/config.ts';
import { askHttp } from '../../src/doctor/probes.ts';
import { createLog } from '../../src/log.ts';
import { serveAdministration, type Administration } from '../../src/serveAdministration.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { freePort } from '../support/freePorts.ts';
import { refusalOf } from '../support/refusal.ts';
import { waitFor } from '../support/wait.ts';

const NAME = 'selfprov.example';

describe('The listener for administration with HTTPS of its own', () => {
  let core: TestCore;
  let administration: Administration | undefined;
  let port: number;
  let log: string[];
  let files: { readonly certificate: string; readonly key: string };

  beforeEach(async () => {
    core = await openTestCore();
    [log, port] = [[], await freePort()];
    files = { certificate: join(core.directory, 'page.crt'), key: join(core.directory, 'page.key') };
  });
  afterEach(async () => {
    await administration?.close();
    administration = undefined;
    await core.close();
  });

  /** A pair as an authority of its own makes it, put where the settings say; gives the authority. */
  async function issue(host = NAME, now = Date.now()): Promise<Buffer> {
    const folder = join(core.directory, `tls-${log.length}-${Math.round(now)}-${host}`);
    await mkdir(folder);
    const made = await ownCertificate(folder, host, now);
    for (const kind of ['certificate', 'key'] as const) await copyFile(made[kind], files[kind]);
    return readFile(ownAuthorityFile(folder));
  }
  async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const { families, server } = answerNeeds(core);
    const config = readConfig({
      ...{ ...core.environment, SELFPROV_ADMIN_PORT: String(port), SELFPROV_ADMIN_URL: `https://${NAME}:${port}/` },
      ...{ SELFPROV_ADMIN_TLS_CERT: files.certificate, SELFPROV_ADMIN_TLS_KEY: files.key, ...more },
    });
    administration = await serveAdministration(config, {
      ...{ core, families, server: () => server, health: () => Promise.resolve({}) },
      asterisks: { all: [], registrar: core.registrar, health: () => ({}), close: () => Promise.resolve() },
      metrics: (_request, response) => void response.end(),
      log: createLog('info', { write: (line: string) => void log.push(line) }),
    });
  }
  /** As a browser that knows this authority, and this name of ours. */
  async function visit(path: string, ca: Buffer) {
    const options = { host: '127.0.0.1', port, path, ca, servername: NAME, agent: false, headers: { host: NAME } };
    const [response] = (await once(get(options), 'response')) as [IncomingMessage];
    const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
    return { status: response.statusCode, headers: response.headers, fingerprint256, body: await text(response) };
  }

  it('shows the certificate of the settings, asks browsers to come by HTTPS only, and tells who comes without', async () => {
    const ca = await issue();
    await start();
    const { status, headers, body } = await visit('/sign-in', ca);
    expect(status).to.equal(200);
    expect(body).to.contain('name="password"');
    expect(headers['strict-transport-security']).to.equal('max-age=86400');
    const plain = connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    plain.on('error', () => undefined);
    expect(await text(plain).catch(() => '')).to.equal('');
    const isTold = (): boolean => log.some((line) => line.includes('plain HTTP on the port for HTTPS'));
    await waitFor(isTold, { what: 'a line about plain HTTP' });
    // The doctor asks by the address.
    const asked = await askHttp(`https://127.0.0.1:${port}/healthz`, {}, { isOurs: true });
    expect(asked).to.include({ status: 200 });
    expect(await askHttp(`https://127.0.0.1:${port}/healthz`)).to.have.property('error');
  });

  it('shows a renewed one from the next connection on, and the one before while the files are broken', async () => {
    const first = await issue();
    await start();
    const { fingerprint256 } = await visit('/sign-in', first);
    await writeFile(files.certificate, 'half of a certi');
    administration?.reload();
    administration?.reload();
    expect((await visit('/sign-in', first)).fingerprint256).to.equal(fingerprint256);
    expect(log.filter((line) => line.includes('the certificate is broken'))).to.have.length(1);
    const second = await issue(NAME, Date.now() + 1);
    administration?.reload();
    expect((await visit('/sign-in', second)).fingerprint256).not.to.equal(fingerprint256);
    expect(log.filter((line) => line.includes('the certificate was renewed'))).to.have.length(1);
  });

  it('does not start with a key of another one, nor without a file that settings name, and says which', async () => {
    await issue();
    const key = await readFile(files.key);
    await issue('other.example');
    await writeFile(files.key, key);
    const refusal = await refusalOf(start());
    expect(refusal).to.have.property('code', 'invalid');
    expect(refusal.message).to.match(/^SELFPROV_ADMIN_TLS_KEY: the key in .* is not that of the certificate/);
    await writeFile(files.key, 'none');
    expect((await refusalOf(start())).message).to.match(/^SELFPROV_ADMIN_TLS_KEY: .* no private key/);
    const openId = { SELFPROV_OIDC_ISSUER: 'https://id.invalid', SELFPROV_OIDC_CLIENT_ID: 'x' };
    const secret = await refusalOf(
      start({ ...openId, SELFPROV_OIDC_CLIENT_SECRET_FILE: join(core.directory, 'none') }),
    );
    expect(secret.message).to.match(/^SELFPROV_OIDC_CLIENT_SECRET_FILE: .*\/none cannot be read: ENOENT/);
  });

  it('says that browsers will refuse one for another name, or one that has run out, and serves all the same', async () => {
    const other = await issue('other.example');
    await start();
    expect(log.join()).to.contain(
      `SELFPROV_ADMIN_TLS_CERT: the certificate is not for ${NAME}, which browsers are told`,
    );
    await administration?.close();
    await issue(NAME, Date.now() - 10 * 365 * 24 * 60 * 60_000);
    await start();
    expect(log.join()).to.match(/SELFPROV_ADMIN_TLS_CERT: .* has run out on/);
    expect(other.length).to.be.greaterThan(0);
  });
});
