import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { checkCertificate, fits, readAuthority } from '../../src/certificates/certificateFiles.ts';
import { makeCertificate, makeKey, pemOf } from '../../src/certificates/makeCertificate.ts';
import { ownAuthorityFile, ownCertificate } from '../../src/certificates/ownCertificate.ts';
import { readConfig } from '../../src/config.ts';
import { refusalOf } from '../support/refusal.ts';

/** What it says when it refuses. */
const saidBy = async (task: () => unknown): Promise<string> => (await refusalOf(Promise.resolve().then(task))).message;

const NOW = Date.parse('2026-11-26T00:00:00Z');
const YEAR = 365 * 24 * 60 * 60_000;

describe('A certificate of our own', function () {
  this.timeout(10_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'selfprov-certificates-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');

  /** What a client that knows only this authority says of the server at that host. */
  async function handshake(host: string, authority: string): Promise<string> {
    const server = createServer({ cert: textOf('server.crt'), key: textOf('server.key') }).listen(0, '127.0.0.1');
    server.on('tlsClientError', () => {});
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1', ca: authority, checkServerIdentity: () => undefined });
    const said = await once(client, 'secureConnect').then(
      () => 'welcome',
      (error: unknown) => (error as { readonly code: string }).code,
    );
    const shown = said === 'welcome' ? client.getPeerX509Certificate() : undefined;
    client.destroy();
    server.close();
    if (shown === undefined) return said;
    return fits(shown, host) ? said : 'another host';
  }

  for (const host of ['192.0.2.10', '2001:db8::10', '::ffff:192.0.2.10', 'pbx.example.com']) {
    it(`is believed for ${host} by who believes our authority, and by nobody else`, async () => {
      await ownCertificate(folder, host, Date.now());
      const own = readFileSync(ownAuthorityFile(folder), 'utf8');
      expect(await handshake(host, own)).to.equal('welcome');
      expect(await handshake('pbx.example.org', own)).to.equal('another host');
      const other = mkdtempSync(join(folder, 'other-'));
      await ownCertificate(other, host, Date.now());
      expect(await handshake(host, readFileSync(ownAuthorityFile(other), 'utf8'))).to.match(/^UNABLE_TO_VERIFY/);
    });
  }

  it('names an address as a text too, for clients that look for names alone', async () => {
    await ownCertificate(folder, '192.0.2.10', NOW);
    const { subjectAltName } = new X509Certificate(textOf('server.crt'));
    expect(subjectAltName).to.equal('DNS:192.0.2.10, IP Address:192.0.2.10');
  });

  it('has keys that nobody else can read', async () => {
    await ownCertificate(folder, '192.0.2.10', NOW);
    for (const name of ['server.key', 'ca.key']) expect(statSync(join(folder, name)).mode & 0o777).to.equal(0o600);
  });

  it('stays as it is until a year before its end, then is made anew by the same authority', async () => {
    await ownCertificate(folder, '192.0.2.10', NOW);
    const [first, authority] = [textOf('server.crt'), textOf('ca.crt')];
    await ownCertificate(folder, '192.0.2.10', NOW + 3.9 * YEAR);
    expect(textOf('server.crt')).to.equal(first);
    await ownCertificate(folder, '192.0.2.10', NOW + 4.1 * YEAR);
    expect(textOf('server.crt')).not.to.equal(first);
    expect(textOf('ca.crt')).to.equal(authority);
    expect(checkCertificate(files(), '192.0.2.10', NOW + 9 * YEAR)).to.equal(undefined);
  });

  it('is made anew by the same authority for another host, and when half of it is lost', async () => {
    await ownCertificate(folder, '192.0.2.10', NOW);
    const authority = textOf('ca.crt');
    await ownCertificate(folder, 'pbx.example.com', NOW);
    expect(checkCertificate(files(), 'pbx.example.com', NOW)).to.equal(undefined);
    rmSync(join(folder, 'server.key'));
    await ownCertificate(folder, 'pbx.example.com', NOW);
    expect(checkCertificate(files(), 'pbx.example.com', NOW)).to.equal(undefined);
    expect(textOf('ca.crt')).to.equal(authority);
  });

  it('gets another authority when this one would end first, or its key is another’s', async () => {
    await ownCertificate(folder, '192.0.2.10', NOW);
    const first = textOf('ca.crt');
    await ownCertificate(folder, '192.0.2.10', NOW + 16 * YEAR);
    const second = textOf('ca.crt');
    expect(second).not.to.equal(first);
    writeFileSync(join(folder, 'ca.key'), pemOf(await makeKey()));
    await ownCertificate(folder, '192.0.2.10', NOW + 16 * YEAR);
    expect(textOf('ca.crt')).not.to.equal(second);
    expect(checkCertificate(files(), '192.0.2.10', NOW + 16 * YEAR)).to.equal(undefined);
  });

  it('is kept when the key of its authority is lost, as long as it holds, and that is said', async () => {
    await ownCertificate(folder, '192.0.2.10', NOW);
    const [first, authority] = [textOf('server.crt'), textOf('ca.crt')];
    rmSync(join(folder, 'ca.key'));
    const said: string[] = [];
    const again = (host: string): Promise<unknown> => ownCertificate(folder, host, NOW, (text) => said.push(text));
    await again('192.0.2.10');
    expect([textOf('server.crt'), textOf('ca.crt')]).to.deep.equal([first, authority]);
    expect(said.splice(0).join('\n')).to.match(/ca\.key is missing, without which .* cannot be renewed[^.]*$/);
    await again('pbx.example.com');
    expect(textOf('ca.crt')).not.to.equal(authority);
    expect(said.splice(0).join('\n')).to.match(/ca\.key is missing.*A new one is made.*selfprov sync start/);
    await again('pbx.example.com');
    expect(said).to.deep.equal([]);
  });

  it('of an authority that is lost is made anew by another one, and it is said what phones need', async () => {
    const said: string[] = [];
    const start = (): Promise<unknown> => ownCertificate(folder, '192.0.2.10', NOW, (text) => said.push(text));
    await start();
    expect(said).to.deep.equal([]);
    rmSync(join(folder, 'ca.crt'));
    await start();
    expect(said.join('\n')).to.match(/ca\.crt is missing.*selfprov sync start/);
    expect(checkCertificate(files(), '192.0.2.10', NOW)).to.equal(undefined);
  });

  it('may last beyond 2049, where years are written otherwise', async () => {
    await ownCertificate(folder, '192.0.2.10', Date.parse('2048-06-01T00:00:00Z'));
    expect(new X509Certificate(textOf('server.crt')).validTo).to.match(/ 2053 GMT$/);
  });

  const files = () => ({ certificate: join(folder, 'server.crt'), key: join(folder, 'server.key') });
});

