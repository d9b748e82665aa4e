import { expect } from 'chai';
import { decide, MOST_OFFERS, STARTING_MS, type AdmissionFacts } from '../../src/domain/admission.ts';
import type { Device, Line } from '../../src/domain/device.ts';
import type { HandOver } from '../../src/domain/handOver.ts';
import { Secret } from '../../src/domain/secret.ts';

const NOW = 1_000_000;
const HOME = '10.0.0.7';
const NAT = '203.0.113.1';

const device: Device = {
  mac: '001565aabb01',
  tenantId: 'default',
  family: 'acme',
  model: null,
  firmware: null,
  ...{ number: 1001, serial: null, profileId: null, note: '', isBlocked: false },
  says: {},
  address: HOME,
  seenAt: 0,
  createdAt: 0,
  turnedAwayAt: null,
  turnedAwayFrom: null,
  movedAt: null,
};

const line: Line = {
  id: 'line',
  authUser: null,
  authId: 'auth',
  former: null,
  mac: device.mac,
  slot: 1,
  number: null,
  userId: null,
  endpoint: 'phone-1',
  authName: 'phone-1',
  secret: new Secret('s'),
  realm: '',
  md5Credential: '',
  token: new Secret('token'),
  address: HOME,
  servedAt: NOW,
  contact: null,
  contactCertain: false,
  disbelieved: null,
  leftBehind: [],
  announced: false,
  leftAt: null,
  createdAt: 0,
  askedAs: null,
  seenAs: null,
};
const users: Line = { ...line, userId: 'ann', endpoint: '1500' };

const handOver = (change: Partial<HandOver>): HandOver =>
  ({
    kind: 'assign',
    state: 'open',
    lineId: 'line',
    address: HOME,
    windowEndsAt: NOW + 1,
    previousToken: new Secret('earlier'),
    fetchedAt: null,
    ...change,
  }) as HandOver;

function asked(
  change: Partial<Omit<AdmissionFacts, 'claim'>> & { readonly token?: string; readonly from?: string },
): string {
  const { token, from = HOME, ...facts } = change;
  const claim = { token: token === undefined ? null : new Secret(token), address: from };
  const common = {
    now: NOW,
    trustedAddresses: 'private',
    isHome: false,
    mayEnrol: true,
    isExpected: false,
    factoryReset: 'refuse',
    device,
    lines: [line],
    handOvers: [],
  } as const;
  const admission = decide({ ...common, ...facts, claim });
  if (admission.kind === 'bootstrap')
    return `bootstrap ${admission.lines[0]?.id} by ${admission.proof ?? 'its address'}`;
  if (admission.kind === 'user_file') return `user's file by ${admission.proof}`;
  if (admission.kind === 'offer' && admission.insteadOf[0])
    return `another line instead of ${admission.insteadOf[0].id}`;
  if (admission.kind === 'offer') return admission.contested ? 'another line, contested' : 'another line';
  return admission.kind === 'refuse' ? admission.why : admission.kind;
}

