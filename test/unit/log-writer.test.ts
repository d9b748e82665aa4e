import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openLog, type OwnLog } from '../../src/logFiles.ts';

describe('A log that cannot be written', () => {
  let folder: string;
  let file: string;
  let own: OwnLog | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'selfprov-log-'));
    file = join(folder, 'logs/selfprov.log');
  });
  afterEach(async () => {
    await own?.close();
    rmSync(folder, { recursive: true });
  });
  const opened = (): OwnLog => (own = openLog('info', file));
  const messages = (from = file): readonly string[] =>
    readFileSync(from, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);

  it('for its disk is full loses lines, and tells how many as soon as there is room', () => {
    file = join(folder, 'selfprov.log');
    symlinkSync('/dev/full', file);
    const { log, reopen, trouble } = opened();
    expect(trouble()).to.equal(undefined);
    for (const word of ['one', 'two', 'three']) log.info(word);
    expect(trouble()).to.match(/^3 lines of the log could not be written.*ENOSPC/);
    rmSync(file);
    reopen();
    log.info('four');
    expect(messages()).to.deep.equal(['lines of this log could not be written and are lost', 'four']);
    expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '')).to.include({ level: 'warn', lost: 3 });
    expect(trouble()).to.equal(undefined);
  });

  it('for its folder is away goes on in the file that was moved, and in its own as soon as the folder is back', () => {
    const { log, reopen, trouble } = opened();
    log.info('one');
    renameSync(join(folder, 'logs'), join(folder, 'gone'));
    reopen();
    log.info('two');
    expect(trouble()).to.match(/moved away.*ENOENT/);
    const moved = join(folder, 'gone/selfprov.log');
    expect(messages(moved)).to.deep.equal([
      'one',
      'the log cannot be opened again: it goes on in the file of before',
      'two',
    ]);
    renameSync(moved, `${moved}.1`);
    renameSync(join(folder, 'gone'), join(folder, 'logs'));
    log.info('three');
    expect(messages()).to.deep.equal(['three']);
    expect(trouble()).to.equal(undefined);
  });
});
