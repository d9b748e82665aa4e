// Hands phones over by real calls while selfprov, Asterisk or both are killed with SIGKILL, and prints what became of it:
// `sh scripts/kills.sh [how many] [seed]`. Fails when a hand-over did not end.
import { startProduct } from '../test/support/product.ts';
import { handOversUnderKills, SHORT_PAUSES, type Outcome } from '../test/support/underKills.ts';

const AT_ONCE = 5;
const [hits = 100, seed = Date.now() % 100_000] = process.argv.slice(2).map(Number);

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const spread = (milliseconds: readonly number[]): string => {
  const sorted = milliseconds.toSorted((a, b) => a - b).map((each) => (each / 1000).toFixed(1));
  return sorted.length === 0 ? '-' : `min ${sorted[0]}  median ${sorted[sorted.length >> 1]}  max ${sorted.at(-1)}`;
};
const howMany = (outcomes: readonly Outcome[], fits: (outcome: Outcome) => boolean): number =>
  outcomes.filter(fits).length;

say(`${hits} hand-overs, ${AT_ONCE} at once, seed ${seed}`);
const product = await startProduct(SHORT_PAUSES);
try {
  const { kills, outcomes } = await handOversUnderKills(product, { hits, atOnce: AT_ONCE, seed }, (kill, hit) => {
    const ends = hit.map(({ hitAfter, isDone, took, calls }) =>
      [`after ${hitAfter}:`, isDone ? `${(took / 1000).toFixed(1)} s` : 'STUCK', calls > 1 ? `(${calls} calls)` : '']
        .join(' ')
        .trim(),
    );
    say(`${kill.victim.padEnd(9)}${kill.moment.padEnd(16)}away ${(kill.away / 1000).toFixed(1)} s  ${ends.join('; ')}`);
  });
  const accepted = outcomes.filter(({ wasAccepted }) => wasAccepted);
  const stuck = outcomes.filter(({ isDone }) => !isDone);
  const victims = ['selfprov', 'asterisk', 'both'] as const;
  say('');
  for (const victim of victims) {
    const of = kills.filter((kill) => kill.victim === victim);
    const hit = outcomes.filter(({ kill }) => kill.victim === victim);
    say(
      `${victim.padEnd(9)}${of.length} kills, ${hit.length} hand-overs hit, ${howMany(hit, ({ isDone }) => isDone)} done`,
    );
    say(`         without a server, s:          ${spread(of.map(({ away }) => away))}`);
    say(`         acceptance to done, s:        ${spread(hit.filter(({ isDone }) => isDone).map(({ took }) => took))}`);
  }
  say(
    `killed between acceptance and done:    ${accepted.length}, done without another call: ${howMany(accepted, ({ isDone, calls }) => isDone && calls === 1)}`,
  );
  say(
    `killed between PIN and acceptance:     ${outcomes.length - accepted.length}, done: ${howMany(outcomes, ({ isDone, wasAccepted }) => isDone && !wasAccepted)}, of them after another call: ${howMany(outcomes, ({ calls }) => calls > 1)}`,
  );
  say(
    `acceptance to done of all, s:          ${spread(outcomes.filter(({ isDone }) => isDone).map(({ took }) => took))}`,
  );
  say(
    `told more than once:                   ${howMany(outcomes, ({ told }) => told > 1)}, given up in between: ${howMany(outcomes, ({ gaveUp }) => gaveUp)}`,
  );
  say(
    `done, and Asterisk has lost it again:  ${howMany(outcomes, ({ isDone, isRegistered }) => isDone && !isRegistered)}`,
  );
  for (const { mac, kill, story } of stuck)
    say(`\n${mac}, ${kill.victim} ${kill.moment} at ${new Date(kill.at).toISOString()}:\n  ${story}`);
  process.exitCode = stuck.length === 0 ? 0 : 1;
} finally {
  await product.close();
}
