import { expect } from 'chai';
import { Command } from 'commander';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { dhcpCommand } from '../../src/cli/dhcp.ts';
import { familiesCommand } from '../../src/cli/families.ts';
import { identifyCommand } from '../../src/cli/identify.ts';
import { renderCommand } from '../../src/cli/render.ts';
import { commandRunner } from '../../src/cli/run.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { addUser, changeUser } from '../../src/administration/users.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { server } from '../support/phoneFacts.ts';
import { refusalOf } from '../support/refusal.ts';

/** Two makers, Acme and Bolt. */
const families = loadFamilies([join(packageRoot, 'test/fixtures/families')]);
const noMac = { family: 'acme', mac: null };

describe('selfprov identify', () => {
  /** Runs it over these pieces of input; resolves with what came out, and with why it failed. */
  async function identify(input: Readable | readonly (string | Buffer)[], ...args: readonly string[]) {
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const streams = { input: input instanceof Readable ? input : Readable.from(input), output, errors };
    const program = new Command().exitOverride();
    identifyCommand(program, () => families, streams);
    const done = program.parseAsync(['identify', ...args], { from: 'user' }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const [out, said, failure] = await Promise.all([
      text(output),
      text(errors),
      done.finally(() => {
        output.end();
        errors.end();
      }),
    ]);
    return { answers: out.split('\n').slice(0, -1), said, failure };
  }
  const parsed = (answers: readonly string[]): unknown => answers.map((line) => JSON.parse(line) as unknown);

  it('answers every line with what it tells, and null for the rest', async () => {
    const { answers, said, failure } = await identify([
      '{"user_agent": "Acme A500_X 1.2.3 00:A1:B2:00:00:01", "path": null}\n',
      '{"path": "/bolt/00c0de000001.cfg", "method": "GET", "transport": "http", "id": 7}\n\n',
      '{"dhcp_vendor_class": "acme-A500", "transport": "dhcp"}\n{}\n',
    ]);
    expect(failure).to.equal(undefined);
    expect(said).to.equal('');
    expect(parsed(answers)).to.deep.equal([
      { vendor: 'acme', family: 'acme', model: 'A500-X', version: '1.2.3', mac: '00:a1:b2:00:00:01' },
      { vendor: 'bolt', family: 'bolt', model: null, version: null, mac: '00:c0:de:00:00:01' },
      { vendor: 'acme', model: 'A500', version: null, ...noMac },
      { vendor: null, family: null, model: null, version: null, mac: null },
    ]);
  });

  it('tells of a line that it cannot read by its number, goes on, and fails at the end', async () => {
    const { answers, said, failure } = await identify([
      'rubbish\n{"user_agent":"Acme A1 1.0"}\n{"user_agent":5}\n[]\n{"transport":"post"}\n{"path":"/x/init.cfg"}',
    ]);
    expect(answers).to.have.length(2);
    expect(said.split('\n').map((line) => line.split(':', 2).join(':'))).to.deep.equal([
      'line 1: not JSON',
      'line 3: user_agent',
      'line 4: an object',
      'line 5: transport',
      '',
    ]);
    expect(failure).to.include({ code: 'invalid' });
  });

  it('reads characters and lines that come in pieces', async () => {
    const bytes = Buffer.from('{"user_agent":"Acme Ä1 1.0"}\n{"user_agent":"Acme Ö1 2.0"}');
    const { answers } = await identify([...bytes].map((byte) => Buffer.from([byte])));
    expect(parsed(answers)).to.deep.equal([
      { vendor: 'acme', model: 'Ä1', version: '1.0', ...noMac },
      { vendor: 'acme', model: 'Ö1', version: '2.0', ...noMac },
    ]);
  });

  it('reads no more than is taken from it', async () => {
    let given = 0;
    const line = '{"user_agent":"Acme A1 1.0"}\n'.repeat(100);
    function* endless(): Generator<string> {
      for (; given < 10_000; given++) yield line;
    }
    let released = (): void => undefined;
    const output = new Writable({
      highWaterMark: 1024,
      write: (_chunk, _encoding, callback) => {
        released = callback;
      },
    });
    const program = new Command().exitOverride();
    const input = Readable.from(endless());
    identifyCommand(program, () => families, { input, output, errors: new PassThrough() });
    const done = refusalOf(program.parseAsync(['identify'], { from: 'user' })).catch((error: unknown) => error);
    for (let i = 0; i < 200; i++) await turn();
    const before = given;
    expect(before).to.be.within(1, 100);
    released();
    for (let i = 0; i < 200; i++) await turn();
    expect(given).to.be.within(before, before + 100);
    output.destroy();
    await done;
  });

  it('ends quietly when nobody reads on', async () => {
    const output = new Writable({
      write: (_chunk, _encoding, callback) => callback(Object.assign(new Error('closed'), { code: 'EPIPE' })),
    });
    const program = new Command().exitOverride();
    const input = Readable.from(['{"path":"/a"}\n']);
    identifyCommand(program, () => families, { input, output, errors: new PassThrough() });
    await program.parseAsync(['identify'], { from: 'user' });
    expect(output.destroyed).to.equal(true);
  });

  it('takes a single request from its options', async () => {
    const { answers } = await identify([], '--user-agent', 'Acme A500 2.0', '--path', '/00a1b2000001.cfg');
    expect(parsed(answers)).to.deep.equal([
      { vendor: 'acme', family: 'acme', model: 'A500', version: '2.0', mac: '00:a1:b2:00:00:01' },
    ]);
    expect(parsed((await identify([], '--path', '/x/init.cfg')).answers)).to.deep.equal([
      { vendor: 'bolt', family: 'bolt', model: 'B7', version: null, mac: null },
    ]);
  });
});

describe('The selfprov command over the families', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
  });
  afterEach(() => core.close());

  let warned: string[];

  async function run(...args: readonly string[]): Promise<string> {
    const printed: string[] = [];
    warned = [];
    const print = (line: string): unknown => printed.push(line);
    const program = new Command()
      .option('--json')
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    // The command closes what it opened; the test closes its own.
    const open = () => Promise.resolve({ ...core, close: () => Promise.resolve() });
    familiesCommand(program, () => families, print);
    const running = commandRunner(open, print);
    dhcpCommand(program, running, { families: () => families, openUrl: () => server.openUrl });
    renderCommand(program, running, {
      families: () => families,
      server: () => server,
      warn: (text) => warned.push(text),
    });
    await program.parseAsync(args, { from: 'user' });
    return printed.join('\n');
  }

  it('lists families with their models and abilities', async () => {
    expect(await run('families')).to.match(/^acme +Acme phones +A100, A500, A6xx$/m);
    const listed = JSON.parse(await run('--json', 'families')) as readonly Readonly<Record<string, unknown>>[];
    expect(listed.map(({ family, served }) => [family, served])).to.deep.equal([
      ['acme', true],
      ['bolt', true],
    ]);
    expect(listed[0]?.['models']).to.deep.include({ name: 'A6xx', lines: 6, keys: 4 });
  });

  it('shows the file of a phone of nobody and of a user, without a secret', async () => {
    expect(await run('render', '--family', 'acme', '--model', 'A100')).to.equal(
      'line1 = Dial *55 to set up\ncodec1 of line1 = PCMA\ncodec2 of line1 = PCMU',
    );
    expect(await run('render', '--family', 'acme', '--model', 'A601', '--user', '1500')).to.match(/^line1 = Ann Lee\n/);
    const shown = await run('--json', 'render', '--family', 'acme', '--user', '1500');
    expect(JSON.parse(shown)).to.include({ family: 'acme', file: '{mac}.cfg', mac: '00:a1:b2:aa:bb:cc' });
  });

  it('names the keys that the phone has no place for, beside the file', async () => {
    const user = orNotFound(await core.store.userByExtension('default', '1500'), 'user');
    const numbers = ['1001', '1002', '1003', '1004'].map((number) => `speed_dial:${number}:`).join(';');
    await changeUser(core, user, { texts: { keys: `${numbers};blf:1501:Bo` } });
    const file = await run('render', '--family', 'acme', '--model', 'A100', '--user', '1500');
    expect(file).not.to.contain('1004');
    expect(warned).to.deep.equal(['speed_dial 1004: no key is left', 'blf 1501 “Bo”: this family has no such key']);
  });

  it('shows any file, by the name that the phone asks for or its name in the family', async () => {
    const zone = 'zone = Europe/Berlin';
    expect(await run('render', '--family', 'acme', '--file', 'start{code}.cfg')).to.equal(zone);
    expect(await run('render', '--family', 'acme', '--file', 'start010.cfg')).to.equal(zone);
    expect(
      await run('render', '--family', 'bolt', '--file', '00c0de000001.cfg', '--mac', '00:c0:de:00:00:01'),
    ).to.equal('<mac>00c0de000001</mac>');
  });

  it('says what there is when it is asked for something else', async () => {
    const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
      [['--family', 'acne'], /no family acne .*: acme, bolt/],
      [['--family', 'acme', '--model', 'B7'], /no model B7; there are: A100, A500, A6xx/],
      [['--family', 'acme', '--file', 'boot.cfg'], /no file boot\.cfg; there are: start\{code\}\.cfg, \{mac\}\.cfg/],
      [['--family', 'acme', '--user', '1999'], /no user with extension 1999; there are: 1500/],
    ];
    for (const [args, words] of mistakes) {
      const refusal = await refusalOf(run('render', ...args));
      expect(refusal.code, args.join(' ')).to.equal('not_found');
      expect(refusal.message).to.match(words);
    }
  });

  it('prints what a DHCP server needs', async () => {
    expect(await run('dhcp', 'dnsmasq')).to.match(/^# Phones, for dnsmasq/);
    expect(JSON.parse(await run('--json', 'dhcp', 'kea'))).to.have.property('server', 'kea');
    expect((await refusalOf(run('dhcp', 'kea', '--family', 'acne'))).message).to.contain('there is no family acne');
  });
});

describe('A preview of a shipped file', () => {
  it('has a mask wherever a secret would stand', async () => {
    const core = await openTestCore();
    try {
      const shipped = loadFamilies([join(packageRoot, 'templates')]);
      const printed: string[] = [];
      const program = new Command().exitOverride();
      const open = () => Promise.resolve({ ...core, close: () => Promise.resolve() });
      const run = commandRunner(open, (line) => printed.push(line));
      renderCommand(program, run, {
        families: () => shipped,
        server: () => server,
        warn: () => undefined,
      });
      await program.parseAsync(['render', '--family', 'yealink', '--model', 'T46S'], { from: 'user' });
      expect(printed.join('\n')).to.contain('account.1.password = ********\n').and.to.contain('/p/********/');
    } finally {
      await core.close();
    }
  });
});
