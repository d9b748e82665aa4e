import type { Progress } from '../administration/tables/newPins.ts';

/** Milliseconds between two lines. */
const PAUSE = 5000;

/** Tells every few seconds how far slow work is, and when it will be done at this pace; what is quick says nothing. */
export function progressOn(
  stream: Pick<NodeJS.WritableStream, 'write'>,
  what: string,
  clock = () => performance.now(),
): Progress {
  const start = clock();
  let told = start;
  return (done, all) => {
    const now = clock();
    if (now - told < PAUSE) return;
    told = now;
    const left = ((now - start) / done) * (all - done);
    const rate = done / ((now - start) / 1000);
    stream.write(`${what}: ${done} of ${all}, ${rate.toFixed(1)} a second, ${inWords(left)} left\n`);
  };
}

function inWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
