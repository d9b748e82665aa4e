import { expect } from 'chai';
import { whereOf } from '../../src/domain/addresses.ts';
import {
  currentOf,
  standing,
  ownersOf,
  type Candidate,
  type Contact,
  type Identity,
} from '../../src/domain/registrations.ts';

const ANN = '001565aabb01';
const BOB = '001565aabb02';
const OFFICE = '203.0.113.9';

const ANNS: Identity = {
  callId: 'ann-1',
  address: OFFICE,
  viaAddress: '192.168.1.11',
  viaPort: 5060,
  userAgent: 'Phone 1.0',
};
const BOBS: Identity = { ...ANNS, callId: 'bob-1', viaAddress: '192.168.1.12' };

let made = 0;
function contact(identity: Identity, change: Partial<Contact> = {}): Contact {
  const uri = `sip:1500@${identity.address}:${40_000 + made++}`;
  return { ...identity, aor: '1500', uri, id: uri, expiresAt: 1000, ...change };
}

function phone(mac: string, seenAs: Identity | null, change: Partial<Candidate> = {}): Candidate {
  return { key: mac, mac, seenAs, fetchedFrom: seenAs?.address ?? null, notIts: [], amongOthers: false, ...change };
}

const ownerOf = (of: Contact, ...candidates: readonly Candidate[]) => ownersOf([of], candidates).get(of);

