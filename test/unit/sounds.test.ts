import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { DIGITS, PROMPTS } from '../../src/ivr/prompts.ts';
import { languagesReader, readLanguages, type LanguageSounds } from '../../src/sounds/languages.ts';
import { lengthOf, measureLoudness, readSound } from '../support/sound.ts';

const SOUNDS = fileURLToPath(new URL('../../sounds/', import.meta.url));
const LANGUAGES = ['de', 'en', 'es', 'fr', 'it'];
const NAMES = [...PROMPTS, ...DIGITS];
const LINE = /^([a-z0-9-]+): (\S.*)$/;

const REFUSALS = [
  ...[
    'not-accepted',
    'too-many-tries',
    'not-available',
    'switched-off',
    'not-ready',
    'not-allowed',
    'kind-not-allowed',
  ],
  ...['phone-limit', 'phone-blocked', 'other-tenant', 'code-not-accepted', 'not-assigned', 'nothing-entered'],
  ...['invalid-key', 'already-assigned'],
] as const;

/** The lines of the text that are not for its reader alone. */
function contentLines(language: string): readonly string[] {
  const lines = readFileSync(`${SOUNDS}${language}/prompts.txt`, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

/** The lines "name: words", as they stand in the file. */
function promptLines(language: string): readonly string[] {
  return contentLines(language).filter((line) => LINE.test(line));
}

describe('prompts', () => {
  it('are there in five languages, each complete and with digits of its own', () => {
    const folders = readdirSync(SOUNDS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name)).to.have.members(LANGUAGES);
    expect(readLanguages(SOUNDS)).to.deep.equal(
      LANGUAGES.map((language) => ({
        language,
        complete: true,
        ownDigits: true,
        missingPrompts: [],
        missingDigits: [],
      })),
    );
  });

  it('have names that fit a file and stand once in the list', () => {
    expect(new Set(NAMES).size).to.equal(NAMES.length);
    for (const name of NAMES) expect(name).to.match(/^[a-z]+(-[a-z]+|-\d)*$/);
  });

  for (const language of LANGUAGES) {
    describe(`in ${language}`, () => {
      it('have words for every name in the code and for no other', () => {
        const names = promptLines(language).map((line) => line.split(':')[0]);
        expect(names).to.have.members(NAMES);
      });

      it('come from a text that holds nothing but prompts, comments, the voice and spellings for it', () => {
        const [voice, ...spellings] = contentLines(language).filter((line) => !LINE.test(line));
        expect(voice).to.match(/^voice = \S/);
        for (const spelling of spellings) expect(spelling).to.match(/^say \S+ = \S/);
      });

      it('say what the text says now: make-prompts.sh has run since it was changed', () => {
        const made = readFileSync(`${SOUNDS}${language}/prompts.sha256`, 'utf8').trim();
        const lines = contentLines(language).map((line) => `${line}\n`);
        expect(createHash('sha256').update(lines.join('')).digest('hex')).to.equal(made);
      });

      it('have two files each, and nothing else lies beside them', () => {
        const audio = NAMES.flatMap((name) => [`${name}.wav`, `${name}.wav16`]);
        expect(readdirSync(SOUNDS + language)).to.have.members(['prompts.txt', 'prompts.sha256', ...audio]);
      });

      it('tell in three seconds what was refused and what to do now, and as soon what will happen', async () => {
        const last = ['phone-will-restart', 'phone-released', 'logged-in', 'logged-off'];
        for (const name of [...REFUSALS, ...last]) {
          expect(lengthOf(await readSound(`${SOUNDS}${language}/${name}.wav`)), name).to.be.lessThan(3000);
        }
      });

      for (const name of NAMES) {
        it(`"${name}" is heard as loud as the others, not clipped, without waiting`, async () => {
          const narrow = await readSound(`${SOUNDS}${language}/${name}.wav`);
          const wide = await readSound(`${SOUNDS}${language}/${name}.wav16`);
          expect(narrow.hertz).to.equal(8000);
          expect(wide.hertz).to.equal(16000);
          expect(lengthOf(narrow)).to.be.closeTo(lengthOf(wide), 1).and.to.be.greaterThan(300);

          const wideLoudness = measureLoudness(wide);
          for (const { peak, level } of [measureLoudness(narrow), wideLoudness]) {
            expect(peak).to.be.lessThan(-1);
            expect(level).to.be.closeTo(-18, 1.5);
          }
          // Only the 16 kHz file shows the edges: an s at the beginning or the end is hardly there at 8 kHz.
          expect(wideLoudness.silenceBefore).to.be.within(40, 100);
          expect(wideLoudness.silenceAfter).to.be.within(40, 130);
        });
      }
    });
  }
});

describe('a folder of languages', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'selfprov-sounds-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function put(language: string, names: readonly string[], endings: readonly string[] = ['.wav', '.wav16']): void {
    mkdirSync(join(folder, language), { recursive: true });
    for (const name of names) for (const ending of endings) writeFileSync(join(folder, language, name + ending), '');
  }
  const read = (): readonly LanguageSounds[] => readLanguages(folder) ?? [];

  it('tells which prompts of a language are missing, and in which sampling rate', () => {
    put('nl', PROMPTS.slice(2));
    put('nl', ['language'], ['.wav']);
    expect(read()).to.have.length(1);
    expect(read()[0]).to.deep.include({
      language: 'nl',
      complete: false,
      missingPrompts: [
        { name: 'language', khz: [16] },
        { name: 'welcome', khz: [8, 16] },
      ],
    });
  });

  it('has a complete language without digits, and with nine of them', () => {
    put('nl', PROMPTS);
    put('pt', [...PROMPTS, ...DIGITS.slice(1)]);
    put('sv', NAMES);
    expect(read().map(({ language, complete, ownDigits }) => [language, complete, ownDigits])).to.deep.equal([
      ['nl', true, false],
      ['pt', true, false],
      ['sv', true, true],
    ]);
    expect(read()[1]?.missingDigits).to.deep.equal([{ name: 'digit-0', khz: [8, 16] }]);
  });

  it('counts a language that has words only, and none of the folders that have neither', () => {
    put('nl', []);
    writeFileSync(join(folder, 'nl/prompts.txt'), '');
    put('custom', ['tt-monkeys']);
    writeFileSync(join(folder, 'README.md'), '');
    expect(read().map(({ language, missingPrompts }) => [language, missingPrompts.length])).to.deep.equal([
      ['nl', PROMPTS.length],
    ]);
  });

  it('may hold links to languages that lie elsewhere', () => {
    symlinkSync(join(SOUNDS, 'fr'), join(folder, 'fr'));
    expect(read().map(({ language, complete }) => [language, complete])).to.deep.equal([['fr', true]]);
  });

  it('is read once by a process that runs', () => {
    const languagesIn = languagesReader();
    put('nl', PROMPTS);
    expect(languagesIn(folder)?.map(({ ownDigits }) => ownDigits)).to.deep.equal([false]);
    put('nl', DIGITS);
    expect(languagesIn(folder)?.map(({ ownDigits }) => ownDigits)).to.deep.equal([false]);
    expect(read().map(({ ownDigits }) => ownDigits)).to.deep.equal([true]);
  });

  it('that is not there, or one of another machine, is told from an empty one', () => {
    expect(readLanguages(join(folder, 'none'))).to.equal(null);
    expect(readLanguages('sounds')).to.equal(null);
    expect(readLanguages(folder)).to.deep.equal([]);
  });
});
