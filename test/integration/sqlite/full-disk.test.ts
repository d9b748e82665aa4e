import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { backUp } from '../../../src/backUp.ts';
import { describeFailure } from '../../../src/cli/failure.ts';
import { readConfig } from '../../../src/config.ts';
import { unreadableFindings } from '../../../src/doctorHere.ts';
import { lookAtDatabase } from '../../../src/store/look.ts';
import { holdFolder } from '../../../src/store/sqlite/holdFolder.ts';
import { openTestCoreOn } from '../../support/core.ts';

/** A disk of its own in memory: only root may have one. */
describe('On a full disk', function () {
  this.timeout(30_000);
  let disk: string;

  before(function () {
    disk = mkdtempSync(join(tmpdir(), 'selfprov-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
  });
  after(() => {
    try {
      execFileSync('umount', [disk], { stdio: 'ignore' });
    } catch {
      // Nothing was mounted.
    }
    rmSync(disk, { recursive: true });
  });

  function fill(): void {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filled'), Buffer.alloc(bavail * bsize));
  }
  const saidBy = async (work: () => unknown): Promise<string> => {
    try {
      await work();
      return '';
    } catch (error) {
      return describeFailure(error);
    }
  };

  it('a start is refused in one line that says what to do, a backup names the file that it could not write, and doctor sees it', async () => {
    const core = await openTestCoreOn(undefined);
    const copy = join(disk, 'data');
    try {
      await core.leave();
      execFileSync('cp', ['-r', core.directory, copy]);
      fill();
      const started = join(disk, 'other');
      mkdirSync(started);
      expect(await saidBy(() => holdFolder(started))).to.match(
        /^cannot use \S+selfprov\.lock: .*: free some space[^\n]*$/,
      );
      const target = join(disk, 'backup.tar');
      expect(
        await saidBy(() => backUp(readConfig(core.environment), { file: target, withKey: true, force: false })),
      ).to.match(new RegExp(`^cannot write ${target}: the disk of ${disk} is full`));
      const config = readConfig({ ...core.environment, SELFPROV_DIR: copy });
      const found = await lookAtDatabase(config.database).then(
        () => [],
        (error: unknown) => unreadableFindings(config, error),
      );
      expect(found.map(({ todo }) => todo)).to.deep.equal([`free some space on the disk of ${copy} first: it is full`]);
    } finally {
      rmSync(core.directory, { recursive: true, force: true });
    }
  });
});
