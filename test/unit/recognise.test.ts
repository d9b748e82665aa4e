import { expect } from 'chai';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { recognise } from '../../src/phones/recognise/recognise.ts';
import type { PhoneRequest, Recognised } from '../../src/phones/recognise/recognise.ts';

const fixtures = join(packageRoot, 'test/fixtures');
/** Two makers, Acme and Bolt, that share file names and a MAC range. */
const families = loadFamilies([join(fixtures, 'families')]);

function ask(request: Partial<PhoneRequest>): Recognised {
  return recognise(families, { path: null, userAgent: null, method: 'GET', transport: 'http', ...request });
}

describe('A request', () => {
  it('names vendor, model, version and MAC in its User-Agent', () => {
    expect(ask({ userAgent: 'Acme A500_X 1.2.3 00:A1:B2:00:00:01' })).to.deep.equal({
      vendor: 'acme',
      family: 'acme',
      model: 'A500-X',
      version: '1.2.3',
      mac: '00a1b2000001',
      serial: null,
      file: null,
    });
  });

  it('is of the family that its User-Agent names, whatever path and MAC say', () => {
    const asked = ask({ userAgent: 'Acme A100 1.0', path: '/bolt/00c0de000001.cfg' });
    expect(asked).to.include({ vendor: 'acme', family: 'acme', mac: '00c0de000001' });
    expect(asked.file).to.include({ familyId: 'acme', name: '{mac}.cfg', role: 'device' });
  });

  it('is of the family whose own path it asks for, whatever the MAC says', () => {
    expect(ask({ path: '/bolt/00a1b2000001.cfg' })).to.include({ family: 'bolt', mac: '00a1b2000001' });
    expect(ask({ path: '/x/y/init.cfg' })).to.include({ family: 'bolt', model: 'B7', mac: null });
  });

  it('for a file name that several makers use is of the owner of the MAC, the longest prefix first', () => {
    expect(ask({ path: '/00a1b2000001.cfg' }).family).to.equal('acme');
    expect(ask({ path: '/00A1B2F00001.cfg' }).family).to.equal('bolt');
    expect(ask({ path: '/00c0de000001.cfg' }).file).to.include({ familyId: 'bolt', kind: 'template' });
  });

  it('for a shared file name with a MAC of nobody is of nobody, but the MAC is known', () => {
    expect(ask({ path: '/001122334455.cfg' })).to.include({
      vendor: null,
      family: null,
      mac: '001122334455',
      file: null,
    });
  });

  it('tells the family by the number of the model in a file name that two makers use', () => {
    expect(ask({ path: '/start010.cfg' })).to.include({ family: 'acme', model: 'A100' });
    expect(ask({ path: '/start777.cfg' })).to.include({ family: 'bolt', model: 'B7' });
  });

  it('is tried with the patterns of a family that asks to come first', () => {
    expect(ask({ userAgent: 'Acme Bolt9 2.0' })).to.include({ family: 'bolt', model: 'Bolt9' });
  });

  it('takes no serial number for a MAC', () => {
    expect(ask({ userAgent: 'AcmeOld A1 (88019FA42805)' })).to.include({
      model: 'A100',
      mac: null,
      serial: '88019FA42805',
    });
  });

  it('takes no date, no broken MAC and no placeholder for a MAC, and the first of two', () => {
    for (const rest of ['201306151230', '00:15:6525ef16a7c', '000000000000', '0080f000000', 'g00a1b200000']) {
      expect(ask({ userAgent: `Acme A1 1.0 ${rest}` }).mac, rest).to.equal(null);
    }
    expect(ask({ userAgent: 'Acme A1 1.0 (201306151230; 00a1b2000001 / 00a1b2000002)' }).mac).to.equal('00a1b2000001');
    expect(ask({ path: '/000000000000.cfg' })).to.include({ mac: null, file: null });
  });

  it('may carry the MAC in the query, in any spelling', () => {
    for (const mac of ['00a1b2000001', '00-A1-B2-00-00-01', '00%3Aa1%3Ab2%3A00%3A00%3A01']) {
      expect(ask({ path: `/settings.php?mac=${mac}` })).to.include({ mac: '00a1b2000001', family: 'acme' });
      expect(ask({ path: `/settings.php?x=1&mac=${mac}` }).mac).to.equal('00a1b2000001');
    }
  });

  it('may carry the MAC in the name of a client certificate, bare or as the family writes it', () => {
    expect(ask({ clientCertificateName: '00:A1:B2:00:00:01' })).to.include({ family: 'acme', mac: '00a1b2000001' });
    expect(ask({ clientCertificateName: 'ACME-A500-00A1B2000001' })).to.include({ model: 'A500', mac: '00a1b2000001' });
  });

  it('may come from DHCP or SIP', () => {
    expect(ask({ transport: 'dhcp', dhcpVendorClass: 'acme-A500\0' })).to.include({ family: 'acme', model: 'A500' });
    expect(ask({ transport: 'sip', userAgent: 'acme-sip/A 700' })).to.include({ family: 'acme', model: 'A 700' });
    expect(ask({ transport: 'http', userAgent: 'acme-sip/A 700' }).family).to.equal(null);
  });

  it('tells the model by the MAC when nothing else does', () => {
    expect(ask({ path: '/00a1b2500001.cfg' }).model).to.equal('A500');
    expect(ask({ path: '/00a1b2500001.cfg', userAgent: 'Acme A100 1' }).model).to.equal('A100');
  });

  it('finds the file name behind any prefix, encoded or not, in any case', () => {
    for (const path of [
      '00a1b2000001.cfg',
      '/p/t0k3n//00A1B2000001.CFG',
      '/%2e%2e/a/00a1b2000001%2Ecfg',
      '//00a1b2000001.cfg?x',
    ]) {
      expect(ask({ path }).file?.name, path).to.equal('{mac}.cfg');
    }
    expect(ask({ path: '/%zz/00a1b2000001.cfg' }).file?.name).to.equal('{mac}.cfg');
  });

  it('for a shared file name is of the family that the device is known as', () => {
    expect(ask({ path: '/001122334455.cfg', family: 'bolt' }).file?.familyId).to.equal('bolt');
    expect(ask({ path: '/00a1b2000001.cfg', family: 'bolt' }).family).to.equal('bolt');
    expect(ask({ path: '/00a1b2000001.cfg', family: 'bolt', userAgent: 'Acme A100 1' }).family).to.equal('acme');
    expect(ask({ path: '/00a1b2000001.cfg', family: 'gone' }).family).to.equal('acme');
  });

  it('for what a phone writes is an upload', () => {
    expect(ask({ method: 'PUT', path: '/00a1b2000001.log' }).file).to.include({ kind: 'upload', role: null });
  });

  it('of a browser or a tool is nobody, whatever it asks for', () => {
    const nobody = { vendor: null, family: null, model: null, version: null, mac: null, serial: null, file: null };
    for (const userAgent of ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'curl/8.5.0', 'curl', ' CURL/1 ']) {
      expect(ask({ userAgent, path: '/00a1b2000001.cfg' }), userAgent).to.deep.equal(nobody);
    }
  });

  it('with a User-Agent that nobody knows is told by its path', () => {
    expect(ask({ userAgent: 'My phone', path: '/00a1b2000001.cfg' }).family).to.equal('acme');
  });

  it('brings nothing that a terminal obeys into what is listed', () => {
    const asked = ask({ userAgent: 'Acme A500_X\u009b2J 1.2.3\u001b[8m 00:A1:B2:00:00:01' });
    expect(asked).to.include({ family: 'acme' });
    expect(`${asked.model} ${asked.version}`).to.not.match(/\p{Cc}/u);
  });

  it('with bytes that are no ASCII or a text without end is answered at once', () => {
    for (const text of ['\xff\xfe\x80', 'A'.repeat(65536), `Acme ${'A '.repeat(500)}`, `Acme A 1${' 0'.repeat(400)}`]) {
      const start = performance.now();
      ask({ userAgent: text, path: `/${text}?${text}`, dhcpVendorClass: text, clientCertificateName: text });
      expect(performance.now() - start).to.be.lessThan(50);
    }
  });
});
