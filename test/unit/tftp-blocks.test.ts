import { expect } from 'chai';
import fc from 'fast-check';
import { negotiateOptions } from '../../src/tftp/negotiateOptions.ts';
import { blocksOf } from '../../src/tftp/blocks.ts';
import { toNetascii } from '../../src/tftp/netascii.ts';
import type { Packet } from '../../src/tftp/packet.ts';
import { randomBytes, seeded } from '../support/random.ts';

const ask = (options: Readonly<Record<string, number | string>>, size = 3000): ReturnType<typeof negotiateOptions> =>
  negotiateOptions(new Map(Object.entries(options).map(([name, value]) => [name, String(value)])), size);
const numbers = (packets: readonly Packet[] | undefined): readonly (number | string)[] | undefined =>
  packets?.map((packet) => (packet.kind === 'data' ? packet.block : packet.kind));

describe('The options of a TFTP request', () => {
  it('need no confirmation when there are none', () => {
    expect(ask({})).to.include({ blockSize: 512, windowSize: 1, confirm: undefined });
  });

  it('are confirmed as far as they are understood', () => {
    const { confirm, blockSize, windowSize, repeatAfter } = ask({
      blksize: 1428,
      tsize: 0,
      timeout: 3,
      windowsize: 8,
      x: 1,
    });
    expect({ blockSize, windowSize, repeatAfter }).to.deep.equal({ blockSize: 1428, windowSize: 8, repeatAfter: 3000 });
    expect(Object.fromEntries(confirm ?? [])).to.deep.equal({
      blksize: '1428',
      tsize: '3000',
      timeout: '3',
      windowsize: '8',
    });
  });

  it('are passed over when they are out of range', () => {
    for (const blksize of [7, 65_465, -1, '1e3', '', '999999999999999'])
      expect(ask({ blksize }).confirm).to.equal(undefined);
    for (const windowsize of [0, 65_536, 'x']) expect(ask({ windowsize }).confirm).to.equal(undefined);
    for (const timeout of [0, 256]) expect(ask({ timeout }).confirm).to.equal(undefined);
  });

  it('never make more than 128 KiB go out at once', () => {
    expect(ask({ windowsize: 65_535 }).windowSize).to.equal(64);
    expect(ask({ windowsize: 64, blksize: 65_464 }).windowSize).to.equal(2);
  });
});

