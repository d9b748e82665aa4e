import { expect } from 'chai';
import fc from 'fast-check';
import { isPlainContact, whereOf } from '../../src/domain/addresses.ts';

describe('A contact that a phone has written itself', () => {
  for (const uri of [
    'sip:1500@192.0.2.7:5060',
    'sips:1500@192.0.2.7',
    'sip:192.0.2.7:5060',
    'sip:1500-0x5581e0@192.0.2.7:43210;transport=tcp',
    'sip:1500@192.0.2.7:5060;x-ast-orig-host=192.168.7.7:5062',
    'sip:1500@192.0.2.7:5060;x-ast-orig-host=[2001:db8::7]:5062',
    'sip:1500@[2001:db8::7]:5060;transport=udp',
    'sip:1500@phone.example.com;line=q8z3;ob',
    'sip:a%20b@192.0.2.7:5060;rinstance=5d3f2c%7e',
    'SIP:1500@192.0.2.7;TRANSPORT=TCP',
    'sip:1500@192.0.2.7;notmaddr=1;maddress=2',
  ]) {
    it(`is plain when it is ${uri}`, () => expect(isPlainContact(uri)).to.equal(true));
  }

  for (const uri of [
    '',
    '1500',
    'tel:+49301234',
    'sip:',
    'sip:@192.0.2.7',
    'sip:1500@',
    'sip:1500@192.0.2.7;maddr=127.0.0.1',
    'sip:1500@192.0.2.7:5060;transport=tcp;MAddr=127.0.0.1',
    'sip:1500@192.0.2.7;m%61ddr=127.0.0.1',
    'sip:1500@192.0.2.7;%6D%41%44%44%52=127.0.0.1',
    'sip:1500@192.0.2.7;maddr',
    'sip:1500@192.0.2.7;maddr =127.0.0.1',
    'sip:1500@192.0.2.7;x=1; maddr=127.0.0.1',
    'sip:1500@192.0.2.7?X-Planted=1',
    'sip:1500@192.0.2.7;x=1?Route=%3Csip:127.0.0.1%3E',
    'sip:x?y@192.0.2.7',
    'sip:x,30,G(1)@192.0.2.7',
    'sip:1500@192.0.2.7,sip:1600@192.0.2.8',
    'sip:1500@192.0.2.7;x=y&PJSIP/1600',
    'sip:a&b@192.0.2.7',
    '<sip:1500@192.0.2.7>',
    'sip:1500@192.0.2.7>',
    'sip:1500@192.0.2.7\r\nX-Planted: 1',
    'sip:1500@192.0.2.7\n',
    'sip:15\u000000@192.0.2.7',
    'sip:1500@192.0.2.7\u007f',
    'sip:a@127.0.0.1@192.0.2.7',
    'sip:1500@192.0.2.7:5060:5061',
    'sip:1500@192.0.2.7%3bmaddr=127.0.0.1',
  ]) {
    it(`is not plain when it is ${JSON.stringify(uri)}`, () => expect(isPlainContact(uri)).to.equal(false));
  }

  it('is never plain with a character in it that means something to who lists, logs or sends it', () => {
    const piece = fc.string({
      unit: fc.constantFrom('a', '1', ';', '=', ':', '@', '%', '.', '[', ']', '-'),
      maxLength: 8,
    });
    const bad = fc.constantFrom(...`?,<>&"\\^{}| \t\r\n\u0000`);
    fc.assert(
      fc.property(piece, bad, piece, (before, character, after) => {
        expect(isPlainContact(`sip:1500@192.0.2.7${before}${character}${after}`)).to.equal(false);
        expect(isPlainContact(`sip:${before}${character}${after}@192.0.2.7`)).to.equal(false);
      }),
    );
  });

  it('is looked at in no time, however long it is', () => {
    const long = `sip:${'a'.repeat(60_000)}@192.0.2.7${';a=a'.repeat(20_000)}?`;
    const before = performance.now();
    expect(isPlainContact(long)).to.equal(false);
    expect(performance.now() - before).to.be.lessThan(500);
  });
});

describe('The place of a contact', () => {
  for (const [uri, place] of [
    ['sip:1500@192.0.2.7:43210;transport=TLS', '192.0.2.7:43210'],
    ['sip:1500@192.0.2.7', '192.0.2.7:5060'],
    ['sip:1500@192.0.2.7;ob;transport=tls', '192.0.2.7:5061'],
    ['sips:1500@[2001:db8::7]', '2001:db8::7:5061'],
    ['sip:a;transport=tls@192.0.2.7', '192.0.2.7:5060'],
    ['sip:1500@192.0.2.7;transport=tls-like', '192.0.2.7:5060'],
  ] as const) {
    it(`is ${place} for ${uri}`, () => expect(whereOf(uri)).to.equal(place));
  }
});
