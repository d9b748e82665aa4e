// `npm run bench [part …] [-- --quick]`: measures and prints. What is not quick is written into docs/performance/figures.json, of which the
// page about performance is made: its figures are of one machine. The others are left in var/figures.json.
import { inspect } from 'node:util';
import type { Bench } from './bench.ts';
import { databases } from './databases.ts';
import type { Figure } from './figure.ts';
import { machine } from './machine.ts';
import { LONG, PARTS, type PartName } from './parts.ts';
import { printed } from './print.ts';
import { addMeasured, LOOKED_AT, writeMeasured } from './measured.ts';

const given = process.argv.slice(2);
const isQuick = given.includes('--quick');
const names = given.filter((word) => !word.startsWith('--'));
const known = Object.keys(PARTS) as PartName[];
const unknown = given.filter((word) => word !== '--quick' && !known.some((name) => name === word));
if (unknown.length > 0) {
  process.stderr.write(`there is no ${unknown.join(', ')}; parts: ${known.join(' ')}; --quick for a first look\n`);
  process.exit(2);
}

const filled = databases();
const bench: Bench = { isQuick, many: isQuick ? 15_000 : 100_000, database: filled.of };
const parts: Partial<Record<PartName, readonly Figure[]>> = {};
const from = await machine();
try {
  for (const name of known) {
    if (names.length === 0 ? LONG.includes(name) : !names.includes(name)) continue;
    const began = performance.now();
    try {
      const figures = (parts[name] = await PARTS[name](bench));
      process.stdout.write(`\n${printed(name, figures)}(${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
    } catch (error) {
      // The others are worth having without it.
      process.stderr.write(`\n${name} could not be measured: ${inspect(error)}\n`);
      process.exitCode = 1;
    }
  }
} finally {
  await filled.close();
}
if (isQuick) writeMeasured({ isQuick, machine: from, parts }, LOOKED_AT);
else addMeasured({ isQuick, machine: from, parts });
// What a part that failed has left open would keep the process.
process.exit();
