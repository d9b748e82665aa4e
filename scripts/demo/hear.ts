import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SAMPLE_RATE } from '../../src/virtualPhone/recording.ts';

/** A prompt in a recording: its name, and where it begins and ends there, seconds. */
export interface Heard {
  readonly prompt: string;
  readonly from: number;
  readonly to: number;
  /** How alike the two are, 0 to 1: the median over its parts. */
  readonly likeness: number;
}

const HEADER = 44;
/** Samples of one frame of the first, rough look: 10 ms. */
const FRAME = SAMPLE_RATE / 100;
/** Of one part of the exact look: 125 ms. */
const PART = SAMPLE_RATE / 8;
/** So many of them, over the whole prompt. */
const PARTS = 9;
const ROUGH = 0.8;
const ALIKE = 0.8;

type Wave = Float32Array;

/** 16 bit PCM of one channel, 8 kHz; each sample from -1 to 1. */
export function readWave(file: string): Wave {
  const bytes = readFileSync(file);
  return Float32Array.from({ length: Math.max(0, (bytes.length - HEADER) >> 1) }, (_, at) => {
    return bytes.readInt16LE(HEADER + 2 * at) / 32_768;
  });
}

/** The prompts of a folder of a language, one after the other, as they can be heard in a recording, whole. */
export function promptsIn(recording: string, prompts: string): readonly Heard[] {
  const sound = readWave(recording);
  const rough = loudness(sound);
  const found = readdirSync(prompts)
    .filter((name) => name.endsWith('.wav'))
    .flatMap((name) => occurrences(sound, rough, basename(name, '.wav'), readWave(join(prompts, name))));
  const taken: Heard[] = [];
  for (const each of found.toSorted((one, other) => other.likeness - one.likeness))
    if (taken.every((other) => each.to <= other.from + 0.1 || each.from >= other.to - 0.1)) taken.push(each);
  return taken.toSorted((one, other) => one.from - other.from);
}

function occurrences(sound: Wave, rough: Wave, prompt: string, wave: Wave): readonly Heard[] {
  const shape = loudness(wave);
  const alike = Array.from({ length: Math.max(0, rough.length - shape.length + 1) }, (_, at) =>
    likeness(rough, at, shape, 0, shape.length),
  );
  const places = alike.flatMap((here, at) =>
    here > ROUGH && here >= Math.max(...alike.slice(Math.max(0, at - 5), at + 6)) ? [at * FRAME] : [],
  );
  const found: Heard[] = [];
  for (const place of places) {
    const last = found.at(-1);
    if (last !== undefined && place / SAMPLE_RATE < last.from + 0.1) continue;
    const exact = exactly(sound, place, wave);
    if (exact < ALIKE) continue;
    found.push({ prompt, from: place / SAMPLE_RATE, to: (place + wave.length) / SAMPLE_RATE, likeness: exact });
  }
  return found;
}

/** Sample by sample, part by part: each may have been moved by a lost packet, or the rough look may be wrong by a frame. */
function exactly(sound: Wave, place: number, wave: Wave): number {
  const all: number[] = [];
  for (let at = 0; at < PARTS; at++) {
    const part = Math.floor(((wave.length - PART) * at) / (PARTS - 1));
    let best = 0;
    for (let shift = -2 * FRAME; shift <= 2 * FRAME; shift++) {
      const from = place + part + shift;
      if (from >= 0 && from + PART <= sound.length) best = Math.max(best, likeness(sound, from, wave, part, PART));
    }
    all.push(best);
  }
  return all.toSorted((one, other) => one - other)[all.length >> 1] ?? 0;
}

/** Root of the power of each frame. */
function loudness(wave: Wave): Wave {
  return Float32Array.from({ length: Math.floor(wave.length / FRAME) }, (_, frame) => {
    let sum = 0;
    for (let at = frame * FRAME; at < (frame + 1) * FRAME; at++) sum += (wave[at] ?? 0) ** 2;
    return Math.sqrt(sum / FRAME);
  });
}

/** Pearson's correlation of two pieces of the same length. */
function likeness(one: Wave, oneFrom: number, other: Wave, otherFrom: number, length: number): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let at = 0; at < length; at++) {
    const [x, y] = [one[oneFrom + at] ?? 0, other[otherFrom + at] ?? 0];
    [a, b, aa, bb, ab] = [a + x, b + y, aa + x * x, bb + y * y, ab + x * y];
  }
  const spread = Math.sqrt((aa - (a * a) / length) * (bb - (b * b) / length));
  return spread === 0 ? 0 : (ab - (a * b) / length) / spread;
}
