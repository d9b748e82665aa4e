import { expect } from 'chai';
import { dtmfBuffer, type DtmfBuffer } from '../../src/asterisk/calls/dtmfBuffer.ts';

const TIMES = { firstDigitMs: 20, interDigitMs: 20 };
const DIGITS = { maxDigits: 4, endKey: '#' } as const;
const ONE_KEY = { maxDigits: 1, endKey: null } as const;
const NEVER = new AbortController().signal;

function pressed(keys: string): DtmfBuffer {
  const pad = dtmfBuffer();
  for (const key of keys) pad.press(key);
  return pad;
}

describe('the keys of a call', () => {
  it('are an answer when the end key comes', async () => {
    expect(await pressed('15#').collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'digits', digits: '15' });
  });

  it('are an empty answer when the end key comes first', async () => {
    expect(await pressed('#').collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'digits', digits: '' });
  });

  it('are an answer when there can be no more of them', async () => {
    expect(await pressed('1500').collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'digits', digits: '1500' });
  });

  it('are an answer when no more come', async () => {
    expect(await pressed('15').collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'digits', digits: '15' });
  });

  it('start over with a star, and what came before it is dropped', async () => {
    const pad = pressed('15*16#');
    expect(await pad.collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'star' });
    expect(await pad.collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'digits', digits: '16' });
  });

  it('are silence when none comes', async () => {
    expect(await dtmfBuffer().collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'noInput' });
  });

  it('are waited for', async () => {
    const pad = dtmfBuffer();
    const answer = pad.collect(DIGITS, { firstDigitMs: 5000, interDigitMs: 5000 }, NEVER);
    for (const key of '9#') {
      await new Promise((done) => setImmediate(done));
      pad.press(key);
    }
    expect(await answer).to.deep.equal({ kind: 'digits', digits: '9' });
  });

  it('answer several questions in a row', async () => {
    const pad = pressed('15#16#1');
    const answers = [];
    for (const question of [DIGITS, DIGITS, ONE_KEY]) answers.push(await pad.collect(question, TIMES, NEVER));
    expect(answers.map((answer) => 'digits' in answer && answer.digits)).to.deep.equal(['15', '16', '1']);
  });

  for (const [when, late] of [
    ['at once', false],
    ['later', true],
  ] as const) {
    it(`do not answer the next question with an end key that was not needed, pressed ${when}`, async () => {
      const pad = pressed(late ? '1500' : '1500#');
      await pad.collect(DIGITS, TIMES, NEVER);
      for (const key of late ? '#16#' : '16#') pad.press(key);
      expect(await pad.collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'digits', digits: '16' });
    });
  }

  it('are ahead of a question only when they can answer it', () => {
    expect(pressed('#D').isAhead(ONE_KEY)).to.equal(false);
    expect(pressed('#1').isAhead(ONE_KEY)).to.equal(true);
    expect(pressed('#').isAhead(DIGITS)).to.equal(true);
    expect(dtmfBuffer().isAhead(DIGITS)).to.equal(false);
  });

  it('are no digits when a keypad has letters', async () => {
    expect(await pressed('1A5#').collect(DIGITS, TIMES, NEVER)).to.deep.equal({ kind: 'digits', digits: '15' });
  });

  it('are waited for no longer when the call is over', async () => {
    const over = new AbortController();
    const answer = dtmfBuffer().collect(DIGITS, { firstDigitMs: 60_000, interDigitMs: 60_000 }, over.signal);
    over.abort();
    expect(await answer.catch((error: unknown) => (error as Error).name)).to.equal('AbortError');
  });
});
