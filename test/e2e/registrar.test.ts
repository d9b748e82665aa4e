import { expect } from 'chai';
import { openAsteriskBench, type AsteriskBench } from '../support/asteriskBench.ts';
import { registeringPhone, type RegisteringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { registrarContract } from '../support/registrarContract.ts';
import { enrol } from '../support/steps.ts';

const TRANSPORTS = ['udp', 'tcp', 'tls', 'sips'] as const;

describe('The registrar in a real Asterisk', function () {
  this.timeout(30_000);

  registrarContract(() => openAsteriskBench());

  describe('and on the wire', () => {
    let bench: AsteriskBench;
    let phones: RegisteringPhone[] = [];

    before(async () => {
      bench = await openAsteriskBench();
    });
    afterEach(() => {
      for (const phone of phones.splice(0)) phone.close();
    });
    after(() => bench.close());

    let macs = 0;
    async function registered(
      transport: (typeof TRANSPORTS)[number] = 'udp',
      viaHost?: string,
    ): Promise<RegisteringPhone> {
      const { endpoint, authName, secret } = await enrol(bench.core, `0200000000${10 + ++macs}`);
      const { tlsPort, authority } = bench;
      const sipPort = ['tls', 'sips'].includes(transport) ? tlsPort : bench.sipPort;
      const account = { aor: endpoint, authName, password: secret.reveal() };
      const phone = await registeringPhone({
        sipPort,
        transport,
        authority,
        ...account,
        ...(viaHost === undefined ? {} : { viaHost }),
      });
      phones.push(phone);
      expect(await phone.register(60)).to.equal(200);
      return phone;
    }

    for (const transport of TRANSPORTS) {
      it(`a check-sync over ${transport} goes to the phone that is meant, with one Subscription-State`, async () => {
        const [one, two] = [await registered(transport), await registered(transport)];
        await bench.registrar.notify(one.contact, { event: 'check-sync;reboot=true', contentType: null, body: null });
        const notify = await one.request();
        expect(notify)
          .to.match(/^NOTIFY sips?:phone-/)
          .and.match(/^Event: check-sync;reboot=true\r$/m);
        expect(notify.match(/^Subscription-State: *terminated\r$/gm)).to.have.length(1);
        expect(two.received).to.deep.equal([]);
      });
    }

    for (const [transport, port] of [
      ['udp', 5060],
      ['tls', 5061],
    ] as const) {
      it(`a phone that names no port of its own over ${transport} is taken to be at ${port}`, async () => {
        const { contact } = await registered(transport, '192.168.7.7');
        const all = await bench.registrar.allContacts(null);
        const found = all.find(({ uri }) => uri.toLowerCase() === contact.toLowerCase());
        expect(found).to.include({ viaAddress: '192.168.7.7', viaPort: port });
      });
    }

    it('a body of several lines arrives as it is, whatever is in it', async () => {
      const phone = await registered();
      const lines = [
        'action=reset',
        'RegisterCallId={a@b}',
        'Config="x,y" (;\\z',
        "<a b='c'>50% ${X} $[1] é</a>",
        '',
        'end)]',
      ];
      await bench.registrar.notify(phone.contact, {
        event: 'service-control',
        contentType: 'text/x;charset=utf-8',
        body: lines.join('\n'),
      });
      const notify = await phone.request();
      expect(notify).to.match(/^Content-Type: *text\/x;charset=utf-8\r$/m);
      expect(notify.slice(notify.indexOf('\r\n\r\n') + 4)).to.equal(lines.join('\r\n'));
    });
  });
});
