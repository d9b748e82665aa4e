import { expect } from 'chai';
import fc from 'fast-check';
import { encodePacket, parsePacket, type Packet } from '../../src/tftp/packet.ts';
import { runs } from '../support/runs.ts';

const bytesOf = (packet: Packet): Buffer => Buffer.concat(encodePacket(packet));
const asText = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));
const asName = asText.filter((text) => text !== '');
const asOptions = fc
  .array(
    fc.tuple(
      asName.map((name) => name.toLowerCase()),
      asText,
    ),
    { maxLength: 4 },
  )
  .map((all) => new Map(all));
const block = fc.nat({ max: 0xffff });

describe('A TFTP packet', () => {
  it('never fails to be read, whatever the bytes are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void parsePacket(Buffer.from(bytes))));
    const shaped = fc.tuple(fc.nat({ max: 7 }), fc.uint8Array({ maxLength: 100 }));
    fc.assert(
      fc.property(shaped, ([kind, rest]) => void parsePacket(Buffer.from([0, kind, ...rest]))),
      runs(200),
    );
  });

  it('says the same after it was sent and read', () => {
    const request = fc.record({
      kind: fc.constantFrom('read' as const, 'write' as const),
      name: asName,
      mode: asText.map((text) => text.toLowerCase()),
      options: asOptions,
    });
    const other: fc.Arbitrary<Packet> = fc.oneof(
      fc.record({
        kind: fc.constant('data' as const),
        block,
        body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      }),
      fc.record({ kind: fc.constant('ack' as const), block }),
      fc.record({ kind: fc.constant('error' as const), code: block, text: asText }),
      fc.record({ kind: fc.constant('options' as const), options: asOptions.filter((options) => options.size > 0) }),
    );
    fc.assert(
      fc.property(fc.oneof(request, other), (packet) => {
        expect(parsePacket(bytesOf(packet))).to.deep.equal(packet);
      }),
    );
  });

  it('is read as RFC 1350 and RFC 2347 draw it', () => {
    expect(parsePacket(Buffer.from('\0\u0001/y0.cfg\0OCTET\0BlkSize\x001428\0tsize\x000\0'))).to.deep.equal({
      kind: 'read',
      name: '/y0.cfg',
      mode: 'octet',
      options: new Map([
        ['blksize', '1428'],
        ['tsize', '0'],
      ]),
    });
    expect(bytesOf({ kind: 'ack', block: 258 })).to.deep.equal(Buffer.from([0, 4, 1, 2]));
    expect(bytesOf({ kind: 'error', code: 1, text: 'No' })).to.deep.equal(Buffer.from('\0\u0005\0\u0001No\0'));
  });

  it('is no request when the name or the mode is missing or not ended, or when it is far too long', () => {
    const requests = ['', 'a', 'a\0', 'a\0octet', '\0octet\0', `${'a'.repeat(1100)}\0octet\0`];
    for (const request of requests) expect(parsePacket(Buffer.from(`\0\u0001${request}`))).to.equal(undefined);
  });

  it('may be filled up with NULs', () => {
    const parsed = parsePacket(Buffer.from(`\0\u0001a\0octet\0${'\0'.repeat(20)}`));
    expect(parsed).to.deep.equal({ kind: 'read', name: 'a', mode: 'octet', options: new Map() });
  });
});
