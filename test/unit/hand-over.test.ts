import { expect } from 'chai';
import { concerns, step, type HandOver, type HandOverEvent } from '../../src/domain/handOver.ts';
import { Secret } from '../../src/domain/secret.ts';

const TIMES = { pauses: [10_000, 30_000], registerWithin: 60_000, window: 900_000, callEndsWithin: 20_000 };
const OLD_TOKEN = new Secret('old');

const accepted: HandOver = {
  id: 'one',
  mac: '001565aabb01',
  slot: 1,
  kind: 'assign',
  state: 'open',
  failure: null,
  lineId: 'line',
  aor: '1500',
  leaves: 'phone-001565aabb01-abcdef',
  contact: 'sip:x@10.0.0.7:5060',
  contactsBefore: ['before'],
  address: '10.0.0.7',
  windowEndsAt: 900_000,
  previousToken: OLD_TOKEN,
  acceptedAt: 0,
  notifiedAt: null,
  fetchedAt: null,
  registeredAt: null,
  attempts: 0,
  nextAttemptAt: 20_000,
};

type Happening = HandOverEvent | 'due' | 'fetched' | 'registered' | 'sent' | 'not_sent' | 'unreachable' | 'call_ended';

/** The hand-over after these events, each at its time in seconds, with what was told and asked for. */
function after(...happenings: readonly (readonly [number, Happening])[]) {
  let handOver = accepted;
  const told: string[] = [];
  const actions: string[] = [];
  for (const [seconds, what] of happenings) {
    const move = step(handOver, typeof what === 'string' ? eventOf(what, handOver) : what, seconds * 1000, TIMES);
    handOver = move.handOver;
    told.push(...move.journal.map((entry) => entry.step));
    if (move.action !== null) actions.push(`${move.action} at ${seconds}`);
  }
  return { handOver, told, actions };
}

function eventOf(what: Extract<Happening, string>, { nextAttemptAt }: HandOver): HandOverEvent {
  switch (what) {
    case 'due':
      return { kind: 'due', contacts: [] };
    case 'fetched':
      return { kind: 'fetched', withNewToken: false };
    case 'registered':
      return { kind: 'registered', certain: false };
    case 'not_sent':
      return { kind: 'not_sent', leasedUntil: nextAttemptAt, why: 'no contact' };
    case 'call_ended':
      return { kind: 'call_ended' };
    case 'sent':
    case 'unreachable':
      return { kind: what, leasedUntil: nextAttemptAt };
  }
}

