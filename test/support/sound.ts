import { readFile } from 'node:fs/promises';

/** 16 bit PCM of one channel; samples from -1 to 1. */
export interface Sound {
  readonly hertz: number;
  readonly samples: readonly number[];
}

/** What a caller's ear notices of a prompt. Levels in dBFS, silence in ms. */
export interface Loudness {
  readonly peak: number;
  readonly level: number;
  readonly silenceBefore: number;
  readonly silenceAfter: number;
}

const HEADER_BYTES = 44;

/**
 * Reads a wav file. Rejects unless it is what Asterisk's format_wav seeks in: PCM, one channel, 16 bits, the samples
 * right behind a header of 44 bytes and up to the end of the file.
 */
export async function readSound(path: string): Promise<Sound> {
  const file = await readFile(path);
  const header = {
    riff: file.toString('latin1', 0, 4),
    wave: file.toString('latin1', 8, 16),
    format: file.readUInt16LE(20),
    channels: file.readUInt16LE(22),
    bits: file.readUInt16LE(34),
    data: file.toString('latin1', 36, 40),
    dataBytes: file.readUInt32LE(40),
  };
  const wanted: typeof header = {
    riff: 'RIFF',
    wave: 'WAVEfmt ',
    format: 1,
    channels: 1,
    bits: 16,
    data: 'data',
    dataBytes: file.length - HEADER_BYTES,
  };
  if (JSON.stringify(header) !== JSON.stringify(wanted)) {
    throw new Error(`${path} is ${JSON.stringify(header)} instead of ${JSON.stringify(wanted)}`);
  }
  const samples: number[] = [];
  for (let at = HEADER_BYTES; at < file.length; at += 2) samples.push(file.readInt16LE(at) / 32768);
  return { hertz: file.readUInt32LE(24), samples };
}

/** The length in ms. */
export function lengthOf(sound: Sound): number {
  return (sound.samples.length / sound.hertz) * 1000;
}

/**
 * Measures as `sounds/speech.sh` does, in frames of 10 ms: the level is the mean power of the frames less than 20 dB
 * below the mean of all, and a frame 35 dB below the level is silence.
 */
export function measureLoudness(sound: Sound): Loudness {
  const frame = sound.hertz / 100;
  const powers: number[] = [];
  for (let at = 0; at + frame <= sound.samples.length; at += frame) {
    powers.push(mean(sound.samples.slice(at, at + frame).map((sample) => sample ** 2)));
  }
  const gate = mean(powers) / 100;
  const speech = mean(powers.filter((power) => power > gate));
  const isHeard = (power: number): boolean => power > speech / 10 ** 3.5;
  return {
    peak: 20 * Math.log10(sound.samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)),
    level: 10 * Math.log10(speech),
    silenceBefore: powers.findIndex(isHeard) * 10,
    silenceAfter: (powers.length - 1 - powers.findLastIndex(isHeard)) * 10,
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
