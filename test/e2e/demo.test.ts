import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { packageRoot } from '../../src/packageRoot.ts';
import { promptsIn } from '../../scripts/demo/hear.ts';
import { waitFor } from '../support/wait.ts';

/** With the program as it has been built: `npm run build`. */
describe('npm run demo', function () {
  this.timeout(180_000);
  let folder: string;
  let results: string;
  let demo: ChildProcess;
  let output: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selfprov-test-demo-'));
    results = join(folder, 'results');
  });
  afterEach(async () => {
    if (demo.exitCode === null) demo.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  function start(path = process.env['PATH'] ?? ''): void {
    output = '';
    demo = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo/demo.ts', results], {
      // What it leaves when it fails is gone with the folder of the test.
      env: { ...process.env, PATH: path, TMPDIR: folder },
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [demo.stdout, demo.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()));
  }
  const end = async (): Promise<number | null> => {
    if (demo.exitCode === null) await once(demo, 'close');
    return demo.exitCode;
  };

  /** Whatever has been started has the demo's own folder among its arguments or settings. */
  async function leftRunning(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
      const facts = ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => ''));
      const [command = '', ...more] = await Promise.all(facts);
      if ([command, ...more].some((text) => text.includes(folder))) left.push(command.replaceAll('\0', ' '));
    }
    return left;
  }

  it('tells the whole story, and leaves what the caller heard and a picture of it', async () => {
    start();
    expect(await end(), output).to.equal(0);

    const english = join(packageRoot, 'sounds/en');
    const heard = promptsIn(join(results, 'heard.wav'), english).map(({ prompt }) => prompt);
    expect(heard).to.deep.equal([
      ...['welcome', 'enter-extension', 'enter-pin', 'extension-is', 'digit-1', 'digit-5', 'digit-0', 'digit-0'],
      ...['confirm', 'phone-will-restart'],
    ]);
    const release = promptsIn(join(results, 'heard-release.wav'), english).map(({ prompt }) => prompt);
    expect(release).to.deep.equal(['release-welcome', 'enter-pin', 'release-confirm', 'phone-released']);

    const svg = await readFile(join(results, 'timeline.svg'), 'utf8');
    expect(XMLValidator.validate(svg)).to.equal(true);
    const { svg: drawn } = new XMLParser({ ignoreAttributes: false }).parse(svg) as {
      svg: { g: { '@_data-step': string }[] };
    };
    const steps = ['boot', 'setup', 'second-boot', 'second-setup', 'call', 'release'];
    expect([...new Set(drawn.g.map((row) => row['@_data-step']))]).to.deep.equal(steps);
    const words = [
      /GET \//,
      /REGISTER/,
      /INVITE \*55/,
      /“Welcome/,
      /keys 1500#/,
      /bound to 1500/,
      /NOTIFY/,
      /\d Hz/,
      /given back/,
    ];
    for (const word of words) expect(svg).to.match(word);

    const text = await readFile(join(results, 'demo.txt'), 'utf8');
    expect(text).to.match(/yealink .* snom /s);
    expect(text).to.match(/“Please enter your PIN, then press pound\.”\n.* keys +•+#\n/);
    expect(text).to.match(/Ann Lee hears the \d+ Hz that Bob Ray sends: (?:9\d|100) %/);
    expect(await leftRunning()).to.deep.equal([]);
  });

  it('ends at Ctrl-C, and leaves nothing behind', async () => {
    start();
    await waitFor(() => output.includes('calls *55'), { what: () => `a call:\n${output}`, limit: 60_000 });
    demo.kill('SIGINT');
    expect(await end()).to.equal(130);
    expect(output.trim().split('\n').at(-1)).to.equal('demo: stopped in the step "setup"; nothing is left running');
    expect(await leftRunning()).to.deep.equal([]);
    expect((await readdir(folder)).filter((name) => name.startsWith('selfprov-'))).to.deep.equal([]);
  });

  it('says in which step it failed, what to type, and where the logs are', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    for (const name of ['node', 'setpriv', 'env', 'sh', 'readlink', 'tr'])
      await symlink(programOf(name), join(bin, name));
    start(bin);
    expect(await end()).to.equal(1);
    const [why, where = ''] = output.trim().split('\n').slice(-2);
    expect(why).to.equal(
      'demo: there is no baresip here, which registers and calls: sudo apt-get install baresip-core',
    );
    const [, step, logs = ''] = /^demo: that was in the step "([\w-]+)"; logs are in (\S+): /.exec(where) ?? [];
    expect(step).to.equal('boot');
    for (const log of ['output.log', 'selfprov/selfprov.log', 'selfprov/asterisk/log'])
      expect(existsSync(join(logs, log)), log).to.equal(true);
    expect(await leftRunning()).to.deep.equal([]);
  });
});

function programOf(name: string): string {
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((each) => existsSync(join(each, name)));
  if (folder === undefined) throw new Error(`there is no ${name} here`);
  return join(folder, name);
}
