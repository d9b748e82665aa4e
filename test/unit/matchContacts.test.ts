import { expect } from 'chai';
import { matchContacts, type Candidate } from '../../src/domain/matchContacts.ts';
import type { Contact } from '../../src/domain/ports.ts';

const ANN = '001565aabb01';
const BOB = '001565aabb02';

function contact(uri: string, userAgent = 'Phone 1.0'): Contact {
  const address = /@([^:;]+)/.exec(uri)?.[1] ?? '';
  return { aor: '1500', uri, id: uri, userAgent, address };
}

function device(mac: string, address: string | null, known: string | null = null): Candidate {
  return { mac, address, contact: known };
}

function uris(contacts: readonly Contact[], candidates: readonly Candidate[]): Record<string, string> {
  return Object.fromEntries([...matchContacts(contacts, candidates)].map(([mac, { uri }]) => [mac, uri]));
}

describe('Whose registration it is, when phones share an extension', () => {
  const first = contact('sip:1500@10.0.0.1:5060');
  const second = contact('sip:1500@10.0.0.2:5060');

  it('is the device that was known with this contact', () => {
    expect(uris([first, second], [device(ANN, null, second.uri), device(BOB, null, first.uri)])).to.deep.equal({
      [ANN]: second.uri,
      [BOB]: first.uri,
    });
  });

  it('is the device whose MAC is in the User-Agent, in any spelling', () => {
    const named = contact('sip:1500@10.0.0.9:5060', 'Phone 1.0 00:15:65:AA:BB:02');
    expect(uris([named], [device(ANN, '10.0.0.9'), device(BOB, '10.0.0.9')])).to.include({ [BOB]: named.uri });
  });

  it('is the only device at its address', () => {
    expect(uris([first, second], [device(ANN, '10.0.0.2'), device(BOB, '10.0.0.1')])).to.deep.equal({
      [ANN]: second.uri,
      [BOB]: first.uri,
    });
  });

  it('is the only device that is left', () => {
    const elsewhere = contact('sip:1500@192.0.2.7:40000');
    expect(uris([elsewhere], [device(ANN, '10.0.0.1')])).to.deep.equal({ [ANN]: elsewhere.uri });
  });

  it('is not that of a device that had it before the other one had the line', () => {
    const old = contact('sip:1500@10.0.0.1:4000');
    const late = { ...device(BOB, '192.0.2.7'), notIts: [old.uri, first.uri] };
    expect(uris([old, first], [device(ANN, '10.0.0.1', first.uri), late])).to.deep.equal({ [ANN]: first.uri });
    const fresh = contact('sip:1500@198.51.100.9:5060');
    expect(uris([old, first, fresh], [device(ANN, '10.0.0.1', first.uri), late])).to.include({ [BOB]: fresh.uri });
  });

  it('stays open when two devices behind one address cannot be told apart', () => {
    const shared = contact('sip:1500@10.0.0.1:5061');
    expect(uris([shared], [device(ANN, '10.0.0.1'), device(BOB, '10.0.0.1')])).to.deep.equal({});
  });
});
