import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import pino from 'pino';
import { connectAri, type Ari } from '../../src/asterisk/ari/ari.ts';
import { answerCalls, type AnswerCallsOptions } from '../../src/asterisk/calls/calls.ts';
import { CallEnded, type Answer, type Call as Script } from '../../src/ivr/call.ts';
import type { Call } from '../../src/virtualPhone/call.ts';
import { gate } from '../support/gate.ts';
import { startCaller, type Caller } from '../support/caller.ts';
import { ARI_PASSWORD, plainAsterisk, SIP_PASSWORD, type PlainAsterisk } from '../support/plainAsterisk.ts';
import { waitFor, within } from '../support/wait.ts';

const QUESTION = { prompts: ['welcome'], maxDigits: 6, endKey: '#' } as const;

describe('a call from a phone', function () {
  this.timeout(60_000);
  let asterisk: PlainAsterisk;
  let caller: Caller;
  let ari: Ari;
  let calls: { close(): Promise<void> };
  let logged: string[] = [];
  /** What the next call runs. */
  let script: (call: Script) => Promise<void> = async () => {};

  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });

  function begin(options: Partial<AnswerCallsOptions> = {}): void {
    ari = connectAri({
      url: asterisk.ariUrl,
      user: 'selfprov',
      password: ARI_PASSWORD,
      app: 'selfprov',
      log,
      heartbeatMs: 500,
    });
    calls = answerCalls({
      ari,
      asterisk: null,
      soundsPath: resolve(import.meta.dirname, '../../sounds'),
      language: 'en',
      hasDigits: (_folder, language) => language === 'en',
      scripts: { assign: (call) => script(call) },
      apology: 'not-available',
      onOrphansGone: async () => {},
      log,
      limits: { firstDigitMs: 1500, interDigitMs: 1500 },
      ...options,
    });
  }
  async function end(): Promise<void> {
    await calls.close();
    await ari.close();
  }
  async function again(options: Partial<AnswerCallsOptions>): Promise<void> {
    await end();
    begin(options);
    await waitFor(() => ari.state().state === 'up', { what: 'ARI' });
  }

  const channels = async (): Promise<number> =>
    Number(/(\d+) active channel/.exec(await asterisk.cli('core show channels count'))?.[1]);
  const noChannels = (limit = 5000): Promise<unknown> =>
    waitFor(async () => (await channels()) === 0, { what: 'the end of every channel', limit });

  before(async () => {
    asterisk = await plainAsterisk();
    await asterisk.start();
    caller = await startCaller({ sipPort: asterisk.sipPort, user: '1500', authName: '1500-b', password: SIP_PASSWORD });
  });
  beforeEach(async () => {
    logged = [];
    begin();
    await waitFor(() => ari.state().state === 'up', { what: 'ARI' });
  });
  afterEach(async () => {
    await end();
    await noChannels();
  });
  after(async () => {
    await caller.close();
    await asterisk.close();
  });

  /** Dials, and resolves with the call and with what the script came to. */
  async function callInto<T>(
    run: (call: Script) => Promise<T>,
    number = '*55',
  ): Promise<{ call: Call; result: Promise<T> }> {
    let settle: { resolve(value: T): void; reject(error: unknown): void };
    const result = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
    result.catch(() => {});
    script = async (call) => {
      const ran = run(call);
      ran.then(settle.resolve, settle.reject);
      await ran;
    };
    return { call: await caller.dial(number), result };
  }

  it('comes with its endpoint, its digest user name, its contact and its address', async () => {
    const { call, result } = await callInto(async (it) => it);
    const { endpoint, authName, contact, address } = await within(result, { what: 'the script' });
    expect({ endpoint, authName, address }).to.deep.equal({
      endpoint: '1500',
      authName: '1500-b',
      address: '127.0.0.1',
    });
    expect(contact).to.match(new RegExp(`^sip:1500[^@]*@127.0.0.1:${caller.sipPort}`));
    await call.ended();
  });

  it('hears the prompts, keys in its answer, and is hung up when the script is done', async () => {
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      const answer = await it.ask(QUESTION);
      await it.say('extension-is', { digits: '15' });
      return answer;
    });
    await call.established();
    await call.hearsSound();
    await call.press('1500#');
    expect(await within(result, { what: 'the script', limit: 15_000 })).to.deep.equal({
      kind: 'digits',
      digits: '1500',
    });
    await call.ended();
    expect(logged.filter((line) => /"level":(40|50)/.test(line))).to.deep.equal([]);
  });

  it('stops a prompt at the first key', async () => {
    let startedAt = 0;
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      startedAt = Date.now();
      await it.ask({
        prompts: ['welcome', 'enter-extension', 'welcome', 'enter-extension'],
        maxDigits: 1,
        endKey: null,
      });
      const took = Date.now() - startedAt;
      await it.ask({ prompts: [], maxDigits: 1, endKey: null });
      return took;
    });
    await call.established();
    await call.hearsSound();
    await call.press('1');
    await call.hearsSilence();
    await call.press('2');
    expect(await within(result, { what: 'the script' })).to.be.lessThan(4000);
  });

  it('may key in everything before it is asked', async () => {
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      await it.say('welcome');
      const began = Date.now();
      const answers = [
        await it.ask(QUESTION),
        await it.ask(QUESTION),
        await it.ask({ ...QUESTION, maxDigits: 1, endKey: null }),
      ];
      return { answers, took: Date.now() - began };
    });
    await call.established();
    await call.press('1500#123456#1');
    const { answers, took } = await within(result, { what: 'the script', limit: 15_000 });
    expect(answers).to.deep.equal([
      { kind: 'digits', digits: '1500' },
      { kind: 'digits', digits: '123456' },
      { kind: 'digits', digits: '1' },
    ] satisfies Answer[]);
    expect(took).to.be.lessThan(3000);
  });

  it('is told of silence and of the star', async () => {
    let silence: Answer | undefined;
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      silence = await it.ask({ ...QUESTION, prompts: [] });
      return it.ask({ ...QUESTION, prompts: [] });
    });
    await call.established();
    await waitFor(() => silence, { what: 'the end of the silence' });
    await call.press('15*');
    expect(await within(result, { what: 'the script' })).to.deep.equal({ kind: 'star' });
    expect(silence).to.deep.equal({ kind: 'noInput' });
  });

  it('loses no end of a playback that is shorter than the answer to its request', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'selfprov-sounds-'));
    await mkdir(join(folder, 'en'));
    await writeFile(join(folder, 'en/welcome.wav'), shortWav(80));
    await again({ soundsPath: folder });
    const { result } = await callInto(async (it) => {
      await it.answer();
      const began = Date.now();
      for (let count = 0; count < 20; count++) await it.say('welcome');
      return Date.now() - began;
    });
    expect(await within(result, { what: 'the script', limit: 20_000 })).to.be.lessThan(5000);
    expect(logged.filter((line) => /"level":(40|50)/.test(line))).to.deep.equal([]);
    await rm(folder, { recursive: true });
  });

  for (const [where, step] of [
    ['before the answer', async (it: Script) => void (await it.ask({ ...QUESTION, prompts: [] }))],
    ['while it is told something', async (it: Script) => it.say('welcome', 'welcome', 'welcome')],
    ['while it is asked', async (it: Script) => void (await it.ask({ ...QUESTION, prompts: ['welcome', 'welcome'] }))],
    ['while it keys in', async (it: Script) => void (await it.ask({ ...QUESTION, prompts: [] }))],
  ] as const) {
    it(`ends its script with CallEnded when it hangs up ${where}`, async () => {
      let later: unknown;
      let reached = false;
      const { call, result } = await callInto(async (it) => {
        try {
          if (where !== 'before the answer') await it.answer();
          reached = true;
          await step(it);
        } catch (error) {
          later = await it.say('welcome').catch((second: unknown) => second);
          throw error;
        }
      });
      await waitFor(() => reached, { what: 'the script' });
      if (where === 'while it keys in') await call.press('15');
      await call.hangUp();
      const error = await within(result, { what: 'the end of the script' }).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(CallEnded);
      expect(later).to.be.instanceOf(CallEnded);
      await noChannels();
    });
  }

  it('hears an apology when its script fails', async () => {
    const { call } = await callInto(async (it) => {
      await it.answer();
      throw new Error('a defect');
    });
    await call.established();
    await call.hearsSound();
    await call.ended(15_000);
    expect(logged.join('')).to.include('a defect');
  });

  for (const [number, why] of [
    ['*57', 'whose endpoint is not what the dialplan says'],
    ['*58', 'that the dialplan gives to no script that exists'],
  ] as const) {
    it(`is hung up when it is one ${why}`, async () => {
      let ran = false;
      const { call } = await callInto(async () => {
        ran = true;
      }, number);
      expect((await call.ended()).wasEstablished).to.equal(false);
      expect(ran).to.equal(false);
      expect(logged.join('')).to.include('could not be served');
    });
  }

  it('is hung up by its script, which hears when it is down', async () => {
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      await it.say({ digits: '1' });
      await it.hangUp();
      await it.hangUp();
      return channels();
    });
    await call.established();
    expect(await within(result, { what: 'the script' })).to.equal(0);
    await call.ended();
  });

  it('does not outlast its limit', async () => {
    await again({ limits: { callMs: 1500 } });
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      await it.ask({ ...QUESTION, prompts: ['welcome', 'welcome', 'welcome', 'welcome'] });
    });
    await call.established();
    await call.ended(4000);
    expect(await result.catch((error: unknown) => error)).to.be.instanceOf(CallEnded);
  });

  it('goes on without a sound that is not there', async () => {
    await again({ soundsPath: '/nowhere' });
    const { result } = await callInto(async (it) => {
      await it.answer();
      await it.say('welcome');
      return 'went on';
    });
    expect(await within(result, { what: 'the script' })).to.equal('went on');
    expect(logged.join('')).to.include('cannot play this sound');
  });

  it('ends when selfprov does', async () => {
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      await it.say('welcome', 'welcome', 'welcome');
    });
    await call.established();
    await calls.close();
    expect(await result.catch((error: unknown) => error)).to.be.instanceOf(CallEnded);
    await call.ended();
  });

  it('is hung up by the next selfprov when this one is gone without a word', async () => {
    const { call } = await callInto(async (it) => {
      await it.answer();
      await it.say('welcome', 'welcome', 'welcome', 'welcome', 'welcome', 'welcome');
    });
    await call.established();
    const [lost, lostCalls] = [ari, calls];
    await lost.close();
    expect(await channels()).to.equal(1);
    const told = gate();
    begin({ onOrphansGone: async () => told.resolve() });
    await call.ended(10_000);
    await within(told.promise, { what: 'word that it has been hung up' });
    await lostCalls.close();
  });

  it('ends its script when Asterisk is killed, and the next call is served after its restart', async () => {
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      await it.ask({ ...QUESTION, prompts: ['welcome', 'welcome', 'welcome'] });
    });
    await call.established();
    await asterisk.stop('SIGKILL');
    const error = await within(result, { what: 'the end of the script' }).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(CallEnded);
    await call.hangUp().catch(() => {});
    await asterisk.start();
    await waitFor(() => ari.state().state === 'up', { what: 'ARI', limit: 20_000 });
    const next = await callInto(async (it) => {
      await it.answer();
      return it.endpoint;
    });
    expect(await within(next.result, { what: 'the script' })).to.equal('1500');
  });

  it('keeps nobody waiting who stops after Asterisk was killed', async () => {
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      await it.ask({ ...QUESTION, prompts: ['welcome', 'welcome', 'welcome'] });
    });
    await call.established();
    await asterisk.stop('SIGKILL');
    const began = performance.now();
    await end();
    expect(performance.now() - began).to.be.lessThan(500);
    expect(await result.catch((error: unknown) => error)).to.be.instanceOf(CallEnded);
    await call.hangUp().catch(() => {});
    await asterisk.start();
  });

  it('ends its script when Asterisk freezes, and leaves no channel when it thaws', async () => {
    const { call, result } = await callInto(async (it) => {
      await it.answer();
      await it.ask({ ...QUESTION, prompts: ['welcome', 'welcome', 'welcome', 'welcome', 'welcome'] });
    });
    await call.established();
    try {
      await asterisk.freeze();
      const error = await within(result, { what: 'the end of the script' }).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(CallEnded);
    } finally {
      asterisk.kill('SIGCONT');
    }
    await call.ended(10_000);
    await noChannels(10_000);
  });
});

/** Silence of so many samples, 8000 a second. */
function shortWav(samples: number): Buffer {
  const wav = Buffer.alloc(44 + 2 * samples);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(36 + 2 * samples, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  for (const [at, value] of [
    [16, 16],
    [20, 0x1_0001],
    [24, 8000],
    [28, 16_000],
    [32, 0x10_0002],
    [40, 2 * samples],
  ] as const)
    wav.writeUInt32LE(value, at);
  wav.write('data', 36, 'latin1');
  return wav;
}