describe('The blocks of a file', () => {
  it('are followed by an empty one when the size is a multiple', () => {
    const blocks = blocksOf(Buffer.alloc(1024), ask({}));
    expect(numbers(blocks.pending())).to.deep.equal([1]);
    expect(numbers(blocks.acknowledged(1))).to.deep.equal([2]);
    const [last] = blocks.acknowledged(2) ?? [];
    expect(last).to.deep.equal({ kind: 'data', block: 3, body: Buffer.alloc(0) });
    expect(blocks.isDone()).to.equal(false);
    expect(numbers(blocks.acknowledged(3))).to.deep.equal([]);
    expect(blocks.isDone()).to.equal(true);
  });

  it('are not copied', () => {
    const file = randomBytes(2000, 1);
    const [first] = blocksOf(file, ask({})).pending();
    expect(first?.kind === 'data' && first.body.buffer === file.buffer).to.equal(true);
  });

  it('are sent once, however often the one before is acknowledged', () => {
    const blocks = blocksOf(Buffer.alloc(2000), ask({}));
    blocks.pending();
    expect(numbers(blocks.acknowledged(1))).to.deep.equal([2]);
    for (let times = 0; times < 5; times++) expect(blocks.acknowledged(1)).to.equal(undefined);
  });

  it('ignore acknowledgements of what was not sent', () => {
    const blocks = blocksOf(Buffer.alloc(5000), ask({}));
    blocks.pending();
    for (const never of [2, 3, 100, 65_535]) expect(blocks.acknowledged(never)).to.equal(undefined);
  });

  it('wait until the options are acknowledged', () => {
    const blocks = blocksOf(Buffer.alloc(5000), ask({ windowsize: 3 }));
    expect(numbers(blocks.pending())).to.deep.equal(['options']);
    expect(blocks.acknowledged(1)).to.equal(undefined);
    expect(numbers(blocks.acknowledged(0))).to.deep.equal([1, 2, 3]);
  });

  it('go on after the last one that has come when part of a window is lost', () => {
    const blocks = blocksOf(Buffer.alloc(10_000), ask({ windowsize: 4 }));
    blocks.pending();
    blocks.acknowledged(0);
    expect(numbers(blocks.acknowledged(2))).to.deep.equal([3, 4, 5, 6]);
    expect(blocks.acknowledged(2)).to.equal(undefined);
    expect(numbers(blocks.acknowledged(6))).to.deep.equal([7, 8, 9, 10]);
    expect(numbers(blocks.acknowledged(6))).to.deep.equal([7, 8, 9, 10]);
    expect(blocks.acknowledged(6)).to.equal(undefined);
  });

  it('go on from 0 after 65535', () => {
    const blocks = blocksOf(Buffer.alloc(8 * 65_540), ask({ blksize: 8, windowsize: 64 }));
    blocks.pending();
    let next = blocks.acknowledged(0) ?? [];
    let block = 0;
    while (block < 65_536) {
      block += next.length;
      next = blocks.acknowledged(block & 0xffff) ?? [];
    }
    expect(numbers(next)).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('bring the file over, whatever is lost, repeated or late on the way', () => {
    const asked = fc.record({ blksize: fc.integer({ min: 8, max: 40 }), windowsize: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.nat({ max: 700 }), fc.option(asked, { nil: {} }), fc.integer(), (size, options, seed) => {
        const file = randomBytes(size, seed);
        expect(overBadLine(file, ask(options, size), seed)).to.deep.equal(file);
      }),
    );
  });
});

/** A receiver after RFC 1350 and 7440, behind a line that loses, doubles and delays one packet in five each. */
function overBadLine(file: Buffer, negotiated: ReturnType<typeof negotiateOptions>, seed: number): Buffer {
  const random = seeded(seed);
  const blocks = blocksOf(file, negotiated);
  const bodies: Buffer[] = [];
  let late: number[] = [];
  let sinceAck = 0;

  function receive(packet: Packet): readonly number[] {
    if (packet.kind === 'options') return [0];
    if (packet.kind !== 'data') return [];
    if (packet.block !== ((bodies.length + 1) & 0xffff)) return [bodies.length & 0xffff];
    bodies.push(packet.body);
    sinceAck = (sinceAck + 1) % negotiated.windowSize;
    return sinceAck === 0 || packet.body.length < negotiated.blockSize ? [packet.block] : [];
  }

  for (let rounds = 0; !blocks.isDone(); rounds++) {
    if (rounds > 20_000) throw new Error('it does not come to an end');
    let flying = blocks.pending();
    while (flying.length > 0 && !blocks.isDone()) {
      const acks = [...late, ...flying.flatMap((packet) => (random() < 0.2 ? [] : receive(packet)))];
      late = acks.filter(() => random() < 0.2);
      flying = acks.flatMap((ack) => (random() < 0.2 || blocks.isDone() ? [] : (blocks.acknowledged(ack) ?? [])));
    }
  }
  return Buffer.concat(bodies);
}

describe('Netascii', () => {
  it('ends lines with CR LF and marks a bare CR', () => {
    expect(toNetascii(Buffer.from('a\nb\r\nc\rd')).toString()).to.equal('a\r\nb\r\0\r\nc\r\0d');
  });

  it('leaves every other byte as it is', () => {
    const bytes = Buffer.from(
      Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10 && byte !== 13),
    );
    expect(toNetascii(bytes)).to.deep.equal(bytes);
  });
});
