import { expect } from 'chai';
import { atAsterisk } from '../../src/domain/addresses.ts';
import { nextOf, whyNotTold, type Sync, type SyncFacts, type SyncPhone } from '../../src/domain/sync.ts';
import { countsOf, itemAfter, type SyncItem, type SyncItemEvent } from '../../src/domain/syncItem.ts';

const MINUTE = 60_000;

const started: Sync = {
  id: 7,
  tenantId: 'default',
  actor: 'cli:root',
  what: 'all',
  mac: null,
  rotates: false,
  reboots: false,
  state: 'running',
  perMinute: 60,
  perAddress: 100,
  canary: 0,
  mostLost: 1,
  canaryWithin: 15 * MINUTE,
  backWithin: 10 * MINUTE,
  canaryPassedAt: null,
  startedAt: 0,
  endedAt: null,
};

const waiting = (at: number): SyncItem => ({
  syncId: 7,
  mac: `00156500000${at}`,
  position: at,
  state: 'waiting',
  isCanary: false,
  lineId: null,
  address: null,
  isSent: false,
  mark: null,
  expiresAt: null,
  why: null,
  toldAt: null,
  fetchedAt: null,
  registeredAt: null,
  endedAt: null,
});

/** A registered phone at an address of its own, or at this one. */
const phoneAt = (at: number, address = `10.0.0.${at}`): SyncPhone => ({
  isHandedOver: false,
  lines: [{ id: `line-${at}`, contact: `sip:x@${address}:5060`, contactCertain: true }],
});

interface Course {
  sync: Sync;
  items: readonly SyncItem[];
  readonly phones: Map<string, SyncPhone>;
  readonly told: { readonly at: number; readonly mac: string }[];
  readonly steps: string[];
  heardSince: number | null;
  /** Missing for the only Asterisk there is. */
  silent?: readonly string[];
  toldElsewhere: readonly (string | null)[];
}

function courseOf(count: number, change: Partial<Sync> = {}, address?: string): Course {
  const items = Array.from({ length: count }, (_, at) => waiting(at));
  const phones = new Map(items.map(({ mac }, at) => [mac, phoneAt(at, address)]));
  return { sync: { ...started, ...change }, items, phones, told: [], steps: [], heardSince: 0, toldElsewhere: [] };
}

/** One look, at a second. */
function look(course: Course, second: number): void {
  const { sync, items, phones, heardSince, toldElsewhere } = course;
  const silent = course.silent ?? (heardSince === null ? [null] : []);
  const facts: SyncFacts = { sync, items, phones, silent, heardSince, toldElsewhere, now: second * 1000 };
  const move = nextOf(facts);
  const changed = new Map(move.items.map((item) => [item.mac, item]));
  course.sync = move.sync;
  course.items = items.map((item) => changed.get(item.mac) ?? item);
  course.told.push(...move.tell.map(({ mac }) => ({ at: second, mac })));
  course.steps.push(...move.journal.map(({ step }) => step));
}

function happens(course: Course, at: number, second: number, ...events: readonly SyncItemEvent[]): void {
  course.items = course.items.map((item) =>
    item.position === at ? events.reduce((each, event) => itemAfter(each, event, second * 1000), item) : item,
  );
}

const seen = (mark: string, expiresAt = 0): SyncItemEvent => ({ kind: 'registered', mark, expiresAt });
const SENT: readonly SyncItemEvent[] = [seen('old'), { kind: 'sent' }];
const FETCHED: SyncItemEvent = { kind: 'fetched', at: 5000 };
const BACK = [FETCHED, seen('new')];
const states = ({ items }: Course): readonly string[] => items.map(({ state }) => state);

