import { once } from 'node:events';
import { appendFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FamilyName } from '../../src/virtualPhone/families/families.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone, PhoneOptions } from '../../src/virtualPhone/phoneTypes.ts';
import { AMI_PASSWORD, plainAsterisk, SIP_PASSWORD, type PlainAsterisk } from '../support/plainAsterisk.ts';
import { staysTrue, waitFor } from '../support/wait.ts';

const dialplan = `[phones]
exten => 600,1,Answer()
 same => n,Echo()
exten => 601,1,Answer()
 same => n,WaitExten(10)
exten => _1X00,1,Dial(\${PJSIP_DIAL_CONTACTS(\${EXTEN})})
`;

/** The phones of the end-to-end tests, against an Asterisk and files written by hand. */
describe('a phone of the tests', function () {
  this.timeout(30_000);
  const files = new Map<string, string>();
  const phones: Phone[] = [];
  let asterisk: PlainAsterisk;
  let web: Server;
  let base: string;

  before(async () => {
    web = createServer((request, response) => {
      const file = files.get(request.url ?? '');
      response.writeHead(file === undefined ? 404 : 200).end(file);
    }).listen(0, '127.0.0.1');
    await once(web, 'listening');
    base = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
    asterisk = await plainAsterisk();
    await writeFile(join(asterisk.folder, 'etc/extensions.conf'), dialplan);
    await appendFile(
      join(asterisk.folder, 'etc/pjsip.conf'),
      '[1500](+type=endpoint)\ncallerid="Ann Lee" <1500>\n[1600](+type=aor)\nmax_contacts=50\n',
    );
    await asterisk.start();
  });

  after(async () => {
    web.close();
    await asterisk.close();
  });

  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.close()));
    files.clear();
  });

  const yealinkFile = (user: string, authUser: string, more: readonly string[] = []): string =>
    [
      '#!version:1.0.0.1',
      'account.1.enable = 1',
      `account.1.user_name = ${user}`,
      `account.1.auth_name = ${authUser}`,
      `account.1.password = ${SIP_PASSWORD}`,
      'account.1.sip_server.1.address = 127.0.0.1',
      `account.1.sip_server.1.port = ${asterisk.sipPort}`,
      ...more,
    ].join('\n');

  const snomFile = (user: string, authUser: string): string =>
    `<?xml version="1.0"?><settings><phone-settings>
      <user_name idx="1">${user}</user_name><user_pname idx="1">${authUser}</user_pname>
      <user_pass idx="1">${SIP_PASSWORD}</user_pass><user_host idx="1">127.0.0.1:${asterisk.sipPort}</user_host>
      </phone-settings></settings>`;

  async function boot(family: FamilyName, mac: string, options: Partial<PhoneOptions> = {}): Promise<Phone> {
    const phone = await bootPhone({ family, mac, provisioningUrl: base, ...options });
    phones.push(phone);
    return phone;
  }

  async function notify(endpoint: string, event: string): Promise<void> {
    const ami = connect(asterisk.amiPort, '127.0.0.1');
    let answers = '';
    ami.on('data', (data) => (answers += data.toString()));
    ami.write(`Action: Login\r\nUsername: selfprov\r\nSecret: ${AMI_PASSWORD}\r\n\r\n`);
    ami.write(
      `Action: PJSIPNotify\r\nEndpoint: ${endpoint}\r\nVariable: Event=${event.replaceAll(';', '\\;')}\r\n\r\n`,
    );
    await waitFor(() => answers.includes('NOTIFY sent'), { what: 'the NOTIFY' });
    ami.destroy();
  }

  it('follows the boot chain of a Yealink and fetches from where its file says the next time', async () => {
    files.set('/y000000000000.boot', '#!version:1.0.0.1\ninclude:config "phones/$MAC.cfg"\n');
    files.set(
      '/phones/001565000001.cfg',
      yealinkFile('1500', '1500-a', [`static.auto_provision.server.url = ${base}token/`]),
    );
    const phone = await boot('yealink', '00:15:65:00:00:01');
    await phone.registered({ as: '1500' });
    expect(phone.requests.map(({ url }) => url.slice(base.length))).to.deep.equal([
      '001565000001.boot',
      'y000000000000.boot',
      'phones/001565000001.cfg',
    ]);
    await phone.reboot();
    expect(phone.requests.at(-1)?.url).to.equal(`${base}token/001565000001.cfg`);
    await phone.registered({ as: '1500' });
  });

  it('follows the list of files of a Snom', async () => {
    files.set(
      '/snomD785-000413000001.htm',
      '<setting-files><file url="a.xml"/><file url="{mac}.xml"/></setting-files>',
    );
    files.set('/000413000001.xml', snomFile('1600', '1600'));
    const phone = await boot('snom', '00-04-13-00-00-01');
    await phone.registered({ as: '1600' });
  });

  it('is heard, keys digits, rings with the caller ID and hears the other side', async () => {
    files.set('/001565000001.cfg', yealinkFile('1500', '1500-a'));
    files.set('/001565000002.cfg', yealinkFile('1600', '1600'));
    const ann = await boot('yealink', '001565000001');
    const bob = await boot('yealink', '001565000002');
    await Promise.all([ann.registered(), bob.registered()]);

    const echo = await ann.dial('600');
    await echo.hearsTone(ann.tone);
    await ann.hangUp();
    const nobody = await (await ann.dial('999')).ended();
    expect(nobody).to.include({ wasEstablished: false, reason: '404 Not Found' });

    const call = await ann.dial('601');
    await call.established();
    await call.hearsSilence();
    await ann.press('1600');
    const ringing = await bob.rings();
    expect(ringing.callerId).to.deep.equal({ name: 'Ann Lee', number: '1500' });
    await ringing.answer();
    await Promise.all([call.hearsTone(bob.tone), ringing.hearsTone(ann.tone)]);
    await bob.hangUp();
    expect(await call.ended()).to.include({ wasEstablished: true });
  });

  it('fetches and registers anew on a check-sync, after the call', async () => {
    files.set('/001565000001.cfg', yealinkFile('1500', '1500-a'));
    const phone = await boot('yealink', '001565000001');
    await phone.registered({ as: '1500' });
    await (await phone.dial('600')).established();
    files.set('/001565000001.cfg', yealinkFile('1600', '1600'));
    await notify('1500', 'check-sync;reboot=true');
    expect(await phone.notified()).to.include({ event: 'check-sync;reboot=true', duringCall: true });
    const asked = phone.requests.length;
    await staysTrue(() => phone.requests.length === asked, { what: 'not fetching during the call', limit: 300 });
    await phone.hangUp();
    await phone.registered({ as: '1600' });
  });

  it('takes back its registration when it does not reboot, and obeys nothing when told not to', async () => {
    const noReboot = ['sip.notify_reboot_enable = 0'];
    files.set('/001565000001.cfg', yealinkFile('1500', '1500-b', noReboot));
    files.set('/001565000002.cfg', yealinkFile('1600', '1600', noReboot));
    const deaf = await boot('yealink', '001565000002', { habits: { obeyCheckSync: false } });
    const phone = await boot('yealink', '001565000001', { address: '127.0.0.1' });
    await Promise.all([phone.registered({ as: '1500' }), deaf.registered({ as: '1600' })]);
    files.set('/001565000001.cfg', yealinkFile('1600', '1600', ['account.1.sip_server.1.transport_type = 1']));
    await notify('1500', 'check-sync;reboot=false');
    await notify('1600', 'check-sync;reboot=false');
    await phone.registered({ as: '1600' });
    await deaf.notified();
    expect(deaf.requests.filter(({ status }) => status === 200)).to.have.length(1);
    const contacts = await asterisk.cli('pjsip show contacts');
    expect(contacts)
      .to.match(/1600\/sip:1600\S*@127\.0\.0\.1:/)
      .and.not.match(/1500\/sip:1500\S*@127\.0\.0\.1:/);
  });

  it('is refused with a wrong password', async () => {
    files.set('/001565000001.cfg', yealinkFile('1500', '1500-a').replace(SIP_PASSWORD, 'wrong'));
    const phone = await boot('yealink', '001565000001');
    expect(await phone.refused()).to.match(/^40[13]/);
  });

  it('needs no more than seconds when ten boot and call at once', async () => {
    for (let number = 10; number < 20; number += 1) files.set(`/0015650000${number}.cfg`, yealinkFile('1600', '1600'));
    const ten = await Promise.all([...files.keys()].map((path) => boot('yealink', path.slice(1, 13))));
    await Promise.all(ten.map((phone) => phone.registered()));
    const calls = await Promise.all(ten.map((phone) => phone.dial('600')));
    await Promise.all(calls.map((call, index) => call.hearsTone(ten[index]?.tone ?? 0, 8000)));
  });
});
