import { readFile, stat } from 'node:fs/promises';

/** Sound as a phone received it, 8000 samples a second, each from -1 to 1. */
export type Samples = readonly number[];

export const SAMPLE_RATE = 8000;
const WAV_HEADER = 44;
/** Milliseconds without a packet after which the line counts as quiet. */
const PACKET_GAP = 80;

/** What was heard in the last seconds, up to now; silence where nothing came. Of a recording that is still being written. */
export async function latestSamples(file: string, seconds: number): Promise<Samples> {
  const wanted = Math.round(seconds * SAMPLE_RATE);
  const [wav, { mtimeMs }] = await Promise.all([readFile(file), stat(file)]);
  const quiet = Date.now() - mtimeMs > PACKET_GAP ? Math.round(((Date.now() - mtimeMs) / 1000) * SAMPLE_RATE) : 0;
  const count = Math.max(0, Math.floor((wav.length - WAV_HEADER) / 2)) + quiet;
  return Array.from({ length: Math.min(count, wanted) }, (_, index) => {
    const at = WAV_HEADER + 2 * (Math.max(0, count - wanted) + index);
    return at + 2 <= wav.length ? wav.readInt16LE(at) / 32768 : 0;
  });
}

/** Root mean square, 0 (silence) to 1. */
export function level(samples: Samples): number {
  const sum = samples.reduce((total, sample) => total + sample * sample, 0);
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** The part of the sound's power that lies at this frequency, 0 to 1 (Goertzel's algorithm). */
export function share(samples: Samples, hertz: number): number {
  const power = samples.reduce((total, sample) => total + sample * sample, 0);
  if (power === 0) return 0;
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE);
  let [one, two] = [0, 0];
  for (const sample of samples) [one, two] = [sample + turn * one - two, one];
  return (2 * (one * one + two * two - turn * one * two)) / (samples.length * power);
}
