import { expect } from 'chai';
import { adoptedFile } from '../../src/asterisk/configFiles/adopted.ts';
import {
  isOurs,
  mostSlots,
  othersAuths,
  slotNames,
  whyNotAdoptable,
  type EndpointFacts,
} from '../../src/domain/adoption.ts';

const facts: EndpointFacts = {
  ...{ name: '1004', auths: ['1004'], aors: ['1004'], identifyBy: ['username', 'ip'] },
  ...{ context: 'internal', callerName: 'Daniel', mostContacts: 20, foreignSlots: [] },
};

describe('What is added to an endpoint of the administrator’s own', () => {
  it('keeps its own credentials first, and has one for each phone that may come', () => {
    const text = adoptedFile([{ name: '1004', auths: ['1004', 'spare'], slots: 2, realm: 'asterisk' }]);
    expect(text).to.contain('[1004](+type=endpoint)\nauth = 1004,spare,1004-s1,1004-s2\n');
    expect(text).to.match(
      /^\[1004-s1\]\ntype = auth\nauth_type = md5\nusername = 1004-s1\nrealm = asterisk\nmd5_cred = [0-9a-f]{32}$/m,
    );
  });

  it('adds to something that means nothing where the endpoint has gone: else Asterisk would refuse every endpoint', () => {
    const text = adoptedFile([{ name: '1004', auths: ['1004'], slots: 1, realm: 'asterisk' }]);
    expect(text.indexOf('[1004]\ntype = selfprov-no-endpoint\n')).to.be.within(
      0,
      text.indexOf('[1004](+type=endpoint)'),
    );
  });

  it('is nothing that would mean something else to Asterisk', () => {
    for (const name of ['1004]\n[evil', 'a;b', ''])
      expect(() => adoptedFile([{ name, auths: [], slots: 1, realm: 'asterisk' }]), name).to.throw('cannot be');
    expect(() => adoptedFile([{ name: '1', auths: [], slots: 1, realm: 'a\nb' }])).to.throw('cannot be');
  });
});

describe('An endpoint that Asterisk has', () => {
  it('can be adopted where phones register at it, again with the slots that it has', () => {
    expect(whyNotAdoptable(facts)).to.equal(undefined);
    const again = { ...facts, auths: ['1004', '1004-s1', '1004-s2'] };
    expect(whyNotAdoptable(again)).to.equal(undefined);
    expect(othersAuths(again)).to.deep.equal(['1004']);
  });

  it('cannot where it is a trunk, has an AOR of another name, or is selfprov’s own', () => {
    expect(whyNotAdoptable({ ...facts, auths: [] })).to.contain('trunk');
    expect(whyNotAdoptable({ ...facts, aors: ['desk'] })).to.contain('desk');
    expect(whyNotAdoptable({ ...facts, auths: ['1004-001565aabbcc'] })).to.contain('selfprov');
    expect(whyNotAdoptable({ ...facts, identifyBy: ['ip'] })).to.contain('identify_by');
  });

  it('cannot where a credential of the site has the name of a slot, or one that no list can have', () => {
    expect(whyNotAdoptable({ ...facts, foreignSlots: ['1004-s2'] })).to.contain('1004-s2');
    expect(othersAuths({ ...facts, auths: ['1004-s1'], foreignSlots: ['1004-s1'] })).to.deep.equal(['1004-s1']);
    expect(whyNotAdoptable({ ...facts, auths: ['1040 auth'] })).to.contain('1040 auth');
  });

  it('has so many slots that Asterisk says the list of its credentials whole', () => {
    for (const name of ['1004', 'front-door', 'a-very-long-name-of-a-door-at-the-back']) {
      const most = mostSlots(name, [name]);
      expect([name, ...slotNames(name, most)].join(',').length).to.be.at.most(127);
      expect([name, ...slotNames(name, most + 1)].join(',').length).to.be.greaterThan(127);
    }
  });

  it('is told from those that selfprov has told Asterisk of', () => {
    expect(isOurs({ name: '1500', auths: ['1500-001565aabbcc'] })).to.equal(true);
    expect(isOurs({ name: 'phone-001565aabbcc-1a2b3c', auths: ['phone-001565aabbcc-1a2b3c'] })).to.equal(true);
    expect(isOurs({ name: '1004', auths: ['1004', '1004-001565aabbcc'] })).to.equal(false);
  });

  it('is told from those also where Asterisk says a beginning of the list only', () => {
    const all = Array.from({ length: 9 }, (_, at) => [`1500-001565aabb0${at}`, `1500-001565aabb0${at}-2`]).flat();
    // Longer and longer names: the cut goes through each part of one.
    for (let extension = 1; extension <= 20; extension++) {
      const name = '1'.repeat(extension);
      const shown = cutOff(all.map((auth) => auth.replace('1500', name)));
      expect(isOurs({ name, auths: shown }), shown.at(-1) ?? '').to.equal(true);
      expect(isOurs({ name, auths: cutOff([name, ...all]) })).to.equal(false);
    }
    expect(isOurs({ name: '1500', auths: ['1500-001565aabb00', '1500-0015'] })).to.equal(false);
  });
});

/** As Asterisk says it. */
function cutOff(auths: readonly string[]): readonly string[] {
  return auths.join(',').slice(0, 127).split(',').filter(Boolean);
}
