import Database from 'better-sqlite3';
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeDatabase, PROGRAM } from '../support/selfprovProcess.ts';
import { packageRoot } from '../../src/packageRoot.ts';

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

describe('The selfprov command', function () {
  this.timeout(30_000);
  let directory: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'selfprov-cli-'));
    await makeDatabase({ SELFPROV_DIR: directory });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}, input = ''): Promise<Ran> {
    const env = { PATH: process.env['PATH'], SELFPROV_DIR: directory, ...environment };
    const [command, ...before] = PROGRAM;
    return new Promise((resolve) => {
      const child = execFile(command, [...before, ...args], { env, cwd: packageRoot }, (failure, out, error) =>
        resolve({ status: failure === null ? 0 : Number(failure.code), out, error }),
      );
      child.stdin?.end(input);
    });
  }
  /** What it says to somebody at a terminal who answers its question so. */
  function atTerminal(args: readonly string[], answer: string): Promise<string> {
    const env = { PATH: process.env['PATH'], SELFPROV_DIR: directory };
    const command = [...PROGRAM, ...args].join(' ');
    return new Promise((resolve) => {
      const child = execFile('script', ['-qec', command, '/dev/null'], { env, cwd: packageRoot }, (_, out) =>
        resolve(out),
      );
      let said = '';
      let isAnswered = false;
      child.stdout?.on('data', (piece: string) => {
        said += piece;
        if (said.includes('to do so:') && !isAnswered) isAnswered = child.stdin?.write(`${answer}\n`) !== undefined;
      });
    });
  }
  const json = async (...args: readonly string[]): Promise<unknown> => JSON.parse((await run(['--json', ...args])).out);

  it('tells the journal from where whoever has signed in to the machine came', async () => {
    await run(['user', 'add', '1500', '--name', 'Ann'], { SSH_CONNECTION: '192.0.2.7 50022 192.0.2.1 22' });
    await run(['user', 'add', '1501', '--name', 'Bob'], { SSH_CONNECTION: 'nowhere' });
    expect((await run(['event', 'list'])).out).to.match(/user added +cli:\S+ \(192\.0\.2\.7\) +extension=1500/);
    expect(await json('event', 'list', '--limit', '1')).to.have.nested.property('[0].address', null);
  });

  it('adds a user and shows the PIN this once', async () => {
    const added = await run(['user', 'add', '1500', '--name', 'Ann Lee']);
    expect(added.status).to.equal(0);
    const pin = /PIN: +(\d{6})/.exec(added.out)?.[1] ?? 'none';
    for (const command of [
      ['user', 'show', '1500'],
      ['user', 'list'],
      ['event', 'list'],
    ]) {
      const shown = await run(command);
      expect(shown.status).to.equal(0);
      expect(shown.out).not.to.contain(pin);
    }
    expect(readFileSync(join(directory, 'selfprov.sqlite'), 'latin1')).not.to.contain(pin);
  });

  it('reads secrets from standard input: what stands in a command can be seen by all who are on the machine', async () => {
    const args = ['user', 'add', '1500', '--name', 'Ann', '--pin', '-', '--password', '-'];
    expect((await run(args, {}, '940273\n73190528\n')).out).to.contain('940273');
    expect(await run(['user', 'new-pin', '1500', '--pin', '-'], {}, '123456\n')).to.include({ status: 1 });
    const code = await run(['tenant', 'set', '--administrator-code', '-'], {}, '');
    expect(code.error).to.match(/nothing on standard input/);
  });

  it('prints JSON for machines', async () => {
    await run(['user', 'add', '1500', '--name', 'Ann Lee']);
    expect(await json('user', 'list')).to.have.deep.nested.property('[0].extension', '1500');
    expect(await json('device', 'list')).to.deep.equal([]);
    expect(await json('user', 'new-pin', '1500'))
      .to.have.property('pin')
      .that.matches(/^\d{6}$/);
  });

  it('says what to do about a mistake in one style, and ends with 1 for a refusal and with 2 for what is no command', async () => {
    const mistakes: readonly (readonly [number, readonly string[], RegExp])[] = [
      [1, ['user', 'show', '1999'], /^selfprov: there is no user with extension 1999/],
      [1, ['user', 'add', '15x0', '--name', 'Ann'], /1 to 20 digits/],
      [1, ['user', 'add', '1500', '--name', 'Ann', '--pin', '123456'], /too easy to guess/],
      [1, ['device', 'release', '001565aabb01'], /no device/],
      [2, ['user', 'add', '1500'], /^selfprov: required option '--name <name>' not specified\n\(add --help/],
      [2, ['device', 'show', 'rubbish'], /00:15:65:aa:bb:cc/],
      [
        2,
        ['event', 'list', '--limit', 'many'],
        /^selfprov: option '--limit <n>' argument 'many' is invalid.*whole number/,
      ],
      [2, ['usr'], /^selfprov: unknown command 'usr'\. Did you mean user\?\n/],
      [2, ['user', 'list', '--jsn'], /^selfprov: unknown option '--jsn'\. Did you mean --json\?\n/],
    ];
    for (const [status, args, words] of mistakes) {
      const ran = await run(args);
      expect(ran.status, args.join(' ')).to.equal(status);
      expect(ran.error, args.join(' '))
        .to.match(words)
        .and.not.to.match(/\n {4}at /);
    }
  });

  it('tells programs of every failure by one JSON object on standard error', async () => {
    const failures: readonly (readonly [readonly string[], object, Readonly<Record<string, string>>?])[] = [
      [['user', 'show', '1999'], { code: 'not_found', message: 'there is no user with extension 1999' }],
      [['user'], { code: 'usage' }],
      [['user', 'list'], { code: 'invalid' }, { SELFPROV_PORT: 'many' }],
    ];
    for (const [args, told, environment] of failures) {
      const { out, error, status } = await run(['--json', ...args], environment);
      const parsed = JSON.parse(error) as { readonly error: object };
      expect(parsed.error, args.join(' ')).to.include(told);
      expect({ out, status }, args.join(' ')).to.deep.equal({ out: '', status: args.length === 1 ? 2 : 1 });
    }
  });

  it('names its version', async () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
    expect(await run(['--version'])).to.deep.equal({ status: 0, out: `${version}\n`, error: '' });
    expect(await json('--version')).to.deep.equal({ version });
  });

  it('asks before it takes something away, where somebody is there to answer', async () => {
    await run(['user', 'add', '1500', '--name', 'Ann Lee']);
    const no = await atTerminal(['user', 'remove', '1500'], 'no');
    expect(no).to.contain('Type yes to do so:').and.to.contain('nothing is changed');
    expect(await atTerminal(['user', 'remove', '1500'], 'yes')).to.contain('Extension 1500 is removed.');
    expect(await json('user', 'list')).to.deep.equal([]);
  });

  it('makes no database where it is looked for in the wrong place, and says where it was', async () => {
    const elsewhere = join(directory, 'elsewhere');
    const refused = await run(['user', 'add', '1500', '--name', 'Ann Lee'], { SELFPROV_DIR: elsewhere });
    expect(refused.status).to.equal(1);
    expect(refused.error)
      .to.contain(join(elsewhere, 'selfprov.sqlite'))
      .and.to.contain('there is no database of selfprov yet')
      .and.to.contain('SELFPROV_CONFIG');
    expect(existsSync(elsewhere)).to.equal(false);
  });

  it('makes no new site key for a database that has lost its own', async () => {
    await run(['user', 'add', '1500', '--name', 'Ann Lee']);
    const key = join(directory, 'site.key');
    rmSync(key);
    const refused = await run(['user', 'list']);
    expect(refused.status).to.equal(1);
    expect(refused.error).to.contain(key).and.to.contain('backup');
    expect(existsSync(key)).to.equal(false);
  });

  it('says so when another program keeps the database locked, and has changed nothing', async () => {
    await run(['user', 'list']);
    const other = new Database(join(directory, 'selfprov.sqlite'));
    other.exec('BEGIN EXCLUSIVE');
    const refused = await run(['user', 'add', '1500', '--name', 'Ann Lee']);
    other.exec('ROLLBACK');
    other.close();
    expect(refused.status).to.equal(1);
    expect(refused.error)
      .to.match(/locked/)
      .and.not.to.match(/\n {4}at /);
    expect(await json('user', 'list')).to.deep.equal([]);
  });

  it('names every mistake of the environment at once', async () => {
    const ran = await run(['user', 'list'], { SELFPROV_PORT: 'http', SELFPROV_SIP_PORT: '99999', SELFPROV_PROT: '1' });
    expect(ran.status).to.equal(1);
    expect(ran.error)
      .to.contain('SELFPROV_PORT:')
      .and.to.contain('SELFPROV_SIP_PORT:')
      .and.to.contain('SELFPROV_PROT: there is no such setting. Did you mean SELFPROV_PORT?')
      .and.to.contain('SELFPROV_PORT: a whole number from 1 to 65535, not "http"')
      .and.to.contain('SELFPROV_SIP_PORT: a whole number from 1 to 65535')
      .and.not.match(/expected|received|invalid input/i);
  });

  it('takes two ports for sound in their order, and shows what is there instead, but no password', async () => {
    const told = { SELFPROV_RTP_PORTS: '20000-10000', SELFPROV_DATABASE_URL: 'mysql://selfprov:sesame@db/phones' };
    const { error } = await run(['user', 'list'], told);
    expect(error)
      .to.contain(
        'SELFPROV_RTP_PORTS: two ports from 1 to 65535, the lower one first, like 10000-10200, not "20000-10000"',
      )
      .and.not.contain('sesame');
  });

  it('ends without a word when nobody reads what it prints', async () => {
    const [program, ...before] = PROGRAM;
    const piped = ['-c', '{ "$@"; echo "status $?" >&2; } | true', 'sh', program, ...before, 'families'];
    const env = { PATH: process.env['PATH'], SELFPROV_DIR: directory };
    const { stderr } = await promisify(execFile)('sh', piped, { env, cwd: packageRoot });
    expect(stderr).to.equal('status 0\n');
  });

  it('has help for every command', async () => {
    for (const command of [
      [],
      ['user'],
      ['user', 'add'],
      ['device'],
      ['event'],
      ['tenant'],
      ['sounds', 'check'],
      ['asterisk-files'],
    ]) {
      const ran = await run([...command, '--help']);
      expect(ran.status).to.equal(0);
      expect(ran.out).to.match(/^Usage: selfprov/);
    }
  });

  it('writes the files of an existing Asterisk with passwords that only their owner and group can read', async () => {
    const target = join(directory, 'snippets');
    const ran = await run(['asterisk-files', target]);
    expect(ran).to.include({ status: 0, error: '' });
    for (const file of [
      'extensions.conf',
      'pjsip.conf',
      'sorcery.conf',
      'extconfig.conf',
      'manager.conf',
      'ari.conf',
    ]) {
      expect(ran.out).to.contain(`#include "${join(target, file)}"`);
      expect(statSync(join(target, file)).mode & 0o007).to.equal(0);
    }
    const again = await run(['asterisk-files', target]);
    expect(again.out).to.equal(ran.out);
    const environment = readFileSync(join(target, 'selfprov.env'), 'utf8');
    const password = /^SELFPROV_ARI_PASSWORD=(\w{12,})$/m.exec(environment)?.[1] ?? 'none';
    expect(readFileSync(join(target, 'ari.conf'), 'utf8')).to.contain(password);
    expect(ran.out).not.to.contain(password);
  });

  it('says where emergency calls go, keeps the places for all commands, and what comes too late', async () => {
    const target = join(directory, 'snippets');
    const place = { SELFPROV_DIR: join(directory, 'first'), SELFPROV_USERS_CONTEXT: 'internal' };
    const write = (environment: Readonly<Record<string, string>>): Promise<Ran> =>
      run(['asterisk-files', target], { ...place, ...environment });
    const first = await write({ SELFPROV_EMERGENCY_NUMBERS: '999', SELFPROV_EMERGENCY_CONTEXT: 'from-internal' });
    expect(first.out).to.contain('context from-internal').and.to.contain('tenant default: 999');
    expect(readFileSync(join(target, 'selfprov.env'), 'utf8'))
      .to.contain(`SELFPROV_DIR=${place.SELFPROV_DIR}\n`)
      .and.to.contain('SELFPROV_EMERGENCY_CONTEXT=from-internal\n');
    const later = await write({ SELFPROV_EMERGENCY_NUMBERS: '112,911', SELFPROV_EXTENSION: '*55' });
    expect(later.out)
      .to.contain('SELFPROV_EMERGENCY_NUMBERS=112,911 counts at the first start only, and 999 holds')
      .and.to.contain('tenant set --emergency 112,911')
      .and.not.to.contain('SELFPROV_EXTENSION');
  });
});