describe('A certificate that is given', () => {
  let folder: string;
  let certificate: string;
  let key: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'selfprov-given-'));
    [certificate, key] = [join(folder, 'given.crt'), join(folder, 'given.key')];
    const own = await makeKey();
    const name = 'pbx.example.com';
    const [from, until] = [NOW - YEAR, NOW + YEAR];
    writeFileSync(
      certificate,
      makeCertificate({ name, key: own, issuer: { name, key: own }, from, until, host: name }),
    );
    writeFileSync(key, pemOf(own));
    writeFileSync(join(folder, 'other.key'), pemOf(await makeKey()));
    writeFileSync(join(folder, 'text'), 'no PEM at all\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  const said = (change: { readonly certificate?: string; readonly key?: string }, now = NOW): Promise<string> =>
    saidBy(() => checkCertificate({ certificate, key, ...change }, 'pbx.example.com', now));

  it('is taken for its host, and it is said when phones are told another', () => {
    expect(checkCertificate({ certificate, key }, 'pbx.example.com', NOW)).to.equal(undefined);
    expect(checkCertificate({ certificate, key }, '192.0.2.10', NOW))
      .to.contain('SELFPROV_SIP_TLS_CERT')
      .and.contain('192.0.2.10');
  });

  it('is refused in one line that names the setting', async () => {
    const [missing, text] = [join(folder, 'missing'), join(folder, 'text')];
    expect(await said({ certificate: missing })).to.match(/^SELFPROV_SIP_TLS_CERT: \S*missing\S* is not there/);
    expect(await said({ key: missing })).to.match(/^SELFPROV_SIP_TLS_KEY: \S*missing\S* is not there/);
    expect(await said({ certificate: text })).to.match(/^SELFPROV_SIP_TLS_CERT: .*has no certificate/);
    expect(await said({ key: text })).to.match(/^SELFPROV_SIP_TLS_KEY: .*has no private key/);
    expect(await said({ key: join(folder, 'other.key') })).to.match(
      /^SELFPROV_SIP_TLS_KEY: .*is not that of the certificate/,
    );
    expect(await said({}, NOW + 2 * YEAR)).to.match(/^SELFPROV_SIP_TLS_CERT: .*has run out/);
    expect(await said({}, NOW - 2 * YEAR)).to.match(/^SELFPROV_SIP_TLS_CERT: .*not valid before/);
  });

  it('is no authority', async () => {
    expect(await saidBy(() => readAuthority(certificate))).to.match(/^SELFPROV_SIP_TLS_CA: .*not an authority/);
  });

  it('needs both of its files', async () => {
    expect(await saidBy(() => readConfig({ SELFPROV_SIP_TLS_CERT: certificate }))).to.contain(
      'SELFPROV_SIP_TLS_KEY: needed',
    );
    expect(await saidBy(() => readConfig({ SELFPROV_SIP_TLS_KEY: key }))).to.contain('SELFPROV_SIP_TLS_CERT: needed');
  });
});
