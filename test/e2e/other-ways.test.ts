import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../support/freePorts.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565dd0001';
const AGENT = { 'user-agent': 'Yealink SIP-T46S 66.86.0.15 00:15:65:dd:00:01' };
const OTHER_AGENT = { 'user-agent': 'Acme A1 1.0' };
const FIRMWARE = Buffer.alloc(300_000, 'firmware');

describe('Other ways to ask, and what a site adds', function () {
  this.timeout(60_000);
  let product: Product;
  let directory: string;
  let tftpPort: number;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'selfprov-site-'));
    mkdirSync(join(directory, 'files/yealink'), { recursive: true });
    mkdirSync(join(directory, 'templates'));
    writeFileSync(join(directory, 'files/yealink/T46S.rom'), FIRMWARE);
    tftpPort = await freePort();
    product = await startProduct({
      SELFPROV_TFTP_PORT: String(tftpPort),
      SELFPROV_FILES: join(directory, 'files'),
      SELFPROV_TEMPLATES: join(directory, 'templates'),
    });
  });
  after(async () => {
    await product.close();
    rmSync(directory, { recursive: true });
  });

  async function tftp(name: string): Promise<string> {
    const url = `tftp://127.0.0.1:${tftpPort}/${name}`;
    return (await promisify(execFile)('curl', ['-sf', '-m', '20', url], { maxBuffer: 1e7 })).stdout;
  }

  it('a phone gets the same default line by TFTP as by HTTP', async () => {
    const overTftp = await tftp(`${MAC}.cfg`);
    expect(overTftp).to.match(/^#!version:1\.0\.0\.1\n/);
    const overHttp = await fetch(`${product.url}${MAC}.cfg`, { headers: AGENT });
    expect(await overHttp.text()).to.contain(`account.1.user_name = phone-${MAC}`);
    expect(overTftp).to.contain(`account.1.user_name = phone-${MAC}`);
  });

  it('firmware that the administrator has put there is served whole, and in parts', async () => {
    const whole = await fetch(`${product.url}T46S.rom`, { headers: AGENT });
    expect(Buffer.from(await whole.arrayBuffer()).equals(FIRMWARE)).to.equal(true);
    const part = await fetch(`${product.url}T46S.rom`, { headers: { ...AGENT, range: 'bytes=8-15' } });
    expect(part.status).to.equal(206);
    expect(await part.text()).to.equal('firmware');
    const beyond = await fetch(`${product.url}T46S.rom`, { headers: { ...AGENT, range: 'bytes=900000-' } });
    expect(beyond.status).to.equal(416);
  });

  it('an app without a MAC is known by the token in its URL', async () => {
    const { url, mac } = await product.cli<{ url: string; mac: string }>('device', 'add', '--family', 'linphone');
    const agent = { 'user-agent': 'Linphonec/5.1.65 (belle-sip/5.1.65)' };
    const file = await (await fetch(url, { headers: agent })).text();
    expect(file).to.contain(`phone-${mac}`);
    const guess = url.replace(/\/p\/[^/]+\//, '/p/AAAAAAAAAAAAAAAAAAAAAAAA/');
    expect((await fetch(guess, { headers: agent })).status).to.equal(404);
  });

  it('a family that the site adds is served after a reload; a broken one is refused, and what runs stays', async () => {
    const acme = join(directory, 'templates/acme');
    const ask = (): Promise<Response> => fetch(`${product.url}acme-00a1b2000001.txt`, { headers: OTHER_AGENT });
    const reload = async (message: RegExp): Promise<string> => {
      const before = (await product.log()).length;
      product.reload();
      const said = await waitFor(
        async () => (await product.log()).slice(before).find(({ msg }) => message.test(String(msg))),
        { what: `the log saying ${message.source}` },
      );
      return JSON.stringify(said);
    };
    expect((await ask()).status).to.equal(404);

    mkdirSync(acme);
    writeFileSync(
      join(acme, 'family.yaml'),
      [
        'vendor: acme',
        'title: Acme phones',
        "user_agents: ['Acme (?<model>[^ ]+) (?<version>[^ ]+)']",
        'files:',
        "  - { name: 'acme-{mac}.txt', role: device, template: device.mustache, format: line, content_type: text/plain }",
        'notify:',
        '  fetch: { event: check-sync }',
        '  reboot: { event: check-sync }',
      ].join('\n'),
    );
    writeFileSync(join(acme, 'device.mustache'), '{{#lines}}\nuser={{user_name}}\n{{/lines}}\n');
    await reload(/read again/);
    expect(await (await ask()).text()).to.match(/^user=phone-00a1b2000001-\w+\n$/);

    writeFileSync(join(acme, 'device.mustache'), '{{#lines}}\nuser={{no_such_name}}\n{{/lines}}\n');
    expect(await reload(/broken/))
      .to.contain('no_such_name')
      .and.to.contain('device.mustache');
    expect(await (await ask()).text()).to.match(/^user=phone-00a1b2000001-\w+\n$/);
  });
});
