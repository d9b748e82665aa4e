import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PROMPTS } from '../../src/ivr/prompts.ts';
import { lengthOf, measureLoudness, readSound } from '../support/sound.ts';

const SOUNDS = fileURLToPath(new URL('../../sounds/', import.meta.url));
const LANGUAGES = readdirSync(SOUNDS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const LINE = /^([a-z0-9-]+): (\S.*)$/;

/** The lines "name: words", as they stand in the file. */
function promptLines(language: string): readonly string[] {
  return readFileSync(`${SOUNDS}${language}/prompts.txt`, 'utf8')
    .split('\n')
    .filter((line) => LINE.test(line));
}

describe('prompts', () => {
  it('are there in English', () => {
    expect(LANGUAGES).to.include('en');
  });

  it('have names that fit a file and stand once in the list', () => {
    expect(new Set(PROMPTS).size).to.equal(PROMPTS.length);
    for (const prompt of PROMPTS) expect(prompt).to.match(/^[a-z]+(-[a-z]+)*$/);
  });

  for (const language of LANGUAGES) {
    describe(`in ${language}`, () => {
      it('have words for every name in the code and for no other', () => {
        const names = promptLines(language).map((line) => line.split(':')[0]);
        expect(names).to.have.members([...PROMPTS]);
      });

      it('come from a text that holds nothing but prompts, comments and the voice', () => {
        const rest = readFileSync(`${SOUNDS}${language}/prompts.txt`, 'utf8')
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#') && !LINE.test(line));
        expect(rest).to.have.length(1);
        expect(rest[0]).to.match(/^voice = \S/);
      });

      it('say what the text says now: make-prompts.sh has run since it was changed', () => {
        const made = readFileSync(`${SOUNDS}${language}/prompts.sha256`, 'utf8').trim();
        const lines = promptLines(language).map((line) => `${line}\n`);
        expect(createHash('sha256').update(lines.join('')).digest('hex')).to.equal(made);
      });

      it('have two files each, and nothing else lies beside them', () => {
        const audio = PROMPTS.flatMap((prompt) => [`${prompt}.wav`, `${prompt}.wav16`]);
        expect(readdirSync(SOUNDS + language)).to.have.members(['prompts.txt', 'prompts.sha256', ...audio]);
      });

      for (const prompt of PROMPTS) {
        it(`"${prompt}" is heard as loud as the others, not clipped, without waiting`, async () => {
          const narrow = await readSound(`${SOUNDS}${language}/${prompt}.wav`);
          const wide = await readSound(`${SOUNDS}${language}/${prompt}.wav16`);
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
