import { expect } from 'chai';
import fc from 'fast-check';
import { answerPort, notifyOf, okTo } from '../../src/pnp/answers.ts';
import { parseSubscription, type Subscription } from '../../src/pnp/subscription.ts';
import { subscribe, type Spelling } from '../support/pnpPhone.ts';
import { runs } from '../support/runs.ts';

const SOURCE = { address: '10.1.3.239', port: 5059 };
const OURS = { address: '10.1.3.1', port: 40_000, tag: 'ours', branch: 'z9hG4bKours' };

function read(spelling: Partial<Spelling> = {}, source = SOURCE): Subscription | undefined {
  return parseSubscription(subscribe({ ...SOURCE, ...spelling }), source);
}

describe('A SUBSCRIBE for plug and play', () => {
  it('names the MAC in every spelling that phones use', () => {
    for (const user of [
      'MAC%3a001565F4F9E1',
      'MAC%3A001565f4f9e1',
      'MAC001565f4f9e1',
      'MAC:001565F4F9E1',
      'MAC=001565f4f9e1',
      'mac%3a00%3a15%3a65%3af4%3af9%3ae1',
    ])
      expect(read({ user })?.phone.mac, user).to.equal('001565f4f9e1');
  });

  it('may name no MAC, or a placeholder', () => {
    for (const user of ['00000001', 'MAC', 'MAC%3a000000000000', 'MAC%3aNOT-A-MAC-AT', ''])
      expect(read({ user })?.phone.mac, user).to.equal(null);
  });

  it('says maker, model and version, as far as it does', () => {
    expect(read()?.phone).to.include({ vendor: 'acme', model: 'A1', version: '1.2.3', address: '10.1.3.239' });
    expect(read({ event: 'ua-profile' })?.phone).to.include({ vendor: null, model: null, version: null });
    expect(read({ event: 'ua-profile; profile-type=application ;model="A B;C"; version=' })?.phone).to.include({
      model: 'A B;C',
      version: null,
    });
  });

  it('may have short header names, folded lines and bare line feeds', () => {
    const text = subscribe(SOURCE).toString();
    const short = text
      .replace('Via:', 'v:')
      .replace('From:', 'f:')
      .replace('To:', 't:')
      .replace('Call-ID:', 'i:')
      .replace('Event:', 'o:');
    for (const spelling of [short, text.replace(';model=', '\r\n ;model='), text.replaceAll('\r\n', '\n')])
      expect(parseSubscription(Buffer.from(spelling), SOURCE)?.phone).to.include({ mac: '001565aabbcc', model: 'A1' });
  });

  it('is nothing else', () => {
    for (const event of ['presence', 'ua-profiles', 'message-summary', 'check-sync', ''])
      expect(read({ event })).to.equal(undefined);
    for (const method of ['OPTIONS', 'REGISTER', 'INVITE', 'NOTIFY']) expect(read({ method })).to.equal(undefined);
    const text = subscribe(SOURCE).toString();
    for (const header of ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Event'])
      expect(
        parseSubscription(Buffer.from(text.replace(new RegExp(`^${header}:.*\r\n`, 'm'), '')), SOURCE),
        header,
      ).to.equal(undefined);
    expect(parseSubscription(Buffer.from(text.replace(/^To: .*/m, '$&;tag=1')), SOURCE), 'inside a dialog').to.equal(
      undefined,
    );
    expect(parseSubscription(Buffer.from(text.replace('SIP/2.0\r\n', 'SIP/3.0\r\n')), SOURCE)).to.equal(undefined);
  });

  it('never fails to be read, whatever the bytes are', () => {
    const text = subscribe(SOURCE).toString('latin1');
    const cut = fc.record({
      from: fc.nat(text.length),
      length: fc.nat(40),
      into: fc.string({ unit: 'binary', maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 4 }), (cuts) => {
        const mangled = cuts.reduce(
          (all, { from, length, into }) => all.slice(0, from) + into + all.slice(from + length),
          text,
        );
        const asked = parseSubscription(Buffer.from(mangled, 'latin1'), SOURCE);
        if (asked === undefined) return;
        const answers = [okTo(asked, OURS), notifyOf(asked, OURS, 'http://10.1.3.1/')].map(String);
        for (const answer of answers) expect(answer).to.not.match(/\0|\r(?!\n)|[^\r]\n/);
        expect(answerPort(asked)).to.be.within(1, 65_535);
        expect(asked.target.port).to.be.within(1, 65_535);
      }),
      runs(150),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseSubscription(Buffer.from(bytes), SOURCE)),
    );
  });

  it('is read in no time, however hostile', () => {
    const began = performance.now();
    for (const part of [';', ' ', ';a=', '"', 'sip:MAC', 'a;', '<', '\r\n ', ',', ';rport'])
      for (const event of [`ua-profile${part.repeat(4000)}`, `ua-profile;${part.repeat(1500)}`])
        read({ event, contact: part.repeat(2000), user: part.repeat(300) });
    expect(performance.now() - began).to.be.lessThan(500);
  });
});

