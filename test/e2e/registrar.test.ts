import { expect } from 'chai';
import pino from 'pino';
import { connectAmi, type Ami } from '../../src/asterisk/ami/ami.ts';
import { registrar } from '../../src/asterisk/ami/registrar.ts';
import { isRefusal } from '../../src/domain/errors.ts';
import type { Registrar } from '../../src/domain/ports.ts';
import { AMI_PASSWORD, plainAsterisk, SIP_PASSWORD, type PlainAsterisk } from '../support/plainAsterisk.ts';
import { registeringPhone, type RegisteringPhone } from '../support/registeringPhone.ts';
import { waitFor } from '../support/wait.ts';

describe('registrations in Asterisk', function () {
  this.timeout(30_000);
  let asterisk: PlainAsterisk;
  let ami: Ami;
  let asked: Registrar;
  let authenticated: string[] = [];
  let phones: RegisteringPhone[] = [];

  before(async () => {
    asterisk = await plainAsterisk();
    await asterisk.start();
    ami = connectAmi({
      host: '127.0.0.1',
      port: asterisk.amiPort,
      user: 'selfprov',
      password: AMI_PASSWORD,
      log: pino({ level: 'silent' }),
      onAuthenticated: ({ endpoint }) => authenticated.push(endpoint),
    });
    asked = registrar(ami);
  });
  beforeEach(() => {
    authenticated = [];
  });
  afterEach(async () => {
    for (const phone of phones) {
      await phone.register(0);
      phone.close();
    }
    phones = [];
  });
  after(async () => {
    await ami.close();
    await asterisk.close();
  });

  async function phoneOf(aor: string, authName: string, transport: 'udp' | 'tcp' = 'udp'): Promise<RegisteringPhone> {
    const phone = await registeringPhone({
      sipPort: asterisk.sipPort,
      aor,
      authName,
      password: SIP_PASSWORD,
      transport,
    });
    phones.push(phone);
    return phone;
  }

  it('are found by their AOR, each with its address and User-Agent', async () => {
    const [one, two, other] = [
      await phoneOf('1500', '1500-a'),
      await phoneOf('1500', '1500-b'),
      await phoneOf('1600', '1600'),
    ];
    for (const phone of [one, two, other]) expect(await phone.register(60)).to.equal(200);
    const contacts = await asked.contacts('1500');
    expect(contacts.map(({ uri }) => uri)).to.have.members([one.contact, two.contact]);
    expect(contacts[0]).to.include({ aor: '1500', address: '127.0.0.1', userAgent: 'Testphone T1 1.2.3' });
    expect((await asked.contacts('1600')).map(({ uri }) => uri)).to.deep.equal([other.contact]);
    expect((await asked.allContacts()).map(({ aor }) => aor)).to.have.members(['1500', '1500', '1600']);
    for (const aor of ['150', '15_0', '%', '1500;', 'nobody']) expect(await asked.contacts(aor)).to.deep.equal([]);
  });

  it('are still found when the AOR itself has gone', async () => {
    const phone = await phoneOf('1600', '1600');
    await phone.register(60);
    await asterisk.hideAccount('1600');
    try {
      expect(await asterisk.cli('pjsip show aor 1600')).to.include('Unable to find object 1600');
      const [contact] = await asked.contacts('1600');
      if (contact === undefined) throw new Error('no contact');
      expect(contact.uri).to.equal(phone.contact);
      await asked.remove(contact);
      expect(await asked.contacts('1600')).to.deep.equal([]);
    } finally {
      await asterisk.showAccount('1600');
    }
  });

  it('are forgotten one by one, at once, and twice does no harm', async () => {
    const [one, two] = [await phoneOf('1500', '1500-a'), await phoneOf('1500', '1500-b')];
    for (const phone of [one, two]) await phone.register(60);
    const contact = (await asked.contacts('1500')).find(({ uri }) => uri === one.contact);
    if (contact === undefined) throw new Error('no contact');
    await asked.remove(contact);
    await asked.remove(contact);
    expect((await asked.contacts('1500')).map(({ uri }) => uri)).to.deep.equal([two.contact]);
    const shown = await asterisk.cli('pjsip show aor 1500');
    expect(shown).to.include(two.contact).and.not.to.include(one.contact);
  });

  it('may have changed whenever a phone has shown who it is: at its first REGISTER, at a refresh and at its goodbye', async () => {
    const phone = await phoneOf('1500', '1500-b');
    for (const [times, expires] of [60, 60, 0].entries()) {
      await phone.register(expires);
      await waitFor(() => authenticated.length === times + 1, {
        what: () => `word of the phone: ${authenticated.join()}`,
      });
    }
    expect(authenticated).to.deep.equal(['1500', '1500', '1500']);
  });

  it('are not there any more when they have run out', async () => {
    const phone = await phoneOf('1500', '1500-a');
    await phone.register(2);
    expect(await asked.contacts('1500')).to.have.length(1);
    await waitFor(async () => (await asked.contacts('1500')).length === 0, { what: 'the end of the registration' });
  });

  for (const transport of ['udp', 'tcp'] as const) {
    it(`take a check-sync over ${transport}, and only the phone that is meant gets it`, async () => {
      const [one, two] = [await phoneOf('1500', '1500-a', transport), await phoneOf('1500', '1500-b', transport)];
      for (const phone of [one, two]) await phone.register(60);
      const uri = (await asked.contacts('1500'))
        .map((contact) => contact.uri)
        .find((found) => found.includes(`:${one.port}`));
      await asked.notify(uri ?? '', { event: 'check-sync;reboot=true', contentType: null, body: null });
      const notify = await one.request();
      expect(notify)
        .to.match(/^NOTIFY sip:1500@/)
        .and.match(/^Event: check-sync;reboot=true\r$/m);
      expect(notify.match(/^Subscription-State: *terminated\r$/gm)).to.have.length(1);
      await asked.notify(uri ?? '', { event: 'check-sync', contentType: null, body: null });
      await one.request();
      expect(two.received).to.deep.equal([]);
    });
  }

  it('take a body of several lines, whatever is in it', async () => {
    const phone = await phoneOf('1600', '1600');
    await phone.register(60);
    const lines = [
      'action=reset',
      'RegisterCallId={a@b}',
      'Config="x,y" (;\\z',
      "<a b='c'>50% ${X} $[1] é</a>",
      '',
      'end)]',
    ];
    await asked.notify(phone.contact, {
      event: 'service-control',
      contentType: 'text/x;charset=utf-8',
      body: lines.join('\n'),
    });
    const notify = await phone.request();
    expect(notify).to.match(/^Content-Type: *text\/x;charset=utf-8\r$/m);
    expect(notify.slice(notify.indexOf('\r\n\r\n') + 4)).to.equal(lines.join('\r\n'));
  });

  it('take nothing that would add a header or an action', async () => {
    for (const event of ['check-sync\r\nX-Planted: 1', 'check-sync\n\nAction: Ping']) {
      const refused = await asked
        .notify('sip:1600@127.0.0.1:9', { event, contentType: null, body: null })
        .catch((error: unknown) => error);
      expect(isRefusal(refused, 'invalid')).to.equal(true);
    }
  });
});