describe('What a request for a device’s own file gets', () => {
  it('is a default line, for a phone that was never seen', () => {
    expect(asked({ device: undefined, lines: [] })).to.equal('enrol');
  });

  describe('when the device has no user', () => {
    it('is the line that its token was given out with, wherever it is now', () => {
      expect(asked({ token: 'token', from: NAT })).to.equal('bootstrap line by token');
    });

    it('is the same line again at a private address, however often and however late', () => {
      const old = { ...line, servedAt: 0, contact: 'sip:x@10.0.0.7' };
      expect(asked({ lines: [old] })).to.equal('bootstrap line by its address');
    });

    it('is, behind a public address, the same line again while the phone starts, and then a line of its own', () => {
      const at = (change: Partial<Line>): string => asked({ lines: [{ ...line, address: NAT, ...change }], from: NAT });
      expect(at({})).to.equal('bootstrap line by its address');
      expect(at({ contact: 'sip:x@203.0.113.1' })).to.equal('another line');
      expect(at({ servedAt: NOW - STARTING_MS })).to.equal('another line');
      const trusted = {
        lines: [{ ...line, address: NAT, contact: 'sip:x' }],
        from: NAT,
        trustedAddresses: 'any',
      } as const;
      expect(asked(trusted)).to.equal('bootstrap line by its address');
    });

    it('is another line at any other address, and that is told when the first one is in use', () => {
      expect(asked({ from: NAT })).to.equal('another line, contested');
      expect(asked({ from: NAT, lines: [{ ...line, servedAt: 0 }] })).to.equal('another line');
      expect(asked({ from: NAT, lines: [{ ...line, servedAt: 0, contact: 'sip:x' }] })).to.equal(
        'another line, contested',
      );
      expect(asked({ token: 'guessed', from: NAT })).to.equal('another line, contested');
    });

    it('is nothing when too many have asked, except for those who have a line', () => {
      const many = Array.from({ length: MOST_OFFERS }, (_, i) => ({
        ...line,
        id: String(i),
        token: new Secret(`token ${i}`),
        address: `10.0.1.${i}`,
        createdAt: NOW,
      }));
      expect(asked({ lines: many })).to.equal('crowded');
      const [first = line, ...others] = many;
      const long = { ...first, createdAt: NOW - STARTING_MS, servedAt: NOW - STARTING_MS };
      expect(asked({ lines: [long, ...others] })).to.equal('another line instead of 0');
      const used = { ...long, seenAs: { callId: '', address: NAT, viaAddress: NAT, viaPort: 5060, userAgent: '' } };
      expect(asked({ lines: [used, ...others] })).to.equal('crowded');
      expect(asked({ lines: many, from: '10.0.1.3' })).to.equal('bootstrap 3 by its address');
      expect(asked({ lines: many, token: 'token 5' })).to.equal('bootstrap 5 by token');
    });

    it('is, after a release, the new line for the token of the former user from where the phone was', () => {
      const released = handOver({ kind: 'release', address: NAT });
      const fresh = { ...line, address: NAT, servedAt: null };
      expect(asked({ token: 'earlier', from: NAT, handOvers: [released], lines: [fresh] })).to.equal(
        'bootstrap line by previous_token',
      );
      expect(asked({ token: 'earlier', from: '198.51.100.1', handOvers: [released], lines: [fresh] })).to.equal(
        'another line',
      );
    });

    it('is the new line after a release for a phone that was reset, as long as nobody has had it', () => {
      const released = handOver({ kind: 'release', address: HOME });
      expect(asked({ handOvers: [released], lines: [{ ...line, address: HOME, servedAt: null }] })).to.equal(
        'bootstrap line by its address',
      );
    });

    it('is, where nobody knows the place of the phone, the new line for who asks first; for its token alone, where a user comes back', () => {
      const handOvers = [handOver({ kind: 'release', address: null })];
      const away = { handOvers, lines: [{ ...line, address: null, servedAt: null }] };
      expect(asked(away)).to.equal('bootstrap line by its address');
      expect(asked({ ...away, isHome: true })).to.equal('another line');
      expect(asked({ ...away, isHome: true, token: 'earlier' })).to.equal('bootstrap line by previous_token');
    });

    it('is another line after a release for a neighbour behind the same public address', () => {
      const released = handOver({ kind: 'release', address: NAT });
      const fresh = { ...line, address: NAT, servedAt: null };
      expect(asked({ from: NAT, handOvers: [released], lines: [fresh] })).to.equal('another line');
    });
  });

  describe('when the device has a user', () => {
    const of = (change: Parameters<typeof asked>[0]): string => asked({ lines: [users], ...change });

    it('is the user’s file for the token of its line, and nothing without', () => {
      expect(of({ token: 'token', from: NAT })).to.equal("user's file by token");
      expect(of({})).to.equal('no_proof');
      expect(of({ token: 'guessed' })).to.equal('no_proof');
    });

    it('is the user’s file for the earlier token until the phone is back', () => {
      expect(of({ token: 'earlier', from: NAT, handOvers: [handOver({})] })).to.equal("user's file by previous_token");
      expect(of({ token: 'earlier', from: NAT, handOvers: [handOver({ state: 'failed' })] })).to.equal(
        "user's file by previous_token",
      );
      expect(of({ token: 'earlier', from: NAT, handOvers: [handOver({ state: 'done' })] })).to.equal('no_proof');
      expect(of({ token: 'earlier', from: NAT, handOvers: [handOver({ kind: 'release' })] })).to.equal('no_proof');
    });

    it('is the user’s file for the private address that the phone called from: for minutes, and once', () => {
      expect(of({ handOvers: [handOver({})] })).to.equal("user's file by hand_over_window");
      expect(of({ handOvers: [handOver({})], from: '10.0.0.8' })).to.equal('no_proof');
      expect(of({ handOvers: [handOver({})], now: NOW + 1 })).to.equal('no_proof');
      expect(of({ handOvers: [handOver({ fetchedAt: NOW })] })).to.equal('no_proof');
    });

    it('is nothing for a public address, behind which there are others, unless those are trusted', () => {
      const behind = { handOvers: [handOver({ address: NAT })], from: NAT };
      expect(of(behind)).to.equal('no_proof');
      expect(of({ ...behind, trustedAddresses: 'any' })).to.equal("user's file by hand_over_window");
    });
  });
});