describe('The answer to a SUBSCRIBE', () => {
  const ok = (asked: Subscription | undefined): string => (asked === undefined ? '' : okTo(asked, OURS).toString());

  it('says where it saw the phone', () => {
    expect(ok(read({ via: 'SIP/2.0/UDP 192.168.0.9:5060;rport' }))).to.include(
      'Via: SIP/2.0/UDP 192.168.0.9:5060;rport=5059;received=10.1.3.239\r\n',
    );
    expect(ok(read({ via: 'SIP/2.0/UDP 192.168.0.9;branch=b;rport;x=1, SIP/2.0/UDP 1.2.3.4;rport' }))).to.include(
      'Via: SIP/2.0/UDP 192.168.0.9;branch=b;rport=5059;x=1;received=10.1.3.239, SIP/2.0/UDP 1.2.3.4;rport\r\n',
    );
  });

  it('goes to the port in the Via, unless the phone wants the one that it asked from', () => {
    const port = (via: string): number | undefined => {
      const asked = read({ via });
      return asked && answerPort(asked);
    };
    expect(port('SIP/2.0/UDP 10.1.3.239:5080;branch=z9hG4bK1')).to.equal(5080);
    expect(port('SIP/2.0/UDP 10.1.3.239;branch=z9hG4bK1')).to.equal(5060);
    expect(port('SIP/2.0/UDP 10.1.3.239:5080;branch=z9hG4bK1;rport')).to.equal(5059);
    expect(port('SIP/2.0/UDP 10.1.3.239:99999')).to.equal(5059);
    expect(port('nonsense')).to.equal(5060);
  });
});

describe('The NOTIFY of plug and play', () => {
  it('is in the dialog, repeats the Event and holds the URL alone', () => {
    const asked = read({ contact: '<sip:MAC%3a001565aabbcc@10.1.3.239:5062>' });
    const [head = '', body] = (asked ? notifyOf(asked, OURS, 'http://10.1.3.1:8480/') : '')
      .toString()
      .split('\r\n\r\n');
    expect(body).to.equal('http://10.1.3.1:8480/');
    expect(head.split('\r\n')).to.include.members([
      'NOTIFY sip:MAC%3a001565aabbcc@10.1.3.239:5062 SIP/2.0',
      'From: <sip:MAC%3a001565aabbcc@224.0.1.75>;tag=ours',
      'To: <sip:MAC%3a001565aabbcc@224.0.1.75>;tag=1536537630',
      'Call-ID: 1536537630@10.1.3.239',
      'Event: ua-profile;profile-type="device";vendor="acme";model="A1";version="1.2.3"',
      'Subscription-State: terminated;reason=timeout',
      'Content-Type: application/url',
      'Content-Length: 21',
    ]);
  });

  it('goes to the Contact at the address that asked, and else back to where the request came from', () => {
    const target = (contact: string): Subscription['target'] | undefined => read({ contact })?.target;
    expect(target('<sip:10.1.3.239:5080>;expires=3')).to.deep.equal({ uri: 'sip:10.1.3.239:5080', port: 5080 });
    expect(target('sip:10.1.3.239')).to.deep.equal({ uri: 'sip:10.1.3.239', port: 5060 });
    expect(target('<sip:a@192.168.1.5:5060>')).to.deep.equal({ uri: 'sip:a@192.168.1.5:5060', port: 5059 });
    for (const unusable of ['', '*', '<sips:x>', 'mailto:a@b.c', '<sip:phone.local>', '<sip:10.1.3.239:5060\r\n X>'])
      expect(target(unusable), unusable).to.deep.equal({ uri: 'sip:10.1.3.239:5059', port: 5059 });
    expect(target('<sip:10.1.3.239:0>')?.port).to.equal(5059);
  });
});
