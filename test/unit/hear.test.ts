import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { promptsIn, readWave } from '../../scripts/demo/hear.ts';

const PROMPTS = join(packageRoot, 'sounds/en');

/** The ear of the demo: it must not hear what is not there. */
describe('Prompts in a recording', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'selfprov-ear-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const prompt = (name: string): readonly number[] => [...readWave(join(PROMPTS, `${name}.wav`))];
  const silence = (milliseconds: number): readonly number[] => Array.from({ length: 8 * milliseconds }, () => 0);

  /** Names of what is heard in these pieces, one after the other, through a line that hisses. */
  function heard(...pieces: readonly (readonly number[])[]): readonly string[] {
    const samples = pieces.flat();
    const file = Buffer.alloc(44 + 2 * samples.length);
    for (const [at, sample] of samples.entries())
      file.writeInt16LE(Math.round(32_000 * sample * 0.5 + 100 * Math.sin(at * at)), 44 + 2 * at);
    const path = join(folder, 'recording.wav');
    writeFileSync(path, file);
    return promptsIn(path, PROMPTS).map(({ prompt: name }) => name);
  }

  it('are named in order, wherever they begin', () => {
    expect(
      heard(silence(7), prompt('welcome'), silence(133), prompt('digit-1'), prompt('digit-5'), prompt('enter-pin')),
    ).to.deep.equal(['welcome', 'digit-1', 'digit-5', 'enter-pin']);
  });

  it('are heard twice when they are said twice', () => {
    expect(heard(prompt('digit-0'), silence(50), prompt('digit-0'))).to.deep.equal(['digit-0', 'digit-0']);
  });

  it('are not heard when they were cut off, or are another language’s', () => {
    const welcome = prompt('welcome');
    const german = [...readWave(join(packageRoot, 'sounds/de/enter-pin.wav'))];
    expect(heard(welcome.slice(0, welcome.length / 2), silence(500), german)).to.deep.equal([]);
  });

  it('are not heard in silence', () => {
    expect(heard(silence(4000))).to.deep.equal([]);
  });
});