describe('Whose registration it is, when phones share an extension', () => {
  const both = [phone(ANN, ANNS), phone(BOB, BOBS)];

  it('is the phone whose MAC is in the User-Agent, in any spelling, whatever else speaks against it', () => {
    const its = contact({ ...ANNS, userAgent: 'Phone 1.0 00:15:65:AA:BB:02' });
    expect(ownerOf(its, ...both)).to.include({ key: BOB, certain: true });
  });

  it('is the phone that has not restarted since: its router gave it another port, or another address', () => {
    const moved = contact({ ...ANNS, address: '198.51.100.1', viaPort: 6000 });
    expect(ownerOf(moved, ...both)).to.include({ key: ANN, certain: true });
  });

  it('is the phone with this address on its own network, after a restart, from whatever port', () => {
    for (const viaPort of [5060, 50_123]) {
      const restarted = contact({ ...BOBS, callId: 'bob-2', viaPort });
      expect(ownerOf(restarted, ...both)).to.include({ key: BOB, certain: true });
    }
  });

  it('is told apart by the port where two have one address', () => {
    const [one, other] = [phone(ANN, ANNS), phone(BOB, { ...ANNS, callId: 'bob-1', viaPort: 5070 })];
    const restarted = contact({ ...ANNS, callId: 'new', viaPort: 5070 });
    expect(ownerOf(restarted, one, other)).to.include({ key: BOB, certain: true });
  });

  it('is nobody’s when two have one address and both came back from another port', () => {
    const [one, other] = [phone(ANN, ANNS), phone(BOB, { ...ANNS, callId: 'bob-1', viaPort: 5070 })];
    expect(ownerOf(contact({ ...ANNS, callId: 'new', viaPort: 5080 }), one, other)).to.equal(undefined);
  });

  it('is nobody’s when it looks like neither and both are behind this address', () => {
    const strange = contact({ ...ANNS, callId: 'new', viaAddress: '192.168.1.99' });
    expect(ownerOf(strange, ...both)).to.equal(undefined);
  });

  it('is not given to the one phone that is known, when little is known of the other', () => {
    const unknown = phone(BOB, null, { fetchedFrom: OFFICE });
    expect(ownerOf(contact({ ...ANNS, callId: 'new', viaPort: 6000 }), phone(ANN, ANNS), unknown)).to.equal(undefined);
  });

  it('is likely, but not certainly, that of the only phone that fetched from there', () => {
    const athome = phone(BOB, null, { fetchedFrom: '198.51.100.7' });
    const its = contact({ ...BOBS, callId: 'new', address: '198.51.100.7', userAgent: 'Other 2.0' });
    expect(ownerOf(its, phone(ANN, ANNS), athome)).to.include({ key: BOB, certain: false });
  });

  it('is the only phone’s, wherever it comes from', () => {
    const elsewhere = contact({ ...BOBS, address: '198.51.100.1', userAgent: 'Other' });
    expect(ownerOf(elsewhere, phone(ANN, ANNS))).to.include({ key: ANN, certain: true });
  });

  it('is not that of a phone that got the line later', () => {
    const old = contact({ ...ANNS, callId: 'new' });
    const late = phone(BOB, { ...ANNS, callId: 'bob-1' }, { notIts: [standing(old)] });
    expect(ownerOf(old, late, phone(ANN, BOBS))).to.include({ key: ANN, certain: true });
    expect(ownerOf(old, phone(BOB, BOBS, { notIts: null }))).to.equal(undefined);
  });

  it('is, of what one phone has now and what it had, what it has now', () => {
    const its = contact({ ...ANNS, callId: 'new' });
    const now = phone(ANN, ANNS, { key: 'now' });
    const before = phone(ANN, ANNS, { key: 'before' });
    expect(ownerOf(its, now, before, phone(BOB, BOBS))).to.include({ key: 'now', certain: true });
    const left = phone(ANN, ANNS, { key: 'now', notIts: [standing(its)] });
    expect(ownerOf(its, left, before, phone(BOB, BOBS))).to.include({ key: 'before', certain: true });
    const renewed = { ...its, expiresAt: its.expiresAt + 60_000 };
    expect(ownerOf(renewed, left, before, phone(BOB, BOBS))).to.include({ key: 'now', certain: true });
  });

  it('is likely that of the one that has no other, renewed since', () => {
    const known = contact(ANNS, { expiresAt: 2000 });
    const strange = contact({ ...ANNS, callId: 'new', viaAddress: '192.168.1.99' }, { expiresAt: 1999 });
    const candidates = [phone(ANN, ANNS), phone(BOB, null, { fetchedFrom: OFFICE })];
    expect(ownersOf([known, strange], candidates).get(strange)).to.include({ key: BOB, certain: false });
    const renewed = { ...strange, expiresAt: 2001 };
    expect(ownersOf([known, renewed], candidates).get(renewed)).to.equal(undefined);
  });

  describe('of several of one phone', () => {
    const [old, fresh] = [contact(ANNS, { expiresAt: 1000 }), contact(ANNS, { expiresAt: 2000 })];
    const known = { places: [], all: [], known: old.uri, isWatched: false };
    const places = [whereOf(old.uri), whereOf(fresh.uri)];

    it('is the one that ends last, where it is not known what has happened meanwhile', () => {
      expect(currentOf([old, fresh], known)).to.equal(fresh);
      expect(currentOf([], known)).to.equal(undefined);
    });

    it('is the one that was heard of last, whatever it ends', () => {
      for (const expiresAt of [old.expiresAt - 500, old.expiresAt, old.expiresAt + 500]) {
        const last = { ...fresh, expiresAt };
        for (const both of [
          [old, last],
          [last, old],
        ]) {
          expect(currentOf(both, { ...known, places })).to.equal(last);
          expect(currentOf(both, { ...known, known: last.uri, isWatched: true })).to.equal(last);
        }
      }
    });

    it('is not the one at a place where another phone was heard since: their router has swapped their ports', () => {
      const here = contact(ANNS, { expiresAt: 1000 });
      const there = contact(ANNS, { expiresAt: 5000, uri: `${here.uri.split('@')[0]}@${OFFICE}:40099` });
      const bobs = contact(BOBS, { expiresAt: 5000, uri: here.uri });
      const heard = { places: [whereOf(there.uri), whereOf(here.uri)], all: [here, there, bobs] };
      expect(currentOf([here, there], { ...heard, known: here.uri, isWatched: true })).to.equal(there);
    });

    it('is the known one when both end in the same second and nothing was heard', () => {
      const inTheSameSecond = { ...fresh, expiresAt: old.expiresAt };
      expect(currentOf([inTheSameSecond, old], known)).to.equal(old);
      expect(currentOf([old, inTheSameSecond], known)).to.equal(old);
    });
  });

  describe('where phones that are not ours register as the same endpoint', () => {
    const its = phone(ANN, ANNS, { amongOthers: true });

    it('is one of ours only if it shows so: nobody else being known is no reason', () => {
      const strange = contact({ ...BOBS, address: '198.51.100.1', userAgent: 'Other 1.0' });
      expect(ownerOf(strange, its)).to.equal(undefined);
      expect(ownerOf(strange, phone(ANN, ANNS))).to.include({ key: ANN });
    });

    it('is ours by what it showed before, and by its own network address', () => {
      expect(ownerOf(contact(ANNS), its)).to.include({ key: ANN, certain: true });
      const restarted = contact({ ...ANNS, callId: 'ann-2', viaPort: 50_123 });
      expect(ownerOf(restarted, its)).to.include({ key: ANN, certain: true });
    });

    it('is ours at the very host that has had the file, and nobody’s behind the same router', () => {
      const never = phone(ANN, null, { fetchedFrom: '10.0.0.7', amongOthers: true });
      const host = { ...BOBS, address: '10.0.0.7', viaAddress: '10.0.0.7' };
      expect(ownerOf(contact(host), never)).to.include({ key: ANN, certain: true });
      expect(ownerOf(contact({ ...host, viaAddress: '192.168.1.30' }), never)).to.equal(undefined);
    });
  });
});