describe('A hand-over', () => {
  it('goes from the end of the call over check-sync, fetch and registration to done', () => {
    const { handOver, told, actions } = after(
      [3, 'call_ended'],
      [3, 'due'],
      [3, 'sent'],
      [5, 'fetched'],
      [40, 'registered'],
    );
    expect(actions).to.deep.equal(['check_sync at 3']);
    expect(told).to.deep.equal(['notified', 'fetched', 'done']);
    expect(handOver).to.include({ state: 'done', registeredAt: 40_000, nextAttemptAt: null, previousToken: null });
  });

  it('tells the phone again after growing pauses, then gives the failure a name', () => {
    const { handOver, told, actions } = after(
      [20, 'due'],
      [20, 'sent'],
      [29, 'due'],
      [30, 'due'],
      [30, 'sent'],
      [60, 'due'],
    );
    expect(actions).to.deep.equal(['check_sync at 20', 'check_sync at 30']);
    expect(told).to.deep.equal(['notified', 'notified', 'failed']);
    expect(handOver).to.include({ state: 'failed', failure: 'not_fetched', nextAttemptAt: null });
  });

  it('that Asterisk would not send anything for is called not notified', () => {
    const { handOver, told } = after([20, 'due'], [20, 'not_sent'], [30, 'due'], [30, 'not_sent'], [60, 'due']);
    expect(told).to.deep.equal(['not_notified', 'not_notified', 'failed']);
    expect(handOver.failure).to.equal('not_notified');
  });

  it('of a phone that has its file and cannot register is called not registered', () => {
    const { handOver } = after([20, 'due'], [20, 'sent'], [21, 'fetched'], [81, 'due'], [81, 'sent'], [111, 'due']);
    expect(handOver).to.include({ state: 'failed', failure: 'not_registered' });
  });

  it('uses up no attempt while Asterisk cannot be reached', () => {
    const { handOver } = after([20, 'due'], [20, 'unreachable']);
    expect(handOver).to.include({ attempts: 0, nextAttemptAt: 22_000 });
  });

  it('is looked after by one process at a time: it is not due again while check-sync is being sent', () => {
    const { actions, handOver } = after([20, 'due'], [21, 'due'], [34, 'due'], [35, 'due']);
    expect(actions).to.deep.equal(['check_sync at 20', 'check_sync at 35']);
    expect(handOver.attempts).to.equal(0);
  });

  it('leaves a phone that fetches in peace, each time anew, and also when it fetches while it is being told', () => {
    const again = after([20, 'due'], [20, 'sent'], [21, 'fetched'], [70, 'fetched'], [90, 'due']);
    expect(again.actions).to.deep.equal(['check_sync at 20']);
    expect(again.handOver.nextAttemptAt).to.equal(130_000);
    expect(again.told.filter((what) => what === 'fetched')).to.have.length(1);

    const during = after(
      [20, 'due'],
      [20, 'fetched'],
      [21, { kind: 'sent', leasedUntil: 35_000 }],
      [35, 'due'],
      [79, 'due'],
    );
    expect(during.actions).to.deep.equal(['check_sync at 20']);
  });

  it('is not put off for ever by a phone that fetches and fetches', () => {
    const fetches = Array.from({ length: 20 }, (_, i) => [30 + i * 30, 'fetched'] as const);
    expect(after([20, 'due'], [20, 'sent'], ...fetches).handOver.nextAttemptAt).to.equal(210_000);
  });

  it('is completed by a phone that comes late, after the failure was named', () => {
    const failed = [
      [20, 'due'],
      [20, 'sent'],
      [30, 'due'],
      [30, 'sent'],
      [60, 'due'],
    ] as const;
    const { handOver } = after(...failed, [9000, 'fetched'], [9060, 'registered']);
    expect(handOver).to.include({ state: 'done', failure: null });
  });

  it('takes a registration that is only likely for the phone’s after a fetch, a certain one at any time', () => {
    expect(after([5, 'registered']).handOver.state).to.equal('open');
    expect(after([5, { kind: 'registered', certain: true }]).handOver.state).to.equal('done');
  });

  it('takes the earlier token until the new one is used or the phone is back', () => {
    expect(after([5, 'fetched']).handOver.previousToken).to.equal(OLD_TOKEN);
    expect(after([5, { kind: 'fetched', withNewToken: true }]).handOver.previousToken).to.equal(null);
    expect(after([5, 'fetched'], [9, 'registered']).handOver.previousToken).to.equal(null);
  });

  it('that is done is changed by nothing', () => {
    const done = after([5, 'fetched'], [9, 'registered']).handOver;
    for (const what of ['due', 'fetched', 'registered', 'sent', 'not_sent', 'unreachable', 'call_ended'] as const) {
      expect(step(done, eventOf(what, done), 10_000, TIMES)).to.deep.equal({
        handOver: done,
        action: null,
        journal: [],
      });
    }
  });

  it('concerns its own line, and after a release any default line that was given out where the phone was', () => {
    const line = { id: 'other', slot: 1, userId: null, address: '10.0.0.7' };
    expect(concerns(accepted, { ...line, id: 'line' })).to.equal(true);
    expect(concerns(accepted, line)).to.equal(false);
    expect(concerns({ ...accepted, kind: 'release' }, line)).to.equal(true);
    expect(concerns({ ...accepted, kind: 'release' }, { ...line, address: '192.0.2.1' })).to.equal(false);
  });
});
