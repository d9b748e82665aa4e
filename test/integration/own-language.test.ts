import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { serve } from '../../src/app.ts';
import { readConfig, type Config } from '../../src/config.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import { PROMPTS } from '../../src/ivr/prompts.ts';
import { makeDatabase, PROGRAM } from '../support/selfprovProcess.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { freePorts } from '../support/freePorts.ts';
import { lengthOf, measureLoudness, readSound } from '../support/sound.ts';

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** An administrator's own language, from the recordings to the command that checks it. Needs sox, as making prompts does. */
describe('A language of an administrator', function () {
  this.timeout(60_000);
  let folder: string;
  let language: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'selfprov-language-'));
    language = join(folder, 'sounds/nl');
    for (const each of ['sounds/nl', 'spoken', 'again']) mkdirSync(join(folder, each), { recursive: true });
    for (const prompt of PROMPTS) writeFileSync(join(folder, 'spoken', `${prompt}.wav`), recording(600));
    writeWords('../../spoken');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function writeWords(...voices: readonly string[]): void {
    const lines = [
      ...voices.map((voice) => `voice = recordings ${voice}`),
      ...PROMPTS.map((name) => `${name}: woorden`),
    ];
    writeFileSync(join(language, 'prompts.txt'), `# Nederlands\n\n${lines.join('\n')}\n`);
  }
  const put = (file: string): void => writeFileSync(join(language, file), '');
  /** Nobody answers at the ports of Asterisk. */
  async function configOf(spoken: string): Promise<Config> {
    const [phones = 0, admin = 0, ari = 0, ami = 0] = await freePorts(4);
    return readConfig({
      SELFPROV_DIR: join(folder, 'var'),
      SELFPROV_SOUNDS: join(folder, 'sounds'),
      SELFPROV_LANGUAGE: spoken,
      SELFPROV_HOST: '127.0.0.1',
      SELFPROV_PORT: String(phones),
      SELFPROV_ADMIN_PORT: String(admin),
      SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
      SELFPROV_ARI_PASSWORD: 'onlyForThisTest123456789',
      SELFPROV_AMI_PORT: String(ami),
      SELFPROV_AMI_PASSWORD: 'onlyForThisTest123456789',
    });
  }
  const make = (): Promise<Ran> => run(join(packageRoot, 'sounds/make-prompts.sh'), [language]);
  const selfprov = async (...args: readonly string[]): Promise<Ran> => {
    const env = { SELFPROV_DIR: join(folder, 'var'), SELFPROV_SOUNDS: join(folder, 'sounds') };
    await makeDatabase(env);
    const [command, ...before] = PROGRAM;
    return run(command, [...before, ...args], env);
  };

  it('is made of recordings, is complete without digits, and is what callers may hear from then on', async () => {
    expect(await make()).to.include({ status: 0, error: '' });
    for (const [ending, hertz] of [
      ['wav', 8000],
      ['wav16', 16_000],
    ] as const) {
      const sound = await readSound(join(language, `welcome.${ending}`));
      expect(sound.hertz).to.equal(hertz);
      expect(lengthOf(sound)).to.be.within(700, 800);
      expect(measureLoudness(sound).level).to.be.closeTo(-18, 0.5);
    }
    const checked = await selfprov('sounds', 'check', 'nl');
    expect(checked).to.include({ status: 0, error: '' });
    expect(checked.out).to.match(/^LANGUAGE +PROMPTS +DIGITS\nnl +complete +Asterisk's\n$/);
    expect(await selfprov('tenant', 'set', '--prompts', 'nl')).to.include({ status: 0 });
  });

  it('may have one prompt that is recorded again: the first voice that has it says it', async () => {
    writeFileSync(join(folder, 'again/confirm.wav'), recording(1500));
    writeWords('../../again', '../../spoken');
    expect(await make()).to.include({ status: 0, error: '' });
    expect(lengthOf(await readSound(join(language, 'confirm.wav')))).to.be.greaterThan(1500);
    expect(lengthOf(await readSound(join(language, 'welcome.wav')))).to.be.lessThan(1000);
  });

  it('stays as it was when a recording is not there, and the script says which', async () => {
    await make();
    const before = readdirSync(language);
    rmSync(join(folder, 'spoken/take-over.wav'));
    const again = await make();
    expect(again.status).to.equal(1);
    expect(again.error).to.contain('"take-over"');
    expect(readdirSync(language)).to.deep.equal(before);
  });

  it('never has its recordings written over', async () => {
    writeWords('.');
    const refused = await make();
    expect(refused.status).to.equal(1);
    expect(refused.error).to.contain('a folder of their own');
  });

  it('that lacks something is shown with what it lacks, fails when it is asked for, and is not given to callers', async () => {
    await make();
    rmSync(join(language, 'confirm.wav'));
    rmSync(join(language, 'goodbye.wav'));
    rmSync(join(language, 'goodbye.wav16'));
    put('digit-7.wav16');

    const named = await selfprov('sounds', 'check', 'nl');
    expect(named.status).to.equal(1);
    expect(named.error).to.equal('selfprov: language nl is not complete\n');
    expect(named.out)
      .to.match(/^nl +2 missing +Asterisk's$/m)
      .and.to.contain('Missing in nl:\n  confirm (8 kHz)\n  goodbye (8 and 16 kHz)\n')
      .and.to.contain('Missing in nl, digits:\n  digit-0 (8 and 16 kHz)\n')
      .and.to.contain('  digit-7 (8 kHz)\n');

    const all = await selfprov('--json', 'sounds', 'check');
    expect(all).to.include({ status: 0, error: '' });
    expect(JSON.parse(all.out)).to.have.length(1);
    expect(JSON.parse(all.out)[0]).to.deep.include({
      language: 'nl',
      complete: false,
      ownDigits: false,
      missingPrompts: [
        { name: 'confirm', khz: [8] },
        { name: 'goodbye', khz: [8, 16] },
      ],
    });

    const refused = await selfprov('tenant', 'set', '--prompts', 'nl');
    expect(refused.status).to.equal(1);
    expect(refused.error).to.contain('selfprov sounds check');
  });

  it('that lacks something is spoken as far as it goes by a selfprov that starts with it, and the log says what is missing', async () => {
    for (const prompt of PROMPTS.slice(1)) for (const ending of ['wav', 'wav16']) put(`${prompt}.${ending}`);
    const logged: string[] = [];
    const running = await serve(await configOf('nl'), {
      log: pino({}, { write: (line: string) => void logged.push(line) }),
      trouble: () => undefined,
    });
    await running.close();
    const [told] = logged.filter((line) => line.includes('prompts of language nl are missing'));
    expect(JSON.parse(told ?? '{}').missing).to.deep.equal([{ name: 'language', khz: [8, 16] }]);
  });

  it('that has nothing at all is none to start with', async () => {
    const failed = await serve(await configOf('fr'), {
      log: pino({ level: 'silent' }),
      trouble: () => undefined,
    }).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(SelfprovError).with.property('message').that.contains('no prompts in language fr');
  });

  it('that is not there fails too, and so do sounds that cannot be seen from here', async () => {
    const other = await selfprov('sounds', 'check', 'fr');
    expect(other).to.include({ status: 1, error: 'selfprov: there is no language fr; there are: nl\n' });
    rmSync(join(folder, 'sounds'), { recursive: true });
    const none = await selfprov('sounds', 'check');
    expect(none.status).to.equal(1);
    expect(none.error).to.contain('SELFPROV_SOUNDS');
  });
});

function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd: packageRoot }, (failure, out, error) =>
      resolve({ status: failure === null ? 0 : Number(failure.code), out, error }),
    );
  });
}

/** What a recorder writes: stereo at 44.1 kHz, a hum of so many ms with half a second of silence around it. */
function recording(ms: number): Buffer {
  const frames = Math.round(44.1 * (ms + 1000));
  const wav = Buffer.alloc(44 + 4 * frames);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(36 + 4 * frames, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(44_100, 24);
  wav.writeUInt32LE(4 * 44_100, 28);
  wav.writeUInt16LE(4, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(4 * frames, 40);
  for (let frame = 22_050; frame < frames - 22_050; frame++) {
    const sample = Math.round(6000 * Math.sin((2 * Math.PI * 300 * frame) / 44_100));
    wav.writeInt16LE(sample, 44 + 4 * frame);
    wav.writeInt16LE(sample, 46 + 4 * frame);
  }
  return wav;
}
