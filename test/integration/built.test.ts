import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { readPdf, wordsOf } from '../support/pdfText.ts';

const run = promisify(execFile);

describe('The command as it is built', function () {
  this.timeout(60_000);
  let directory: string;
  let command: string;
  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    PATH: process.env['PATH'] ?? '',
    SELFPROV_DIR: directory,
    SELFPROV_HOST: '127.0.0.1',
    SELFPROV_USERS_CONTEXT: 'internal',
    SELFPROV_EMERGENCY_NUMBERS: '112',
    SELFPROV_EMERGENCY_CONTEXT: 'emergency',
    ...more,
  });
  const selfprov = async (...args: readonly string[]): Promise<string> =>
    (await run(command, args, { env: environment() })).stdout;

  before(async () => {
    await run(process.execPath, [join(packageRoot, 'scripts/build.js')]);
    directory = mkdtempSync(join(tmpdir(), 'selfprov-test-'));
    // As npm links the commands of a package.
    command = join(directory, 'selfprov');
    symlinkSync(join(packageRoot, 'bin/selfprov'), command);
  });
  after(() => rmSync(directory, { recursive: true }));

  it('does what it does from its source: users, families, letters, files for Asterisk', async () => {
    await selfprov('asterisk-files', join(directory, 'asterisk'));
    expect(existsSync(join(directory, 'asterisk/selfprov.env'))).to.equal(true);
    await selfprov('user', 'add', '1500', '--name', 'Ann Lee', '--pin', '940273');
    expect(await selfprov('user', 'list')).to.match(/1500 +Ann Lee/);
    expect(await selfprov('families')).to.contain('yealink');
    expect(await selfprov('dhcp', 'dnsmasq')).to.contain('dhcp-option');
    const letter = join(directory, 'ann.pdf');
    await selfprov('user', 'letter', '1500', '--out', letter);
    expect(wordsOf(readPdf(readFileSync(letter))[0] ?? [])).to.contain('Ann Lee');
    writeFileSync(join(directory, 'users.csv'), 'extension,name\n1501,Bob\n');
    expect(await selfprov('user', 'import', join(directory, 'users.csv'))).to.contain('1501');
  });

  it('carries the licence of each package that was put into it', () => {
    const licences = readFileSync(join(packageRoot, 'dist/LICENSES'), 'utf8');
    for (const name of ['commander', 'knex', 'lodash', 'mustache', 'tarn', 'yaml', 'zod'])
      expect(licences).to.match(new RegExp(`^${name} \\d[^]*?Permission`, 'm'));
  });

  it('keeps its memory small where it serves, and NODE_OPTIONS has the last word', async () => {
    const node = join(directory, 'node');
    writeFileSync(node, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    const given = async (args: readonly string[], options = ''): Promise<string> => {
      const env = environment({ PATH: `${directory}:${process.env['PATH'] ?? ''}`, NODE_OPTIONS: options });
      return (await run(command, args, { env })).stdout;
    };
    expect(await given(['serve'])).to.match(/^--max-semi-space-size=\d+ --max-old-space-size=\d+ \S*main\.js serve\n$/);
    expect(await given(['start'], '--max_old_space_size=512')).to.match(
      /^--max-semi-space-size=\d+ \S*main\.js start\n$/,
    );
    expect(await given(['user', 'list'])).to.match(/^\S*main\.js user list\n$/);
    rmSync(node);
  });
});