describe('A sync', () => {
  it('tells evenly, and never more within a minute than is said', () => {
    const course = courseOf(9, { perMinute: 3 });
    for (let second = 0; second < 180; second++) look(course, second);
    expect(course.told.map(({ at }) => at)).to.deep.equal([0, 20, 40, 60, 80, 100, 120, 140, 160]);
  });

  it('tells several at a look when the pace asks for it', () => {
    const course = courseOf(9, { perMinute: 180 });
    for (let second = 0; second < 3; second++) look(course, second);
    expect(course.told.map(({ at }) => at)).to.deep.equal([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it('goes on at the other Asterisks while one is away, and says of nobody that it is nowhere', () => {
    const course = courseOf(3, { perMinute: 600 });
    const at = (asterisk: string): SyncPhone => ({
      isHandedOver: false,
      lines: [{ id: 'its', contact: atAsterisk(asterisk, 'sip:x@10.0.0.1:5060'), contactCertain: true }],
    });
    const [one = '', other = '', nowhere = ''] = course.items.map(({ mac }) => mac);
    course.phones.set(one, at('a')).set(other, at('b')).set(nowhere, { isHandedOver: false, lines: [] });
    Object.assign(course, { heardSince: null, silent: ['b'] });
    look(course, 0);
    expect(states(course)).to.deep.equal(['told', 'waiting', 'waiting']);
    Object.assign(course, { heardSince: 60_000, silent: [] });
    look(course, 60);
    expect(states(course)).to.deep.equal(['told', 'told', 'by_itself']);
  });

  it('does not make up for the time in which nobody looked', () => {
    const course = courseOf(9);
    look(course, 0);
    look(course, 30);
    expect(course.told).to.have.length(2);
  });

  it('lets few behind one address restart at a time, whoever has told them, and others meanwhile', () => {
    const course = courseOf(6, { perAddress: 2, perMinute: 600 }, '198.51.100.1');
    course.phones.set('001565000005', phoneAt(5));
    look(course, 0);
    look(course, 30);
    expect(course.told.map(({ mac }) => mac.at(-1))).to.deep.equal(['0', '1', '5']);
    look(course, 60);
    expect(course.told).to.have.length(5);
    const other = courseOf(1, { perAddress: 2 }, '198.51.100.1');
    other.toldElsewhere = ['198.51.100.1', '198.51.100.1'];
    look(other, 0);
    expect(other.told).to.deep.equal([]);
  });

  it('does not leave to itself whose password is to be another, while it is being handed over', () => {
    const course = courseOf(2, { rotates: true, perMinute: 600 });
    course.phones.set('001565000000', { ...phoneAt(0), isHandedOver: true });
    look(course, 0);
    look(course, 30);
    expect(states(course)).to.deep.equal(['waiting', 'told']);
    course.phones.set('001565000000', phoneAt(0));
    look(course, 60);
    expect(states(course)).to.deep.equal(['told', 'told']);
  });

  it('leaves to themselves those that cannot be told when it is their turn, and says why', () => {
    const course = courseOf(5);
    const [line] = phoneAt(1).lines;
    course.phones.set('001565000000', { isHandedOver: true, lines: line === undefined ? [] : [line] });
    course.phones.set('001565000001', {
      isHandedOver: false,
      lines: [{ id: 'x', contact: null, contactCertain: false }],
    });
    course.phones.set('001565000002', {
      isHandedOver: false,
      lines: [{ id: 'x', contact: 'sip:a@b', contactCertain: false }],
    });
    course.phones.delete('001565000003');
    look(course, 0);
    expect(course.items.map(({ why }) => why)).to.deep.equal([
      'it is being handed over, and told by that',
      'it is not registered',
      'its registration may be another phone’s',
      'it has been removed',
      null,
    ]);
    expect(states(course)).to.deep.equal(['by_itself', 'by_itself', 'by_itself', 'by_itself', 'told']);
    expect(whyNotTold(phoneAt(1))).to.equal(undefined);
  });

  it('writes little at one look: of many that cannot be told some are left for the next', () => {
    const course = courseOf(300);
    course.phones.clear();
    look(course, 0);
    expect(countsOf(course.items)).to.include({ by_itself: 200, waiting: 100 });
    look(course, 1);
    expect(course.sync.state).to.equal('done');
  });

  it('is done when all are back, lost or by themselves', () => {
    const course = courseOf(2);
    look(course, 0);
    look(course, 1);
    for (const at of [0, 1]) happens(course, at, 2, ...SENT);
    happens(course, 0, 30, ...BACK);
    look(course, 599);
    expect(course.sync.state).to.equal('running');
    look(course, 601);
    expect(course.sync).to.include({ state: 'done', endedAt: 601_000 });
    expect(states(course)).to.deep.equal(['back', 'lost']);
    expect(course.steps).to.deep.equal(['sync_done']);
  });

  it('tells nobody while it is paused, and nobody while Asterisk cannot be asked', () => {
    const paused = courseOf(1, { state: 'paused' });
    look(paused, 0);
    const away = courseOf(1);
    away.heardSince = null;
    look(away, 0);
    expect([...paused.told, ...away.told]).to.deep.equal([]);
  });

  it('calls nobody lost for a time in which nobody could have heard of it', () => {
    const course = courseOf(1);
    look(course, 0);
    happens(course, 0, 1, ...SENT);
    course.heardSince = null;
    look(course, 900);
    course.heardSince = 900_000;
    look(course, 1499);
    expect(states(course)).to.deep.equal(['told']);
    look(course, 1500);
    expect(states(course)).to.deep.equal(['lost']);
  });

  it('waits for nobody longer because the clock of an earlier process was ahead', () => {
    const course = courseOf(2);
    look(course, 5000);
    happens(course, 0, 5001, ...SENT);
    course.heardSince = 0;
    look(course, 10);
    expect(course.told).to.have.length(2);
    look(course, 600);
    expect(states(course)[0]).to.equal('lost');
  });

  it('leaves a device to itself whose line has ended after it was told', () => {
    const course = courseOf(1);
    look(course, 0);
    course.phones.set('001565000000', phoneAt(5));
    look(course, 1);
    expect(course.items[0]).to.include({ state: 'by_itself', why: 'its line has ended' });
  });

  describe('with canaries', () => {
    const canary = { canary: 2, mostLost: 0, perMinute: 600 };

    it('tells the others when all of these are back, and not before', () => {
      const course = courseOf(5, canary);
      look(course, 0);
      for (const at of [0, 1]) happens(course, at, 1, ...SENT);
      happens(course, 0, 30, ...BACK);
      look(course, 31);
      expect(course.told).to.have.length(2);
      happens(course, 1, 40, ...BACK);
      look(course, 41);
      expect(course.sync.canaryPassedAt).to.equal(41_000);
      expect(course.told).to.have.length(5);
    });

    it('stops by itself when too many of them are lost, and tells nobody else', () => {
      const course = courseOf(5, canary);
      look(course, 0);
      for (const at of [0, 1]) happens(course, at, 1, ...SENT);
      happens(course, 0, 30, ...BACK);
      for (const second of [899, 900, 901, 2000]) look(course, second);
      expect(course.sync).to.include({ state: 'stopped', canaryPassedAt: null });
      expect(course.told).to.have.length(2);
      expect(course.steps).to.deep.equal(['sync_stopped']);
    });

    it('goes on when no more are lost than may be', () => {
      const course = courseOf(5, { ...canary, mostLost: 1 });
      look(course, 0);
      for (const at of [0, 1]) happens(course, at, 1, ...SENT);
      happens(course, 0, 30, ...BACK);
      look(course, 900);
      expect(course.told).to.have.length(5);
    });

    it('takes others in the place of those that are no test', () => {
      const course = courseOf(5, canary);
      course.phones.delete('001565000000');
      look(course, 0);
      expect(course.told.map(({ mac }) => mac.at(-1))).to.deep.equal(['1', '2']);
      happens(course, 1, 1, { kind: 'not_sent', why: 'Asterisk would not send it' });
      look(course, 2);
      expect(course.told.map(({ mac }) => mac.at(-1))).to.deep.equal(['1', '2', '3']);
    });
  });
});

describe('A device of a sync', () => {
  const told: SyncItem = { ...waiting(0), state: 'told', lineId: 'line-0', address: '10.0.0.0', toldAt: 0 };
  const after = (...events: readonly SyncItemEvent[]): SyncItem =>
    events.reduce((item, event) => itemAfter(item, event, 5000), told);

  it('is fetched, then back, when a new registration follows the file', () => {
    expect(after(...SENT, FETCHED)).to.include({ state: 'fetched', fetchedAt: 5000 });
    expect(after(...SENT, FETCHED, seen('old')).state).to.equal('fetched');
    expect(after(...SENT, FETCHED, seen('new'))).to.include({ state: 'back', endedAt: 5000 });
  });

  it('is back also when the registration it had was renewed after the file, not when before', () => {
    expect(after(...SENT, FETCHED, seen('old', 1000)).state).to.equal('back');
    expect(after(...SENT, seen('old', 1000), FETCHED, seen('old', 1000)).state).to.equal('fetched');
  });

  it('is back also when its fetch is noted after its registration, which came after the fetch', () => {
    const late = (at: number): SyncItem => after(...SENT, seen('new'), { kind: 'fetched', at });
    expect(late(4000)).to.include({ state: 'back', fetchedAt: 4000, endedAt: 5000 });
    expect(late(5000).state).to.equal('fetched');
  });

  it('waits again when its NOTIFY was not sent, and only then', () => {
    expect(after(seen('old'), { kind: 'unreachable' })).to.deep.equal({ ...waiting(0), syncId: 7 });
    expect(after(...SENT, { kind: 'unreachable' }).state).to.equal('told');
    const renewed = after(seen('old'), seen('old', 1000), { kind: 'unreachable' });
    expect(renewed, 'with nothing of before').to.deep.equal({ ...waiting(0), syncId: 7 });
  });

  it('that nobody knows to have been told is neither told again nor lost', () => {
    const facts = { sync: started, items: [told], phones: new Map([[told.mac, phoneAt(0)]]), toldElsewhere: [] };
    const move = nextOf({ ...facts, silent: [], heardSince: 0, now: 10 * MINUTE });
    expect(move.tell).to.deep.equal([]);
    expect(move.items[0]).to.include({ state: 'by_itself', why: 'nobody knows whether it was told' });
  });

  it('that is well and has not fetched is by itself, not lost', () => {
    const facts = { sync: started, phones: new Map([[told.mac, phoneAt(0)]]), toldElsewhere: [] };
    const move = nextOf({
      ...facts,
      items: [after(...SENT, seen('old', 1))],
      silent: [],
      heardSince: 0,
      now: 10 * MINUTE,
    });
    expect(move.items[0]).to.include({ state: 'by_itself', why: 'it has not fetched its file' });
  });

  it('that was lost is back all the same when it comes late', () => {
    const lost: SyncItem = { ...after(...SENT), state: 'lost' };
    const late = itemAfter(itemAfter(lost, FETCHED, 1), seen('new'), 2);
    expect(late.state).to.equal('back');
    expect(itemAfter(lost, seen('new'), 1).state).to.equal('by_itself');
  });

  it('is counted in one state', () => {
    expect(countsOf([told, waiting(1), after(...SENT, ...BACK)])).to.include({ told: 1, waiting: 1, back: 1, lost: 0 });
  });
});
