import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';

describe('The npm packages', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selfprov-packages-'));
    await mkdir(join(folder, 'node_modules'));
    for (const name of ['package-lock.json', 'node_modules/.package-lock.json'])
      await cp(join(packageRoot, name), join(folder, name));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const areThere = (): Promise<boolean> =>
    new Promise((resolve) => {
      const script = join(packageRoot, 'scripts/hasPackages.js');
      execFile(process.execPath, [script], { cwd: folder }, (error) => resolve(error === null));
    });

  it('are not fetched again where npm has put them, whoever called it', async () => {
    expect(await areThere()).to.equal(true);
  });

  it('are fetched where one is missing or another one is wanted', async () => {
    const lock = join(folder, 'package-lock.json');
    const text = await readFile(lock, 'utf8');
    await writeFile(lock, text.replace(/("node_modules\/knex": \{\s*"version": )"[^"]+"/, '$1"99.0.0"'));
    expect(await areThere()).to.equal(false);
    await writeFile(lock, text);
    await rm(join(folder, 'node_modules'), { recursive: true });
    expect(await areThere()).to.equal(false);
  });
});
