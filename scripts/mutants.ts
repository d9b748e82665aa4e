// Takes one repair out after the other and shows what the explorer finds: `npx tsx scripts/mutants.ts`. Works on a copy.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/packageRoot.ts';
import { MUTANTS, type Mutant } from '../test/model/mutants.ts';

const COPIED = [
  'src',
  'test',
  'migrations',
  'sounds',
  'templates',
  'vendor',
  'package.json',
  'tsconfig.json',
  '.mocharc.json',
];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let survivors = 0;
for (const mutant of MUTANTS) {
  const found = tryOut(mutant);
  if (found === undefined) survivors += 1;
  say(`${found === undefined ? 'NOT FOUND' : 'found'}  ${mutant.what}\n           ${found ?? 'in all stories'}`);
}
process.exitCode = survivors;

/** What was found, and in which story; `undefined` when nothing was. */
function tryOut({ changes }: Mutant): string | undefined {
  const copy = mkdtempSync(join(tmpdir(), 'selfprov-mutant-'));
  try {
    for (const name of COPIED) cpSync(join(packageRoot, name), join(copy, name), { recursive: true });
    symlinkSync(join(packageRoot, 'node_modules'), join(copy, 'node_modules'));
    for (const { file, from, to } of changes) {
      const text = readFileSync(join(copy, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
      writeFileSync(
        join(copy, file),
        text.replace(from, () => to),
      );
    }
    const mocha = join(packageRoot, 'node_modules/mocha/bin/mocha.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [mocha, 'test/model/interleavings.test.ts'], {
      cwd: copy,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status === 0) return undefined;
    const found = /seed \d+: .*/.exec(stdout)?.[0];
    if (found === undefined) throw new Error(`the explorer has not run: ${(stdout + stderr).slice(-500)}`);
    return found;
  } finally {
    rmSync(copy, { recursive: true });
  }
}
